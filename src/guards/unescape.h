// Escapes that hide characters from a reader of bytes: JSON and C (`\u0040`, `\x40`, `\/`), percent-encoding (`%40`),
// HTML
// (`&#64;`, `&#x40;`, `&commat;`). A text with such escapes is inspected as it stands and once more unescaped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::guards {

// The first `\`, `%` or `&` at or after `from`; the end of the text when there is none.
[[nodiscard]] std::size_t find_escape_mark(std::string_view text, std::size_t from);
// Whether an escape begins at `at`, a `\`, `%` or `&`.
[[nodiscard]] bool is_escape(std::string_view text, std::size_t at);

struct Unescaped {
  struct Shift {
    std::size_t begin = 0;     // in `text`
    std::size_t original = 0;  // the same place in what it was made from
  };
  std::string text;
  std::vector<Shift> shifts;  // after each escape, ascending

  // The place in the escaped text that `at` came from.
  [[nodiscard]] std::size_t original(std::size_t at) const;
};

// One level of escapes undone. Escapes that are wrong stay as they are.
[[nodiscard]] Unescaped unescape(std::string_view text);

// The same of what stands around escapes, as far as guards look: `before` bytes on one side and `after` on the other,
// and on to the next white space. The pieces are parted by field marks. Everything else has been read as it stands.
[[nodiscard]] Unescaped unescape_around(std::string_view text, std::size_t before, std::size_t after);

}  // namespace weir::guards
