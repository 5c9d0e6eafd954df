#include "formats/gemini/model_traits.h"

namespace weir::gemini {
namespace {

struct Version {
  int major = 0;  // 0 = not said
  int minor = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// `gemini-2.5-flash-lite` → 2.5; `gemini-flash-latest` follows the newest, which is some 3.
Version version_of(std::string_view name) {
  constexpr std::string_view family = "gemini-";
  if (!name.starts_with(family)) return {};
  name.remove_prefix(family.size());
  if (name.ends_with("-latest") && !is_digit(name.front())) return {.major = 3, .minor = 1};
  Version version;
  std::size_t at = 0;
  for (; at < name.size() && at < 3 && is_digit(name[at]); ++at) version.major = version.major * 10 + (name[at] - '0');
  if (at + 1 < name.size() && name[at] == '.' && is_digit(name[at + 1])) version.minor = name[at + 1] - '0';
  return version;
}

bool mentions(std::string_view name, std::string_view word) { return name.find(word) != std::string_view::npos; }

// Those that draw or speak, and the like, take no word about thinking.
bool is_special(std::string_view name) {
  return mentions(name, "image") || mentions(name, "tts") || mentions(name, "audio") || mentions(name, "live") ||
         mentions(name, "embedding");
}

}  // namespace

ModelTraits traits_of(std::string_view name) {
  if (name.starts_with("models/")) name.remove_prefix(7);
  const auto version = version_of(name);
  ModelTraits traits;
  traits.takes_system = !name.starts_with("gemma-3");
  traits.takes_penalties = version.major == 2 && version.minor == 0;
  const bool third = version.major >= 3;
  traits.wants_seals = third;
  traits.takes_json_with_tools = third || version.major == 0;  // of others nothing is known
  traits.takes_media_in_results = third;
  if (is_special(name)) return traits;
  const bool pro = mentions(name, "pro");
  if (third) {
    traits.thinking = ModelTraits::Thinking::level;
    traits.knows_minimal = !pro;
    traits.knows_medium = !pro || version.major > 3 || version.minor > 0;
  } else if (version.major == 2 && version.minor >= 5) {
    traits.thinking = ModelTraits::Thinking::budget;
    traits.least_budget = pro ? 128 : mentions(name, "lite") ? 512 : 1;
    traits.most_budget = pro ? 32'768 : 24'576;
    traits.may_not_think = !pro;
  }
  return traits;
}

}  // namespace weir::gemini
