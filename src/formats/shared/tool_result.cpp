#include "formats/shared/tool_result.h"

#include <algorithm>

namespace weir {
namespace {

// `Error: …`, `the tool failed`, `{"error": …}`: near its beginning, in any case.
bool says_failure(std::string_view text) {
  constexpr std::size_t looked_at = 80;
  std::string begin(text.substr(0, looked_at));
  std::transform(begin.begin(), begin.end(), begin.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return begin.find("error") != std::string::npos || begin.find("fail") != std::string::npos ||
         begin.find("exception") != std::string::npos;
}

}  // namespace

std::string_view result_text(const Message& message, std::string& buffer) {
  const auto text = message.plain_text(buffer);
  if (!message.is_error || says_failure(text)) return text;
  buffer = std::string("Error: ").append(text);
  return buffer;
}

std::string_view failure_note(const Message& message) {
  std::string buffer;
  return message.is_error && !says_failure(message.plain_text(buffer)) ? "Error:" : std::string_view();
}

}  // namespace weir
