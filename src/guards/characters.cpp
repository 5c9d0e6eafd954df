#include "guards/characters.h"

#include <algorithm>

namespace weir::guards {
namespace {

constexpr char32_t broken = 0xFFFD;

constexpr unsigned byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }
constexpr bool in(char32_t value, char32_t low, char32_t high) { return value >= low && value <= high; }
constexpr bool continues(unsigned byte) { return (byte & 0xC0U) == 0x80U; }

// Where the ten digits of a script begin, apart from the mathematical ones.
constexpr char32_t zeros[] = {0x660,   0x6F0,   0x7C0,   0x966,   0x9E6,   0xA66,   0xAE6,   0xB66,   0xBE6,   0xC66,
                              0xCE6,   0xD66,   0xDE6,   0xE50,   0xED0,   0xF20,   0x1040,  0x1090,  0x17E0,  0x1810,
                              0x1946,  0x19D0,  0x1A80,  0x1A90,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,  0xA8D0,
                              0xA900,  0xA9D0,  0xA9F0,  0xAA50,  0xABF0,  0xFF10,  0x104A0, 0x10D30, 0x10D40, 0x11066,
                              0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA,
                              0x11730, 0x118E0, 0x11950, 0x11BF0, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16A60, 0x16AC0,
                              0x16B50, 0x16D70, 0x1CCF0, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950, 0x1FBF0};

// Blocks where upper and lower case alternate, upper case at even numbers.
constexpr bool is_even_pair(char32_t value) {
  if (value == 0x130 || value == 0x131) return false;  // Turkish i: two letters
  return in(value, 0x100, 0x137) || in(value, 0x14A, 0x177) || in(value, 0x1E00, 0x1EFF) || in(value, 0x460, 0x481) ||
         in(value, 0x48A, 0x4BF) || in(value, 0x4D0, 0x52F) || in(value, 0x218, 0x21B);
}
constexpr bool is_odd_pair(char32_t value) { return in(value, 0x139, 0x148) || in(value, 0x179, 0x17E); }

// Written without spaces between words, or with endings that hang on to them.
constexpr bool is_unspaced(char32_t value) {
  return in(value, 0x0E00, 0x0EFF) || in(value, 0x1000, 0x109F) || in(value, 0x1780, 0x17FF) ||
         in(value, 0x2E80, 0xA4CF) || in(value, 0xAC00, 0xD7AF) || in(value, 0xF900, 0xFAFF) || value >= 0x20000;
}

// `n` of `\n` and its like, at `at`.
constexpr bool is_escape_letter(std::string_view text, std::size_t at) {
  if (at == 0 || text[at - 1] != '\\') return false;
  const char c = text[at];
  return c == 'n' || c == 't' || c == 'r' || c == 'b' || c == 'f';
}

}  // namespace

Character character_before(std::string_view text, std::size_t at) {
  if (at == 0 || at > text.size()) return {};
  std::size_t begin = at - 1;
  while (begin > 0 && at - begin < 4 && continues(byte_at(text, begin))) --begin;
  const Character found = character_at(text, begin);
  return begin + found.size == at ? found : Character{.value = broken, .size = 1};
}

char32_t fold(char32_t value) {
  if (value < 0x80) return in(value, 'A', 'Z') ? value + 32 : value;
  if (in(value, 0xC0, 0xDE)) return value == 0xD7 ? value : value + 32;
  if (is_even_pair(value)) return value | 1U;
  if (is_odd_pair(value)) return value % 2 == 1 ? value + 1 : value;
  if (value == 0x178) return 0xFF;
  if (in(value, 0x391, 0x3AB)) return value == 0x3A2 ? value : value + 32;  // U+03A2 is not given out
  if (value == 0x386) return 0x3AC;
  if (in(value, 0x388, 0x38A)) return value + 37;
  if (value == 0x38C) return 0x3CC;
  if (in(value, 0x38E, 0x38F)) return value + 63;
  if (value == 0x3C2) return 0x3C3;
  if (in(value, 0x400, 0x40F)) return value + 80;
  if (in(value, 0x410, 0x42F)) return value + 32;
  if (in(value, 0xFF01, 0xFF5E)) return fold(value - 0xFEE0);
  return value;
}

char32_t upper(char32_t value) {
  if (value < 0x80) return in(value, 'a', 'z') ? value - 32 : value;
  if (in(value, 0xE0, 0xFE)) return value == 0xF7 ? value : value - 32;
  if (is_even_pair(value)) return value & ~char32_t{1};
  if (is_odd_pair(value)) return value % 2 == 0 ? value - 1 : value;
  if (value == 0xFF) return 0x178;
  if (in(value, 0x3B1, 0x3CB) && value != 0x3C2) return value - 32;
  if (value == 0x3AC) return 0x386;
  if (in(value, 0x3AD, 0x3AF)) return value - 37;
  if (value == 0x3CC) return 0x38C;
  if (in(value, 0x3CD, 0x3CE)) return value - 63;
  if (in(value, 0x430, 0x44F)) return value - 32;
  if (in(value, 0x450, 0x45F)) return value - 80;
  return value;
}

bool is_ignorable(char32_t value) {
  if (value < 0x2000) {
    return value == 0xAD || value == 0x34F || value == 0x61C || value == 0x115F || value == 0x1160 || value == 0x17B4 ||
           value == 0x17B5 || in(value, 0x180B, 0x180F);
  }
  return in(value, 0x200B, 0x200F) || in(value, 0x202A, 0x202E) || in(value, 0x2060, 0x206F) || value == 0x3164 ||
         in(value, 0xFE00, 0xFE0F) || value == 0xFEFF || value == 0xFFA0 || in(value, 0xFFF0, 0xFFF8) ||
         in(value, 0x1BCA0, 0x1BCA3) || in(value, 0x1D173, 0x1D17A) || in(value, 0xE0000, 0xE0FFF);
}

bool is_any_space(char32_t value) {
  return value == ' ' || in(value, '\t', '\r') || value == 0xA0 || value == 0x1680 || in(value, 0x2000, 0x200A) ||
         value == 0x2028 || value == 0x2029 || value == 0x202F || value == 0x205F || value == 0x3000;
}

bool is_any_dash(char32_t value) {
  return value == '-' || in(value, 0x2010, 0x2015) || value == 0x2212 || value == 0xFE63 || value == 0xFF0D;
}

bool is_word(char32_t value) {
  if (value < 0x80) return is_alnum(static_cast<char>(value));
  if (value < 0xC0) return value == 0xAA || value == 0xB5 || value == 0xBA;
  if (value == 0xD7 || value == 0xF7) return false;
  if (in(value, 0x2000, 0x2BFF) || in(value, 0x3000, 0x3004) || in(value, 0x3008, 0x3030)) return false;
  if (in(value, 0xE000, 0xF8FF) || in(value, 0xFE10, 0xFE6F) || in(value, 0xFF01, 0xFF0F)) return false;
  if (in(value, 0xFF1A, 0xFF20) || in(value, 0xFF3B, 0xFF40) || in(value, 0xFF5B, 0xFF65)) return false;
  if (value == 0xFFFC || value == broken || is_ignorable(value)) return false;
  return !in(value, 0x1F000, 0x1FAFF);
}

bool begins_word(std::string_view text, std::size_t at) {
  const Character before = character_before(text, at);
  if (before.size == 0 || !is_word(before.value)) return true;
  const char32_t next = character_at(text, at).value;
  if (before.size == 1)
    return is_escape_letter(text, at - 1) || (is_digit(text[at - 1]) && is_unspaced(next));  // `34歳`
  return is_unspaced(before.value) || is_unspaced(next);
}

bool ends_word(std::string_view text, std::size_t at) {
  const Character next = character_at(text, at);
  if (next.size == 0 || !is_word(next.value)) return true;
  return is_unspaced(next.value) || is_unspaced(character_before(text, at).value);
}

bool glued_before(std::string_view text, std::size_t at) {
  if (at == 0 || !(is_alnum(text[at - 1]) || text[at - 1] == '_')) return false;
  return !is_escape_letter(text, at - 1);
}

bool glued_after(std::string_view text, std::size_t at) {
  return at < text.size() && (is_alnum(text[at]) || text[at] == '_');
}

Digit digit_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  if (is_ascii(text[at])) return is_digit(text[at]) ? Digit{.value = text[at] - '0', .size = 1} : Digit{};
  const Character found = character_at(text, at);
  const auto* const after = std::upper_bound(std::begin(zeros), std::end(zeros), found.value);
  if (after != std::begin(zeros) && found.value - after[-1] < 10) {
    return {.value = static_cast<int>(found.value - after[-1]), .size = found.size};
  }
  if (in(found.value, 0x1D7CE, 0x1D7FF)) {
    return {.value = static_cast<int>((found.value - 0x1D7CE) % 10), .size = found.size};
  }
  return {};
}

bool equals_folded(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && starts_folded(text, lower);
}

bool starts_folded(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (to_lower(text[i]) != lower[i]) return false;
  }
  return true;
}

}  // namespace weir::guards
