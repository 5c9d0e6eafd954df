// UTF-8, which may be broken: one character at a time. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

struct Character {
  char32_t value = 0;    // of a broken sequence: U+FFFD
  std::size_t size = 0;  // bytes; a broken one is skipped byte by byte. 0: nothing there
};
[[nodiscard]] Character character_at(std::string_view text, std::size_t at);
void append_utf8(std::string& out, char32_t value);
// Its first `most` bytes, or a little less, so that no character is halved.
[[nodiscard]] std::string_view cut_at_character(std::string_view text, std::size_t most);
// Control characters that no text has: all but blanks and ends of lines. In whatever alphabet of single bytes.
[[nodiscard]] bool has_controls(std::string_view bytes);

}  // namespace weir
