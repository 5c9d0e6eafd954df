// Words of command lines and configuration files: what guards of passwords read. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::guards {

struct Token {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool quoted = false;
};

// From `at`, past blanks: up to the closing quote or the next blank.
[[nodiscard]] Token read_token(std::string_view text, std::size_t at);

// Whether it may be one: no placeholder (`$PASSWORD`, `<password>`), no word that explains the place (`password`).
[[nodiscard]] bool is_password(std::string_view value);

}  // namespace weir::guards
