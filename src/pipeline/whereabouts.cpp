#include "pipeline/whereabouts.h"

#include <algorithm>

#include <fmt/format.h>

namespace weir {
namespace {

constexpr std::size_t most_shown = 5;

// `messages[3]` of `messages[3].content[0].text`; `metadata` of `metadata.user`.
std::string message_of(const std::string& path) {
  return path.substr(0,
                     std::min(path.find(']') == std::string::npos ? path.size() : path.find(']') + 1, path.find('.')));
}

// Where the text stands in the request; of one that was decoded from others, where those stand.
std::string place_of(std::size_t index, const std::vector<std::string_view>& read, const Request& request) {
  const auto& texts = request.texts();
  for (std::size_t i = std::min(index + 1, read.size()); i > 0; --i) {
    const char* const begin = read[i - 1].data();
    const auto original = std::find_if(texts.begin(), texts.end(), [begin](std::string_view text) {
      return std::greater_equal<>()(begin, text.data()) && std::less_equal<>()(begin, text.data() + text.size());
    });
    if (original == texts.end()) continue;
    return message_of(json::path_of_text(*request.document, static_cast<std::size_t>(original - texts.begin())));
  }
  return {};
}

}  // namespace

std::string whereabouts_text(const std::vector<Located>& found, ClassSet classes,
                             const std::vector<std::string_view>& read, const Request& request) {
  std::vector<std::string> shown;
  for (const Located& one : found) {
    if ((one.classes & classes) == 0) continue;
    const std::string place = place_of(one.text, read, request);
    std::string text = place.empty() ? std::string(one.what) : fmt::format("{} in {}", one.what, place);
    if (std::find(shown.begin(), shown.end(), text) != shown.end()) continue;
    if (shown.size() == most_shown) {
      shown.emplace_back("and more");
      break;
    }
    shown.push_back(std::move(text));
  }
  return shown.empty() ? std::string() : fmt::format(" Found: {}.", fmt::join(shown, "; "));
}

}  // namespace weir
