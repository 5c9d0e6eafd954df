#include "formats/shared/sent_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>

namespace weir {
namespace {

// A setting, and what formats call it.
struct Setting {
  std::string_view name;
  std::optional<double> value;
  std::array<std::string_view, 7> spellings;
};

// Where settings stand, besides the top of a body.
constexpr std::array<std::string_view, 6> containers = {
    "generationConfig", "inferenceConfig", "additionalModelRequestFields", "options", "parameters", "input"};

template <typename T>
std::optional<double> number(const std::optional<T>& value) {
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

std::array<Setting, 7> settings_of(const Request& request) {
  return {{
      {"max_tokens",
       number(request.max_tokens),
       {"max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens", "maxTokens", "num_predict",
        "max_new_tokens"}},
      {"temperature", number(request.temperature), {"temperature"}},
      {"top_p", number(request.top_p), {"top_p", "topP", "p"}},
      {"top_k", number(request.top_k), {"top_k", "topK", "k"}},
      {"seed", number(request.seed), {"seed", "random_seed"}},
      {"presence_penalty", number(request.presence_penalty), {"presence_penalty", "presencePenalty"}},
      {"frequency_penalty", number(request.frequency_penalty), {"frequency_penalty", "frequencyPenalty"}},
  }};
}

class Body {
 public:
  explicit Body(std::string_view text) {
    add(text);
    const auto top = fields_.size();
    for (std::size_t i = 0; i < top; ++i) {
      const auto [key, value] = fields_[i];
      if (std::find(containers.begin(), containers.end(), key) != containers.end() && value.starts_with('{'))
        add(value);
    }
  }

  // As it stands there; nullopt: it does not.
  [[nodiscard]] std::optional<std::string_view> find(std::span<const std::string_view> names) const {
    for (const auto& [key, value] : fields_) {
      if (!key.empty() && std::find(names.begin(), names.end(), key) != names.end()) return value;
    }
    return std::nullopt;
  }

 private:
  void add(std::string_view object) {
    for (const auto& field : json::top_level_fields(object)) {
      if (field.value_end <= field.value_begin) continue;
      fields_.emplace_back(field.key, object.substr(field.value_begin, field.value_end - field.value_begin));
    }
  }

  std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

}  // namespace

void note_changed_settings(const Request& request, std::string_view body, std::vector<std::string>& changed) {
  if (request.operation != Operation::chat && request.operation != Operation::completion) return;
  const auto mode = request.tool_choice.mode;
  const bool forced = mode == ToolChoice::Mode::any || mode == ToolChoice::Mode::named;
  const auto settings = settings_of(request);
  const auto is_set = [](const Setting& setting) { return setting.value.has_value(); };
  if (!body.starts_with('{') || (!forced && std::none_of(settings.begin(), settings.end(), is_set))) return;
  const Body sent(body);
  constexpr std::array<std::string_view, 2> choices = {"tool_choice", "toolConfig"};
  if (forced && !sent.find(choices)) changed.emplace_back("tool_choice (not sent)");
  for (const auto& setting : settings) {
    if (!setting.value) continue;
    const auto value = sent.find(setting.spellings);
    if (!value) {
      changed.push_back(fmt::format("{} (not sent)", setting.name));
      continue;
    }
    double number = 0;
    const auto read = std::from_chars(value->data(), value->data() + value->size(), number);
    if (read.ec == std::errc() && number == *setting.value) continue;
    changed.push_back(fmt::format("{} (sent as {})", setting.name, *value));
  }
}

}  // namespace weir
