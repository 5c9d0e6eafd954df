// Base64 and its relatives inside texts: where runs of it stand, what they decode to, whether that is text. Standard
// and URL alphabet, with and without padding, broken over lines (as PEM, MIME, quoted mail and JSON in a string do it),
// and hex. Pure functions; safe from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::guards {

[[nodiscard]] bool is_base64(char c);  // of either alphabet, without padding

inline constexpr std::size_t shortest_run = 16;  // twelve bytes

// Finds where at least `least` characters of the alphabets stand together. Looks at one byte of `least` where there are
// none. Reads on until `until`; `next` is where to go on then.
struct RunSearch {
  std::size_t begin = std::string_view::npos;
  std::size_t next = 0;
};
[[nodiscard]] RunSearch find_run(std::string_view text, std::size_t from, std::size_t until, std::size_t least);

// A run, as far as it has been followed. Lines of equal length belong together, whatever quotes them.
struct Run {
  std::size_t begin = 0;
  std::size_t end = 0;      // behind padding
  std::size_t letters = 0;  // of the alphabets
  std::size_t width = 0;    // of its first line; 0: not known yet
  std::size_t line = 0;     // where the current line begins
  bool broken = false;      // over several lines
};
enum class Breaks : uint8_t { lines, lines_and_blanks };  // blanks: where line breaks were resolved to them
// Follows the run for about `bytes`; true when its end was reached.
[[nodiscard]] bool follow(std::string_view text, Run& run, std::size_t bytes, Breaks breaks);

// Decodes a piece of base64 after what was decoded before; what is not of the alphabets is passed over.
class Base64Decoder {
 public:
  void feed(std::string_view piece, std::string& out);

 private:
  uint32_t group_ = 0;
  uint32_t bits_ = 0;
  bool escaped_ = false;  // a backslash ended the piece before
};
// Hex digits, two a byte.
void append_hex(std::string_view digits, std::string& out);

enum class Code : uint8_t { none, base64, hex };
// How the letters of a run (its first ones will do) decode to something that begins as a text does; none if not.
[[nodiscard]] Code text_code(std::string_view letters);
// The bytes of `text` that no text has: control characters, broken UTF-8.
[[nodiscard]] std::size_t count_no_text(std::string_view text);
// The same from `at` on, which goes on to the first character at or behind `until`.
[[nodiscard]] std::size_t count_no_text(std::string_view text, std::size_t& at, std::size_t until);
// UTF-16 and UTF-32 of what is mostly ASCII, to UTF-8; others stay as they are.
void drop_wide_zeros(std::string& text);
// Whether letters are as evenly spread as base64 of packed or enciphered data has them; no name or path has.
[[nodiscard]] bool looks_packed(std::string_view letters);
[[nodiscard]] bool is_hex_only(std::string_view letters);
// The same of hex: `looks_packed` asks for letters that it does not have.
[[nodiscard]] bool looks_packed_hex(std::string_view letters);

}  // namespace weir::guards
