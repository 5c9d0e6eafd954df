// Characters as guards see them: UTF-8 that may be broken, letter case and width folded, word boundaries in any script.
// Pure functions; nothing here reads more than a few bytes around `at`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/utf8.h"

namespace weir::guards {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr char to_lower(char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; }
constexpr char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
constexpr bool is_alpha(char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }
constexpr bool is_alnum(char c) { return is_digit(c) || is_alpha(c); }
constexpr bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }
constexpr bool in_word(char c) { return is_alnum(c) || !is_ascii(c); }  // a byte of one, in any script
constexpr bool is_quote(char c) { return c == '"' || c == '\'' || c == '`'; }
constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}
constexpr bool is_hex(char c) { return hex_value(c) >= 0; }

using weir::append_utf8;
using weir::Character;
using weir::character_at;
[[nodiscard]] Character character_before(std::string_view text, std::size_t at);

// Lower case for Latin, Greek and Cyrillic; full-width forms become ASCII.
[[nodiscard]] char32_t fold(char32_t value);
[[nodiscard]] char32_t upper(char32_t value);     // the reverse, where there is one
[[nodiscard]] bool is_ignorable(char32_t value);  // Default_Ignorable_Code_Point of Unicode: nobody sees them
[[nodiscard]] bool is_any_space(char32_t value);
[[nodiscard]] bool is_any_dash(char32_t value);
[[nodiscard]] bool is_word(char32_t value);  // letters, digits and marks; not `_`

// Whether a word may begin or end at `at`. Scripts written without spaces have a boundary at each character; the letter
// of an escape that was left in the text (`\n`) is no part of a word.
[[nodiscard]] bool begins_word(std::string_view text, std::size_t at);
[[nodiscard]] bool ends_word(std::string_view text, std::size_t at);

// Whether an ASCII letter, a digit or `_` touches `at`: numbers and keys may follow letters of other scripts directly.
[[nodiscard]] bool glued_before(std::string_view text, std::size_t at);
[[nodiscard]] bool glued_after(std::string_view text, std::size_t at);

// The value of the decimal digit at `at`, of any script (category Nd of Unicode 16).
struct Digit {
  int value = -1;  // -1: no digit
  std::size_t size = 0;
};
[[nodiscard]] Digit digit_at(std::string_view text, std::size_t at);

// ASCII letters compared without regard to case; `lower` must be lower case.
[[nodiscard]] bool equals_folded(std::string_view text, std::string_view lower);
[[nodiscard]] bool starts_folded(std::string_view text, std::string_view lower);

}  // namespace weir::guards
