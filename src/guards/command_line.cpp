#include "guards/command_line.h"

#include <algorithm>

#include "guards/characters.h"
#include "guards/context.h"

namespace weir::guards {

Token read_token(std::string_view text, std::size_t at) {
  while (at < text.size() && (is_space(text[at]) || text[at] == '\\')) ++at;
  Token token{.begin = at};
  if (at < text.size() && is_quote(text[at])) {
    token.quoted = true;
    const char quote = text[at];
    token.begin = ++at;
    while (at < text.size() && text[at] != quote && text[at] != '\n' && !is_mark(text[at])) ++at;
  } else {
    while (at < text.size() && !is_space(text[at]) && !is_quote(text[at]) && !is_mark(text[at]) && text[at] != '\\')
      ++at;
  }
  token.end = at;
  return token;
}

bool is_password(std::string_view value) {
  static constexpr WordSet names = "password|passwd|pass|pwd|secret|token|yourpassword|mypassword|xxx|user|username";
  if (value.size() < 4 || names.has(value)) return false;
  if (std::string_view("$<{[%*(").find(value.front()) != std::string_view::npos) return false;
  if (starts_folded(value, "your") || starts_folded(value, "xxx") || starts_folded(value, "example")) return false;
  return std::any_of(value.begin(), value.end(), [&](char c) { return c != value.front(); });
}

}  // namespace weir::guards
