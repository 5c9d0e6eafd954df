// Numbers between whose groups stands what is meant for the eye or for a program: `**4111** **1111**`, `4111<br>1111`,
// `(4111)(1111)`, `4111•1111`, `4111_1111`, and `4111+1111` of a form. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir::guards {

// Whether such may begin with the four bytes at `rest`, right behind digits: for the many places where none does.
[[nodiscard]] inline bool may_be_decorated(const char* rest) {
  switch (rest[0]) {
    case '_':
    case '+':
      return rest[1] == '_' || (rest[1] >= '0' && rest[1] <= '9');
    case ')':
      return rest[1] == '(';
    case ']':
      return rest[1] == '[';
    case '<':
      return rest[1] == '/' || (rest[1] >= 'a' && rest[1] <= 'z') || (rest[1] >= 'A' && rest[1] <= 'Z');
    case ' ':
      return rest[1] == '\xC2' || rest[1] == '\xE2';
    case '*':
    case '~':
    case '`':
    case '\xC2':
    case '\xE2':
      return true;
    default:
      return false;
  }
}

struct DecoratedNumber {
  std::size_t begin = 0;  // [begin, end) of the text, letters that stand right before the digits included
  std::size_t end = 0;
  std::string plain;          // the same with a space for each decoration
  std::size_t first_gap = 0;  // of `plain`
};

// The number whose first group is the digits [begin, end). Three groups or more, with the same between all of them:
// names with numbers in them are seldom so.
[[nodiscard]] std::optional<DecoratedNumber> decorated_number(std::string_view text, std::size_t begin,
                                                              std::size_t end);

}  // namespace weir::guards
