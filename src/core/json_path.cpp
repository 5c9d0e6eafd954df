#include <algorithm>
#include <vector>

#include "core/json.h"

namespace weir::json {
namespace {

// One object or array that the place lies in.
struct Level {
  bool list = false;
  std::size_t index = 0;
  std::string_view key;  // as it stands in the text, escapes and all
};

std::string render(const std::vector<Level>& levels) {
  std::string path;
  for (const auto& level : levels) {
    if (level.list) {
      path += '[' + std::to_string(level.index) + ']';
    } else if (!level.key.empty()) {
      if (!path.empty()) path += '.';
      path += level.key;
    }
  }
  return path;
}

std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at, text.size());
}

}  // namespace

bool TextKinds::is_key(std::string_view text) const {
  return std::binary_search(keys_.begin(), keys_.end(), text.data(), std::less<>());
}

std::string path_of_text(const Document& document, std::size_t index) {
  if (index >= document.texts().size()) return {};
  const std::string_view text = document.text();
  const auto kinds = document.text_kinds();
  // Numbers are views of the body; strings are found by how many there are before.
  const std::string_view wanted = document.texts()[index];
  const bool number = kinds.is_number(wanted);
  const std::size_t place = number ? static_cast<std::size_t>(wanted.data() - text.data()) : text.size();
  std::size_t strings = 0;
  for (std::size_t i = 0; i < index; ++i) strings += kinds.is_number(document.texts()[i]) ? 0 : 1;

  std::vector<Level> levels;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (number && at >= place) return render(levels);
    if (c == '{' || c == '[') {
      levels.push_back({.list = c == '['});
    } else if (c == '}' || c == ']') {
      if (!levels.empty()) levels.pop_back();
    } else if (c == ',') {
      if (!levels.empty()) ++levels.back().index;
    } else if (c == '"') {
      const std::size_t end = string_end(text, at);
      std::size_t next = end + 1;
      while (next < text.size() && (text[next] == ' ' || (text[next] >= '\t' && text[next] <= '\r'))) ++next;
      const bool key = next < text.size() && text[next] == ':' && !levels.empty();
      if (key) levels.back().key = text.substr(at + 1, end - at - 1);
      if (!number && strings-- == 0) return render(levels);
      at = end;
    }
  }
  return {};
}

}  // namespace weir::json
