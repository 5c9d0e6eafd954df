// `parameters`: what is changed in the bodies that go out.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "config/build.h"
#include "core/json.h"
#include "core/json_mend.h"

namespace weir::config {
namespace {

constexpr std::size_t most_rules = 200;
constexpr std::size_t deepest_path = 8;
constexpr std::size_t longest_name = 128;
constexpr std::size_t longest_value = 64 * 1024;

struct Untouchable {
  std::string_view field;
  std::string_view why;
};
constexpr std::string_view why_words = "it holds what the caller says, which the guards have read and nobody changes";
constexpr std::string_view why_model = "the model's `name` says it";
constexpr std::string_view why_stream = "how the answer is read depends on it";
constexpr std::array untouchable = {Untouchable{"messages", why_words},
                                    Untouchable{"input", why_words},
                                    Untouchable{"inputs", why_words},
                                    Untouchable{"contents", why_words},
                                    Untouchable{"content", why_words},
                                    Untouchable{"prompt", why_words},
                                    Untouchable{"suffix", why_words},
                                    Untouchable{"system", why_words},
                                    Untouchable{"systemInstruction", why_words},
                                    Untouchable{"system_instruction", why_words},
                                    Untouchable{"instructions", why_words},
                                    Untouchable{"query", why_words},
                                    Untouchable{"documents", why_words},
                                    Untouchable{"texts", why_words},
                                    Untouchable{"requests", why_words},
                                    Untouchable{"model", why_model},
                                    Untouchable{"modelId", why_model},
                                    Untouchable{"stream", why_stream}};

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!json::is_number(text) || read.ec != std::errc() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

// The path of a field that may be changed; empty where it may not, which is reported.
std::vector<std::string> Builder::field_path(std::string_view written, const yaml::Node* at) {
  std::vector<std::string> path;
  for (std::size_t begin = 0; begin <= written.size();) {
    const auto end = std::min(written.find('.', begin), written.size());
    path.emplace_back(written.substr(begin, end - begin));
    begin = end + 1;
  }
  const bool plain = std::all_of(path.begin(), path.end(), [](const std::string& name) {
    return !name.empty() && name.size() <= longest_name &&
           std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
  });
  if (!plain || path.size() > deepest_path) {
    reading_.error(at, "this is no name of a field", "write its name, with dots for what is within: options.num_ctx");
    return {};
  }
  for (const auto& [field, why] : untouchable) {
    if (path.front() != field) continue;
    reading_.error(at, "`" + path.front() + "` cannot be changed: " + std::string(why), "remove it");
    return {};
  }
  return path;
}

std::string Builder::json_of(const yaml::Node& node, std::string_view key) {
  std::string out;
  if (node.kind == yaml::Node::Kind::null) return "null";
  if (node.kind == yaml::Node::Kind::list) {
    for (const auto* item : node.items) out += (out.empty() ? "[" : ",") + json_of(*item, key);
    return out.empty() ? "[]" : out + "]";
  }
  if (node.kind == yaml::Node::Kind::map) {
    for (const auto& entry : node.entries) {
      out += out.empty() ? "{" : ",";
      json::Writer(out).value(entry.key);
      out += ":" + json_of(*entry.value, key);
    }
    return out.empty() ? "{}" : out + "}";
  }
  Text text;
  if (!reading_.scalar(node, key, text)) return "null";
  const bool literal = text.value == "true" || text.value == "false" || text.value == "null";
  if (!node.quoted && (literal || json::is_number(text.value))) return text.value;
  json::Writer(out).value(text.value);
  return out;
}

void Builder::clamps(const yaml::Node& map, ParameterRules& out) {
  for (const auto& entry : map.entries) {
    auto path = field_path(entry.key, entry.value);
    const auto& bounds = *entry.value;
    std::vector<std::string> numbers;
    for (const auto* item : bounds.items) {
      Text text;
      if (item->kind == yaml::Node::Kind::scalar && reading_.scalar(*item, entry.key, text))
        numbers.push_back(text.value);
    }
    const auto least = numbers.size() == 2 ? number_of(numbers[0]) : std::nullopt;
    const auto most = numbers.size() == 2 ? number_of(numbers[1]) : std::nullopt;
    if (bounds.items.size() != 2 || !least || !most || *least > *most) {
      reading_.error(&bounds, "`" + entry.key + "` needs its least and its most", "write temperature: [0, 1]");
    } else if (!path.empty()) {
      out.push_back({.act = ParameterRule::Act::clamp,
                     .path = std::move(path),
                     .value = {},
                     .least = std::move(numbers[0]),
                     .most = std::move(numbers[1])});
    }
  }
}

void Builder::given_values(const yaml::Node& map, ParameterRule::Act act, ParameterRules& out) {
  for (const auto& entry : map.entries) {
    auto path = field_path(entry.key, entry.value);
    auto value = json_of(*entry.value, entry.key);
    if (value.size() > longest_value) {
      reading_.error(entry.value, "`" + entry.key + "` is longer than 64 KiB", "give it a shorter value");
    } else if (!path.empty()) {
      out.push_back({.act = act, .path = std::move(path), .value = std::move(value), .least = {}, .most = {}});
    }
  }
}

ParameterRules Builder::parameters(const ParametersDoc& doc) {
  ParameterRules out;
  if (doc.at == nullptr) return out;
  using Act = ParameterRule::Act;
  for (const auto& name : doc.drop) {
    if (auto path = field_path(name.value, name.at); !path.empty()) {
      out.push_back({.act = Act::drop, .path = std::move(path), .value = {}, .least = {}, .most = {}});
    }
  }
  for (const auto& [name, to] : doc.rename) {
    auto path = field_path(name, to.at);
    auto target = field_path(to.value, to.at);
    if (path.empty() || target.empty()) continue;
    if (target.size() > 1 || target.back() == path.back()) {
      reading_.error(to.at, "the new name of a field is one word, and another one",
                     "write rename: {max_tokens: max_completion_tokens}");
      continue;
    }
    out.push_back({.act = Act::rename, .path = std::move(path), .value = to.value, .least = {}, .most = {}});
  }
  if (doc.fallback != nullptr) given_values(*doc.fallback, Act::fallback, out);
  if (doc.clamp != nullptr) clamps(*doc.clamp, out);
  if (doc.set != nullptr) given_values(*doc.set, Act::set, out);
  if (out.size() > most_rules) {
    reading_.error(doc.at, "more than " + std::to_string(most_rules) + " parameters", "keep those that matter");
    out.clear();
  }
  return out;
}

}  // namespace weir::config
