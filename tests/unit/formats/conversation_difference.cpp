#include <fmt/format.h>

#include "formats/conversations.h"

namespace weir {
namespace {

class Differ {
 public:
  [[nodiscard]] std::string take() { return std::move(found_); }

  template <typename T>
  void compare(std::string_view place, const T& expected, const T& actual) {
    if (expected != actual) note(place, fmt::format("{}, not {}", shown(actual), shown(expected)));
  }
  void compare_json(std::string_view place, std::string_view expected, std::string_view actual) {
    if (expected == actual) return;
    json::Document a;
    json::Document b;
    const bool parsed = a.parse_copy(expected) && b.parse_copy(actual);
    if (!parsed || simdjson::minify(a.root()) != simdjson::minify(b.root())) compare(place, expected, actual);
  }
  void compare_json(std::string_view place, const std::optional<json::Value>& expected,
                    const std::optional<json::Value>& actual) {
    if (expected.has_value() != actual.has_value()) return note(place, actual ? "there" : "missing");
    if (expected) compare_json(place, expected->to_string(), actual->to_string());
  }
  // False, and noted, when there are more of one than of the other.
  bool same_count(std::string_view place, std::size_t expected, std::size_t actual) {
    if (expected != actual) note(place, fmt::format("{} of them, not {}", actual, expected));
    return expected == actual;
  }

 private:
  static std::string shown(std::string_view text) {
    std::string out;
    json::append_string(out, text);
    return out;
  }
  static std::string shown(const std::string& text) { return shown(std::string_view(text)); }
  static std::string shown(bool truth) { return truth ? "true" : "false"; }
  template <typename T>
  static std::string shown(const std::optional<T>& value) {
    return value ? shown(*value) : "nothing";
  }
  template <typename T>
  static std::string shown(const T& value) {
    if constexpr (std::is_enum_v<T>) {
      return fmt::format("{}", static_cast<int>(value));
    } else {
      return fmt::format("{}", value);
    }
  }
  void note(std::string_view place, std::string_view what) {
    if (found_.empty()) found_ = fmt::format("{}: {}", place, what);
  }

  std::string found_;
};

void compare_media(Differ& differ, const std::string& at, const Media& expected, const Media& actual) {
  differ.compare(at + ".kind", expected.kind, actual.kind);
  differ.compare(at + ".mime", expected.mime, actual.mime);
  differ.compare(at + ".data", expected.data, actual.data);
  differ.compare(at + ".url", expected.url, actual.url);
  differ.compare(at + ".file", expected.file, actual.file);
  differ.compare(at + ".name", expected.name, actual.name);
  differ.compare(at + ".detail", expected.detail, actual.detail);
}

void compare_part(Differ& differ, const std::string& at, const Part& expected, const Part& actual) {
  differ.compare(at + ".kind", expected.kind, actual.kind);
  if (expected.kind == Part::Kind::tool_call) {
    differ.compare_json(at + ".arguments", expected.text, actual.text);
  } else {
    differ.compare(at + ".text", expected.text, actual.text);
  }
  differ.compare(at + ".id", expected.id, actual.id);
  differ.compare(at + ".name", expected.name, actual.name);
  differ.compare(at + ".signature", expected.signature, actual.signature);
  differ.compare(at + ".cache", expected.cache, actual.cache);
  compare_media(differ, at + ".media", expected.media, actual.media);
}

void compare_messages(Differ& differ, const Request& expected, const Request& actual) {
  if (!differ.same_count("messages", expected.messages.size(), actual.messages.size())) return;
  for (std::size_t i = 0; i < expected.messages.size(); ++i) {
    const auto& a = expected.messages[i];
    const auto& b = actual.messages[i];
    const auto at = fmt::format("messages[{}]", i);
    differ.compare(at + ".role", a.role, b.role);
    differ.compare(at + ".name", a.name, b.name);
    differ.compare(at + ".tool_call_id", a.tool_call_id, b.tool_call_id);
    differ.compare(at + ".is_error", a.is_error, b.is_error);
    if (!differ.same_count(at + ".parts", a.parts.size(), b.parts.size())) return;
    for (std::size_t k = 0; k < a.parts.size(); ++k) {
      compare_part(differ, fmt::format("{}.parts[{}]", at, k), a.parts[k], b.parts[k]);
    }
  }
}

void compare_tools(Differ& differ, const Request& expected, const Request& actual) {
  differ.compare("tool_choice.mode", expected.tool_choice.mode, actual.tool_choice.mode);
  differ.compare("tool_choice.name", expected.tool_choice.name, actual.tool_choice.name);
  differ.compare("parallel_tool_calls", expected.parallel_tool_calls, actual.parallel_tool_calls);
  if (!differ.same_count("tools", expected.tools.size(), actual.tools.size())) return;
  for (std::size_t i = 0; i < expected.tools.size(); ++i) {
    const auto& a = expected.tools[i];
    const auto& b = actual.tools[i];
    const auto at = fmt::format("tools[{}]", i);
    differ.compare(at + ".name", a.name, b.name);
    differ.compare(at + ".description", a.description, b.description);
    differ.compare_json(at + ".parameters", a.parameters, b.parameters);
    differ.compare(at + ".strict", a.strict, b.strict);
    differ.compare(at + ".cache", a.cache, b.cache);
  }
}

void compare_settings(Differ& differ, const Request& a, const Request& b) {
  differ.compare("operation", a.operation, b.operation);
  differ.compare("model", a.model, b.model);
  differ.compare("stream", a.stream, b.stream);
  differ.compare("response_format", a.response_format, b.response_format);
  differ.compare_json("json_schema", a.json_schema, b.json_schema);
  differ.compare("json_schema_name", a.json_schema_name, b.json_schema_name);
  differ.compare("json_schema_strict", a.json_schema_strict, b.json_schema_strict);
  differ.compare("temperature", a.temperature, b.temperature);
  differ.compare("top_p", a.top_p, b.top_p);
  differ.compare("top_k", a.top_k, b.top_k);
  differ.compare("presence_penalty", a.presence_penalty, b.presence_penalty);
  differ.compare("frequency_penalty", a.frequency_penalty, b.frequency_penalty);
  differ.compare("max_tokens", a.max_tokens, b.max_tokens);
  differ.compare("seed", a.seed, b.seed);
  differ.compare("logprobs", a.logprobs, b.logprobs);
  differ.compare("top_logprobs", a.top_logprobs, b.top_logprobs);
  differ.compare("reasoning_effort", a.reasoning_effort, b.reasoning_effort);
  differ.compare("thinking_tokens", a.thinking_tokens, b.thinking_tokens);
  differ.compare("show_thinking", a.show_thinking, b.show_thinking);
  differ.compare("n", a.n, b.n);
  differ.compare("has_images", a.has_images, b.has_images);
  if (!differ.same_count("stop", a.stop.size(), b.stop.size())) return;
  for (std::size_t i = 0; i < a.stop.size(); ++i) differ.compare(fmt::format("stop[{}]", i), a.stop[i], b.stop[i]);
}

void compare_usage(Differ& differ, const Usage& a, const Usage& b) {
  differ.compare("usage.known", a.known, b.known);
  differ.compare("usage.input", a.input, b.input);
  differ.compare("usage.cached", a.cached, b.cached);
  differ.compare("usage.written", a.written, b.written);
  differ.compare("usage.output", a.output, b.output);
  differ.compare("usage.reasoning", a.reasoning, b.reasoning);
}

void compare_answer_part(Differ& differ, const std::string& at, const AnswerPart& a, const AnswerPart& b) {
  differ.compare(at + ".kind", a.kind, b.kind);
  differ.compare(at + ".text", a.text, b.text);
  differ.compare(at + ".signature", a.signature, b.signature);
  if (!a.call.id.empty() && !b.call.id.empty()) differ.compare(at + ".call.id", a.call.id, b.call.id);
  differ.compare(at + ".call.name", a.call.name, b.call.name);
  differ.compare(at + ".call.signature", a.call.signature, b.call.signature);
  differ.compare_json(at + ".call.arguments", a.call.arguments, b.call.arguments);
}

}  // namespace

std::string difference(const Request& expected, const Request& actual) {
  Differ differ;
  compare_messages(differ, expected, actual);
  compare_tools(differ, expected, actual);
  compare_settings(differ, expected, actual);
  return differ.take();
}

std::string difference(const Response& expected, const Response& actual) {
  Differ differ;
  if (!expected.id.empty() && !actual.id.empty()) differ.compare("id", expected.id, actual.id);
  differ.compare("model", expected.model, actual.model);
  compare_usage(differ, expected.usage, actual.usage);
  if (!differ.same_count("choices", expected.choices.size(), actual.choices.size())) return differ.take();
  for (std::size_t i = 0; i < expected.choices.size(); ++i) {
    const auto& a = expected.choices[i];
    const auto& b = actual.choices[i];
    const auto at = fmt::format("choices[{}]", i);
    differ.compare(at + ".finish", a.finish, b.finish);
    differ.compare(at + ".stop_sequence", a.stop_sequence, b.stop_sequence);
    if (!differ.same_count(at + ".parts", a.parts.size(), b.parts.size())) break;
    for (std::size_t k = 0; k < a.parts.size(); ++k) {
      compare_answer_part(differ, fmt::format("{}.parts[{}]", at, k), a.parts[k], b.parts[k]);
    }
  }
  return differ.take();
}

}  // namespace weir
