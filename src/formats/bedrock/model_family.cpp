#include "formats/bedrock/model_family.h"

#include <charconv>

namespace weir::bedrock {
namespace {

// The numbers in `3-7-sonnet-20250219-v1:0` or `opus-4-6-v1`: one of one or two digits, and one that follows it at
// once.
int version_in(std::string_view name) {
  int version = 0;
  while (!name.empty()) {
    const auto end = std::min(name.find('-'), name.size());
    const auto word = name.substr(0, end);
    name.remove_prefix(std::min(end + 1, name.size()));
    int number = 0;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), number);
    const bool is_number = read.ec == std::errc{} && read.ptr == word.data() + word.size() && word.size() <= 2;
    if (version != 0) return is_number ? version + number : version;
    if (is_number) version = 100 * number;
  }
  return version;
}

}  // namespace

ModelFamily family_of(std::string_view model) {
  using enum ModelFamily::Maker;
  constexpr std::string_view claude_name = "anthropic.claude-";
  if (const auto at = model.find(claude_name); at != std::string_view::npos) {
    return {.maker = claude, .version = version_in(model.substr(at + claude_name.size()))};
  }
  if (model.find("amazon.nova-") != std::string_view::npos) return {.maker = nova, .version = 0};
  if (model.find("openai.gpt-") != std::string_view::npos) return {.maker = gpt, .version = 0};
  return {};
}

}  // namespace weir::bedrock
