#include "formats/openai/vendor_body.h"

#include <forward_list>
#include <span>

#include <fmt/format.h>

#include "core/json.h"
#include "formats/shared/call_id.h"
#include "formats/shared/translation.h"

namespace weir::openai_provider {
namespace {

constexpr CallIdRule nine_plain{.at_least = 9, .at_most = 9};

struct FieldRule {
  enum class Act : uint8_t {
    drop,    // a hint
    refuse,  // where it says anything
    rename,
  };
  std::string_view name;
  Act act = Act::drop;
  std::string_view to = {};
};
using enum FieldRule::Act;

// The chat of Mistral's API refuses all that it does not name (its OpenAPI description is closed).
constexpr FieldRule mistral_chat[] = {
    {"seed", rename, "random_seed"},
    {"user", drop},
    {"store", drop},
    {"stream_options", drop},
    {"safety_identifier", drop},
    {"prompt_cache_retention", drop},
    {"verbosity", drop},
    {"logprobs", refuse},
    {"top_logprobs", refuse},
    {"logit_bias", refuse},
    {"functions", refuse},
    {"function_call", refuse},
    {"modalities", refuse},
    {"audio", refuse},
    {"web_search_options", refuse},
};
constexpr FieldRule mistral_embedding[] = {{"dimensions", rename, "output_dimension"}, {"user", drop}};
// Groq's documents: "will result in a 400 error if they are supplied".
constexpr FieldRule groq_chat[] = {{"logprobs", refuse}, {"top_logprobs", refuse}, {"logit_bias", refuse}};
// A list there, an object here.
constexpr FieldRule tgi_chat[] = {{"logit_bias", refuse}};

std::span<const FieldRule> rules_of(const Quirks& quirks, Operation operation) {
  if (operation == Operation::embedding) {
    return quirks.mistral_fields ? std::span<const FieldRule>(mistral_embedding) : std::span<const FieldRule>();
  }
  if (quirks.mistral_fields) return mistral_chat;
  if (quirks.groq_fields) return groq_chat;
  return quirks.tgi_fields ? std::span<const FieldRule>(tgi_chat) : std::span<const FieldRule>();
}

// Not null, and no way of saying "none".
bool says_something(std::string_view value) {
  for (const std::string_view nothing : {"null", "false", "0", "{}", "[]", R"(["text"])"}) {
    if (value == nothing) return false;
  }
  const bool empty_container = (value.starts_with('{') && json::top_level_fields(value).empty()) ||
                               (value.starts_with('[') && json::elements(value).empty());
  return !empty_container;
}

class VendorBody {
 public:
  VendorBody(const Quirks& quirks, Operation operation, std::string& out)
      : quirks_(quirks), chat_(operation == Operation::chat), rules_(rules_of(quirks, operation)), writer_(out) {}

  Status write(std::string_view body) {
    body_ = body;
    writer_.begin_object();
    for (const auto& field : json::top_level_fields(body)) top(key_of(field), value_of(body, field));
    writer_.end_object();
    if (error_.message.empty()) return {};
    return failure(std::move(error_));
  }

 private:
  // ---- JSON as it stands in the text

  [[nodiscard]] static std::string_view value_of(std::string_view object, const json::Field& field) {
    return object.substr(field.value_begin, field.value_end - field.value_begin);
  }
  std::string_view unescaped(std::string_view text) {
    if (text.find('\\') == std::string_view::npos) return text;
    json::Document document;
    std::string quoted("[\"");
    std::string_view plain;
    if (!document.parse_copy(quoted.append(text).append("\"]")) ||
        document.root().at_pointer("/0").get(plain) != simdjson::SUCCESS) {
      return text;
    }
    return kept_.emplace_front(plain);
  }
  std::string_view key_of(const json::Field& field) { return unescaped(field.key); }
  // "" where it is no string.
  std::string_view text_of(std::string_view value) {
    if (value.size() < 2 || value.front() != '"') return {};
    return unescaped(value.substr(1, value.size() - 2));
  }
  // The text of `object`'s first member of that name.
  std::string_view text_in(std::string_view object, std::string_view name) {
    if (!object.starts_with('{')) return {};
    for (const auto& field : json::top_level_fields(object)) {
      if (key_of(field) == name) return text_of(value_of(object, field));
    }
    return {};
  }
  void copy(std::string_view key, std::string_view value) { writer_.key(key).raw(value); }
  void refuse(std::string message, std::string param) {
    if (error_.message.empty()) error_ = unsupported(std::move(message), std::move(param));
  }

  // ---- the body's own fields

  void top(std::string_view key, std::string_view value) {
    for (const auto& rule : rules_) {
      if (rule.name != key) continue;
      if (rule.act == rename) return renamed(rule.to, value);
      if (rule.act == FieldRule::Act::refuse && says_something(value)) {
        refuse(fmt::format("This provider does not know '{}'.", key), std::string(key));
      }
      return;
    }
    if (!chat_) return copy(key, value);
    if (key == "messages" && value.starts_with('[')) return messages(value);
    if (key == "tools" && quirks_.mistral_fields && value.starts_with('[')) return tools(value);
    if (key == "stop" && (quirks_.together_fields || quirks_.tgi_fields) && value.starts_with('"')) {
      writer_.key(key).begin_array().raw(value).end_array();
      return;
    }
    if (key == "n" && (quirks_.groq_fields || quirks_.tgi_fields)) {
      if (value != "1" && value != "null") refuse("This provider gives one answer a request: 'n' must be 1.", "n");
      return;
    }
    if (quirks_.together_fields && (key == "logprobs" || key == "top_logprobs")) return together_logprobs(key, value);
    if (quirks_.tgi_fields && key == "response_format") return tgi_response_format(value);
    if (quirks_.mistral_fields && mistral_value(key, value)) return;
    copy(key, value);
  }

  // A seed below 0 is a hint that Mistral cannot take.
  void renamed(std::string_view to, std::string_view value) {
    if (to == "random_seed" && (value == "null" || value.starts_with('-'))) return;
    copy(to, value);
  }

  // True: it is written, or left out on purpose.
  bool mistral_value(std::string_view key, std::string_view value) {
    if (key == "reasoning_effort" && text_of(value) == "max") {
      writer_.key(key).value("xhigh");
      return true;
    }
    if (key == "service_tier") return text_of(value) != "auto" && text_of(value) != "standard_only";
    return key == "prediction" && !json_string_in(value, "content");
  }
  [[nodiscard]] static bool json_string_in(std::string_view object, std::string_view name) {
    return object.starts_with('{') && json::member(object, name).starts_with('"');
  }

  // A number of alternatives there; here a yes, and the number beside it.
  void together_logprobs(std::string_view key, std::string_view value) {
    if (key == "top_logprobs") {
      if (value != "null" && !logprobs_written_) writer_.key("logprobs").raw(value == "0" ? "1" : value);
      logprobs_written_ = logprobs_written_ || value != "null";
      return;
    }
    if (value == "null" || value == "false" || logprobs_written_) return;
    if (value != "true") return copy(key, value), void(logprobs_written_ = true);
    const auto most = json::member(body_, "top_logprobs");
    writer_.key(key).raw(most.empty() || most == "null" || most == "0" ? "1" : most);
    logprobs_written_ = true;
  }

  // OpenAI nests the schema; TGI has it as the format's value. Without one any object will do.
  void tgi_response_format(std::string_view value) {
    const auto type = text_in(value, "type");
    if (type == "text" || value == "null") return;
    const bool as_openai = type == "json_schema" && json::member(value, "value").empty();
    if (as_openai) {
      const auto nested = json::member(value, "json_schema");
      const auto schema = nested.starts_with('{') ? json::member(nested, "schema") : std::string_view();
      writer_.key("response_format").begin_object().key("type").value("json");
      writer_.key("value").raw(schema.empty() ? R"({"type":"object"})" : schema).end_object();
    } else if (type == "json_object" && json::member(value, "value").empty()) {
      writer_.key("response_format").raw(R"({"type":"json","value":{"type":"object"}})");
    } else {
      copy("response_format", value);  // as TGI's own clients say it
    }
  }

  // Mistral wants parameters of each function.
  void tools(std::string_view list) {
    writer_.key("tools").begin_array();
    for (const auto tool : json::elements(list)) {
      const auto function = tool.starts_with('{') ? json::member(tool, "function") : std::string_view();
      if (!function.starts_with('{') || !json::member(function, "parameters").empty()) {
        writer_.raw(tool);
        continue;
      }
      writer_.begin_object();
      for (const auto& field : json::top_level_fields(tool)) {
        if (key_of(field) != "function") {
          copy(key_of(field), value_of(tool, field));
          continue;
        }
        writer_.key("function").begin_object();
        for (const auto& inner : json::top_level_fields(function)) copy(key_of(inner), value_of(function, inner));
        writer_.key("parameters").raw(R"({"type":"object","properties":{}})").end_object();
      }
      writer_.end_object();
    }
    writer_.end_array();
  }

  // ---- messages

  void messages(std::string_view list) {
    writer_.key("messages").begin_array();
    std::size_t index = 0;
    for (const auto one : json::elements(list)) {
      if (one.starts_with('{')) {
        message(one, fmt::format("messages[{}]", index));
      } else {
        writer_.raw(one);
      }
      ++index;
    }
    writer_.end_array();
  }

  void message(std::string_view object, const std::string& place) {
    const auto role = text_in(object, "role");
    const bool result = role == "tool" || (role == "function" && quirks_.short_call_ids);
    writer_.begin_object();
    for (const auto& field : json::top_level_fields(object)) {
      const auto key = key_of(field);
      const auto value = value_of(object, field);
      if (key == "role" && result) {
        writer_.key(key).value("tool");
      } else if (key == "tool_call_id" && result && quirks_.short_call_ids) {
        continue;  // below
      } else if (key == "tool_calls" && value.starts_with('[')) {
        calls(value);
      } else if (key == "content") {
        content(value, role, place);
      } else if (!left_out(key, value, role, place)) {
        copy(key, value);
      }
    }
    if (result && quirks_.short_call_ids) {
      const Message asked{
          .role = Role::tool, .name = text_in(object, "name"), .tool_call_id = text_in(object, "tool_call_id")};
      writer_.key("tool_call_id").value(ids_.of_result(asked));
    }
    writer_.end_object();
  }

  // What the vendor's messages do not have.
  bool left_out(std::string_view key, std::string_view value, std::string_view role, const std::string& place) {
    if (key == "name") return (quirks_.mistral_fields && role != "tool" && role != "function") || quirks_.groq_fields;
    if (!quirks_.mistral_fields || role != "assistant") return false;
    if (key == "audio" || key == "function_call") {
      if (says_something(value))
        refuse(fmt::format("This provider does not know '{}'.", key), place + "." + std::string(key));
      return true;
    }
    return key == "refusal" || key == "annotations" || key == "reasoning_content" || key == "reasoning";
  }

  void calls(std::string_view list) {
    writer_.key("tool_calls").begin_array();
    int64_t index = 0;
    for (const auto call : json::elements(list)) {
      if (call.starts_with('{')) {
        one_call(call, index);
      } else {
        writer_.raw(call);
      }
      ++index;
    }
    writer_.end_array();
  }

  void one_call(std::string_view call, int64_t index) {
    const auto function = json::member(call, "function");
    bool has_index = false;
    writer_.begin_object();
    if (quirks_.short_call_ids) {
      const Part part{.kind = Part::Kind::tool_call, .id = text_in(call, "id"), .name = text_in(function, "name")};
      writer_.key("id").value(ids_.of_call(part));
    }
    for (const auto& field : json::top_level_fields(call)) {
      const auto key = key_of(field);
      if (key == "id" && quirks_.short_call_ids) continue;
      if (key == "extra_content" && quirks_.mistral_fields) continue;  // a seal of somebody else's
      has_index = has_index || key == "index";
      copy(key, value_of(call, field));
    }
    if (quirks_.together_fields && !has_index) writer_.key("index").value(index);
    writer_.end_object();
  }

  void content(std::string_view value, std::string_view role, const std::string& place) {
    if (value.starts_with('[') && quirks_.together_fields && role != "user") return joined(value);
    if (!value.starts_with('[') || !quirks_.mistral_fields) return copy("content", value);
    writer_.key("content").begin_array();
    std::size_t index = 0;
    for (const auto part : json::elements(value)) mistral_part(part, fmt::format("{}.content[{}]", place, index++));
    writer_.end_array();
  }

  // Of these Together takes text only, as one string.
  void joined(std::string_view parts) {
    std::string text;
    for (const auto part : json::elements(parts)) {
      const auto kind = text_in(part, "type");
      if (kind != "text" && kind != "refusal") return copy("content", parts);
      text += text_in(part, kind);
    }
    writer_.key("content").value(text);
  }

  void mistral_part(std::string_view part, const std::string& place) {
    const auto type = text_in(part, "type");
    if (type == "refusal") {
      writer_.begin_object().key("type").value("text").key("text").value(text_in(part, "refusal")).end_object();
    } else if (type == "input_audio" && json::member(part, "input_audio").starts_with('{')) {
      writer_.begin_object().key("type").value(type).key("input_audio");
      writer_.value(text_in(json::member(part, "input_audio"), "data")).end_object();
    } else if (type == "file" && json::member(part, "file").starts_with('{')) {
      const auto file = json::member(part, "file");
      const auto data = text_in(file, "file_data");
      if (data.empty()) return refuse("This provider takes files inline only, or as its own.", place);
      writer_.begin_object().key("type").value("document_url").key("document_url").value(data);
      const auto name = text_in(file, "filename");
      if (!name.empty()) writer_.key("document_name").value(name);
      writer_.end_object();
    } else {
      writer_.raw(part);
    }
  }

  const Quirks& quirks_;
  bool chat_;
  std::span<const FieldRule> rules_;
  json::Writer writer_;
  std::string_view body_;
  CallIds ids_{nine_plain};
  bool logprobs_written_ = false;
  std::forward_list<std::string> kept_;  // texts without their escapes
  Error error_;
};

}  // namespace

bool has_vendor_body(const Quirks& quirks) {
  return quirks.mistral_fields || quirks.together_fields || quirks.groq_fields || quirks.tgi_fields ||
         quirks.short_call_ids;
}

Result<std::string> vendor_body(std::string body, const Quirks& quirks, Operation operation) {
  if (!has_vendor_body(quirks)) return body;
  if (quirks.mistral_fields && operation == Operation::completion) {
    return failure(unsupported("Mistral serves chat and embeddings, not completions.", "prompt"));
  }
  std::string out;
  out.reserve(body.size() + 64);
  if (auto written = VendorBody(quirks, operation, out).write(body); !written)
    return failure(std::move(written.error()));
  return out;
}

}  // namespace weir::openai_provider
