// Numbers that a line break parts: wrapped text, quoted mail (`> `), comments (`# `, `// `, ` * `). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace weir::guards {

struct LineBreak {
  std::size_t begin = 0;  // [begin, end) is left out when the lines are joined
  std::size_t end = 0;
};

// The break behind a number that ends at `at` when the next line goes on with digits. Not in lists and tables, where
// many lines do so.
[[nodiscard]] std::optional<LineBreak> line_break_after(std::string_view text, std::size_t at);

}  // namespace weir::guards
