// Shown text: text as a terminal or a page may show it, and how many columns it takes there. What comes from outside (a
// model's name, a note in a plan) must not steer a terminal, so everything goes through `shown` first. Pure; any
// thread.
//
// Widths follow Unicode 15's East Asian Width (UAX #11: W and F take two columns) with combining marks and other
// zero-width code points at none; what a terminal makes of an ambiguous one is its own affair: here it takes one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::report {

// On one line: blanks of any kind become one space each; control characters, those that change the direction of
// writing, and bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string shown(std::string_view text);

// The code point that well-formed UTF-8 `text` starts with, and its bytes.
struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 0;
};
[[nodiscard]] CodePoint first_code_point(std::string_view text);

// Columns of a terminal. Precondition: `text` is from `shown`.
[[nodiscard]] std::size_t display_width(std::string_view text);

// Lines of at most `width` columns (at least 2), broken between words; a word that is longer is broken inside. At least
// one line, which may be empty. Precondition: `text` is from `shown`.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view text, std::size_t width);

// The width of the longest word.
[[nodiscard]] std::size_t longest_word(std::string_view text);

}  // namespace weir::report
