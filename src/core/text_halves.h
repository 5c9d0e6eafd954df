// Halves of characters. Servers that stream token by token cut characters in two: a surrogate half (`\ud83d`) or some
// of the bytes of a UTF-8 sequence at the end of one piece of text, the rest in the next. Neither is valid JSON, so
// json::mend() writes such a half as a mark, a character of a private-use plane that can travel in JSON; HalfJoiner
// makes text of it again. Values, used by one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// Appends the mark of a surrogate half (0xd800 to 0xdfff) or of a byte (0x80 to 0xff) that is no UTF-8 by itself.
void append_half_mark(std::string& out, uint32_t surrogate);
void append_byte_mark(std::string& out, unsigned char byte);

// Joins the halves of one text that comes in pieces. What finds no other half becomes U+FFFD.
class HalfJoiner {
 public:
  // The text of the next piece, marks resolved; a half at its end is kept for the piece after it.
  [[nodiscard]] std::string add(std::string_view piece);
  // What was kept, given up: U+FFFD, or "".
  [[nodiscard]] std::string end();
  [[nodiscard]] bool open() const { return high_ != 0 || !bytes_.empty(); }

 private:
  void give_up(std::string& out);
  void add_surrogate(std::string& out, uint32_t surrogate);
  void add_byte(std::string& out, char byte);

  uint32_t high_ = 0;  // a first surrogate half
  std::string bytes_;  // the begin of a UTF-8 sequence
};

// A text that does not go on: all marks resolved.
[[nodiscard]] std::string without_half_marks(std::string_view text);

}  // namespace weir
