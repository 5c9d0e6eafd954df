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

// Whether a line may end at `at`, perhaps behind a little punctuation and space: for the many places where none does.
[[nodiscard]] inline bool may_break_line(std::string_view text, std::size_t at) {
  for (int i = 0; i < 3 && at < text.size() && (text[at] == '-' || text[at] == ')' || text[at] == '/'); ++i) ++at;
  for (int i = 0; i < 3 && at < text.size() && (text[at] == ' ' || text[at] == '\t'); ++i) ++at;
  return at < text.size() && (text[at] == '\n' || text[at] == '\r' || text[at] == '\\');
}

// The break behind a number that ends at `at` when the next line goes on with digits. Not in lists and tables, where
// many lines do so.
[[nodiscard]] std::optional<LineBreak> line_break_after(std::string_view text, std::size_t at);

}  // namespace weir::guards
