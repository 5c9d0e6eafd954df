#include "guards/disguise.h"

#include "guards/characters.h"

namespace weir::guards {
namespace {

constexpr char32_t keycap = 0x20E3;  // a frame around the digit before it

bool is_hidden(char32_t value) { return is_ignorable(value) || value == keycap; }
bool is_wide_letter_or_digit(char32_t value) {
  return value > 0xFF0F && value < 0xFF5B && is_alnum(static_cast<char>(value - 0xFEE0));
}
bool is_wide(char32_t value) { return value > 0xFF00 && value < 0xFF5F; }

// A character of a value, as far as hidden ones between two of them are worth a look.
bool is_of_value(std::string_view text, std::size_t at) {
  return is_ascii(text[at]) ? text[at] > ' ' : digit_at(text, at).value >= 0;
}

}  // namespace

bool is_disguise(std::string_view text, std::size_t at) {
  const Character here = character_at(text, at);
  if (is_wide_letter_or_digit(here.value) || digit_at(text, at).value >= 0) return true;
  if (!is_hidden(here.value) || at == 0) return false;
  const Character before = character_before(text, at);
  const bool after_blank = before.value == ' ';
  if (!after_blank && !is_of_value(text, at - before.size)) return false;
  std::size_t next = at;
  for (int i = 0; i < 8 && next < text.size(); ++i) {
    const Character hidden = character_at(text, next);
    if (!is_hidden(hidden.value)) return after_blank ? digit_at(text, next).value >= 0 : is_of_value(text, next);
    next += hidden.size;
  }
  return next < text.size() && !after_blank;  // so many of them hide something
}

Unescaped undisguise(std::string_view text) {
  Unescaped out;
  out.text.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::size_t next = at;
    while (next < text.size() && is_ascii(text[next])) ++next;
    out.text.append(text, at, next - at);
    at = next;
    if (at == text.size()) break;
    const Character here = character_at(text, at);
    const Digit digit = digit_at(text, at);
    if (digit.value >= 0) {
      out.text.push_back(static_cast<char>('0' + digit.value));
    } else if (is_wide(here.value)) {
      out.text.push_back(static_cast<char>(here.value - 0xFEE0));
    } else if (!is_hidden(here.value)) {
      out.text.append(text, at, here.size);
      at += here.size;
      continue;
    }
    at += here.size;
    out.shifts.push_back({.begin = out.text.size(), .original = at});
  }
  return out;
}

}  // namespace weir::guards
