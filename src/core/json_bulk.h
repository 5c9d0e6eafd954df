// Bulk: what can be known of a large JSON text at the cost of one pass, before memory is spent on parsing it. A parsed
// number takes 24 bytes, and in `1,1,1` it is written in two: so of each long list of numbers one is parsed in place of
// all, and values of other kinds are counted. Pure functions; inside `core` only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace weir::json {

struct Bulk {
  struct Cut {
    std::size_t begin = 0;  // of a long list of numbers
    std::size_t end = 0;
    std::size_t example_begin = 0;  // of the one that stands for it
    std::size_t example_end = 0;
  };
  std::vector<Cut> cuts;
  std::size_t left_out = 0;  // numbers, over all cuts
  std::size_t values = 0;    // at least as many values as a parse makes, cuts counted as one each
};

// `text` may be anything. It is valid JSON exactly if lean_text() of it is.
[[nodiscard]] Bulk survey_bulk(std::string_view text);
// `text` with one number in place of each cut.
[[nodiscard]] std::string lean_text(std::string_view text, const Bulk& bulk);

}  // namespace weir::json
