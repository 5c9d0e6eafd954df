// TextFeatures: what an estimate is made from. Words, pairs of words and the beginnings and ends of words, hashed; and
// the shape of the text: lengths, numbers, signs of maths and code, questions, choices. Of a long text only the
// beginning and the end are read, so that the time has a bound. The same on every platform: bytes alone count, no
// locale. Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace weir::routing {

inline constexpr std::size_t shape_count = 96;  // entries of TextFeatures::shape; see text_features.cpp for their order
inline constexpr std::size_t most_read_bytes = 4096;  // of a text

struct Term {
  uint32_t hash = 0;
  float weight = 0;  // 1 + ln(how often)
  bool operator==(const Term&) const = default;
};

struct TextFeatures {
  std::vector<Term> terms;  // by hash, each once
  std::array<float, shape_count> shape{};
};

[[nodiscard]] TextFeatures text_features(std::string_view text);

}  // namespace weir::routing
