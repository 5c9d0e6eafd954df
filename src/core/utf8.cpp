#include "core/utf8.h"

#include <algorithm>

namespace weir {
namespace {

constexpr char32_t broken = 0xFFFD;

constexpr unsigned byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }
constexpr bool in(char32_t value, char32_t low, char32_t high) { return value >= low && value <= high; }
constexpr bool continues(unsigned byte) { return (byte & 0xC0U) == 0x80U; }

}  // namespace

Character character_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  const unsigned first = byte_at(text, at);
  if (first < 0x80) return {.value = first, .size = 1};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() - at < size) return {.value = broken, .size = 1};
  char32_t value = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const unsigned next = byte_at(text, at + i);
    if (!continues(next)) return {.value = broken, .size = 1};
    value = (value << 6U) | (next & 0x3FU);
  }
  return {.value = value, .size = size};
}

void append_utf8(std::string& out, char32_t value) {
  if (value > 0x10FFFF || in(value, 0xD800, 0xDFFF)) value = broken;
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (value < 0x80) {
    put(value);
  } else if (value < 0x800) {
    put(0xC0 | (value >> 6U));
    put(0x80 | (value & 0x3FU));
  } else if (value < 0x10000) {
    put(0xE0 | (value >> 12U));
    put(0x80 | ((value >> 6U) & 0x3FU));
    put(0x80 | (value & 0x3FU));
  } else {
    put(0xF0 | (value >> 18U));
    put(0x80 | ((value >> 12U) & 0x3FU));
    put(0x80 | ((value >> 6U) & 0x3FU));
    put(0x80 | (value & 0x3FU));
  }
}

std::string_view cut_at_character(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && continues(byte_at(text, most))) --most;
  return text.substr(0, most);
}

bool has_controls(std::string_view bytes) {
  return std::any_of(bytes.begin(), bytes.end(), [](char c) {
    return (c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') || c == '\x7f';
  });
}

}  // namespace weir
