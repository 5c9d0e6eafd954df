#include "formats/anthropic/model_traits.h"

#include <array>
#include <charconv>
#include <limits>

namespace weir::anthropic {
namespace {

constexpr std::string_view family = "claude";
constexpr int newest = std::numeric_limits<int>::max();

// 100 × the first number of the name + the second, of `claude-opus-4-6` 406; `newest` where there is none
// (`claude-mythos-preview`). Dates are no versions.
int version_of(std::string_view model) {
  std::array<int, 2> numbers{};
  std::size_t count = 0;
  auto rest = model.substr(model.find(family) + family.size());
  while (!rest.empty() && count < numbers.size()) {
    int number = 0;
    const auto end = std::min(rest.find_first_of("-.@:_"), rest.size());
    const auto word = rest.substr(0, end);
    const auto [after, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    const bool is_version = error == std::errc{} && after == word.data() + word.size() && number < 100;
    if (is_version) {
      numbers[count++] = number;
    } else if (count > 0) {
      break;
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return count == 0 ? newest : 100 * numbers[0] + numbers[1];
}

// A row holds for its version and all before it, down to the row above.
struct Row {
  int version;
  ModelTraits traits;
};
// clang-format off
constexpr std::array rows = {
    Row{304, {.schemas = false, .budget = false, .usual_output = 4'096}},
    Row{306, {.schemas = false, .budget = false, .usual_output = 8'192}},
    Row{400, {.schemas = false, .usual_output = 16'384}},                      // 3.7, Sonnet 4 and Opus 4
    Row{405, {.one_sampling = true, .usual_output = 16'384}},                  // Opus 4.1, the 4.5 models
    Row{406, {.one_sampling = true, .prefill = false, .adaptive = true, .usual_output = 16'384}},
    Row{newest, {.sampling = false, .prefill = false, .budget = false, .adaptive = true, .top_effort = true,
                 .later_systems = true, .usual_output = 16'384}},              // whatever came after Opus 4.6
};
// clang-format on

}  // namespace

ModelTraits traits_of(std::string_view model) {
  if (model.find(family) == std::string_view::npos) return {.claude = false, .usual_output = 4'096};
  const auto version = version_of(model);
  for (const auto& row : rows) {
    if (version <= row.version) return row.traits;
  }
  return rows.back().traits;
}

}  // namespace weir::anthropic
