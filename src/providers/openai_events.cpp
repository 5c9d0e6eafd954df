// Stream events in OpenAI's format → StreamEvents. On the hot path of every stream: one parse into a reused buffer, one
// walk over the fields.
#include <fmt/format.h>

#include "providers/errors.h"
#include "providers/openai_wire.h"

namespace weir::openai_provider {
namespace {

using json::Element;
using Kind = StreamEvent::Kind;

class EventReader {
 public:
  EventReader(StreamState& state, std::vector<StreamEvent>& out) : state_(state), out_(out), before_(out.size()) {}

  Status read(const Element& root) {
    json::Object chunk;
    if (root.get(chunk) != simdjson::SUCCESS) {
      return failure(ErrorCode::upstream_malformed, "A stream event is JSON, but no object.");
    }
    json::Object usage;
    bool has_usage = false;
    bool has_choices = false;
    for (const auto field : chunk) {
      if (field.key == "choices") {
        has_choices = true;
        read_choices(field.value);
      } else if (field.key == "id") {
        if (state_.id.empty()) keep(field.value, state_.id);
      } else if (field.key == "model") {
        if (state_.model.empty()) keep(field.value, state_.model);
      } else if (field.key == "created") {
        if (state_.created == 0) json::read_if(field.value, state_.created);
      } else if (field.key == "usage") {
        has_usage = field.value.get(usage) == simdjson::SUCCESS;
      } else if (field.key == "x_groq" && !has_usage) {
        has_usage = field.value.at_key("usage").get(usage) == simdjson::SUCCESS;
      } else if ((field.key == "error" && !field.value.is_null()) || (field.key == "object" && is_error(field.value))) {
        return report_error(root);
      }
    }
    if (has_usage) read_stream_usage(usage);
    if (!has_choices && !has_usage) {
      return failure(ErrorCode::upstream_malformed, "A stream event has neither 'choices' nor 'usage' nor 'error'.");
    }
    if (out_.size() == before_) out_.emplace_back();  // role, filter results, an empty delta: lifecycle
    return {};
  }

 private:
  static void keep(const Element& value, std::string& into) {
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) into = text;
  }
  static bool is_error(const Element& value) {
    std::string_view text;
    return value.get(text) == simdjson::SUCCESS && text == "error";
  }

  Status report_error(const Element& root) {
    out_.resize(before_);
    out_.push_back({.kind = Kind::error, .error = classify_body(root, 0)});
    return {};
  }

  StreamEvent& add(Kind kind, int64_t index) {
    auto& event = out_.emplace_back();
    event.kind = kind;
    event.index = index;
    return event;
  }
  void add_text(Kind kind, int64_t index, const Element& value) {
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS && !text.empty()) add(kind, index).text = text;
  }

  void read_choices(const Element& value) {
    json::Array choices;
    if (value.get(choices) != simdjson::SUCCESS) return;
    int64_t position = 0;
    for (const auto element : choices) {
      json::Object choice;
      has_choice_ = true;
      if (element.get(choice) == simdjson::SUCCESS) read_choice(choice, position);
      ++position;
    }
  }

  void read_choice(const json::Object& choice, int64_t index) {
    json::Object delta;
    bool has_delta = false;
    Element text;
    bool has_text = false;
    Element logprobs;
    bool has_logprobs = false;
    std::string_view finish;
    for (const auto field : choice) {
      if (field.key == "delta") {
        has_delta = field.value.get(delta) == simdjson::SUCCESS;
      } else if (field.key == "index") {
        json::read_if(field.value, index);
      } else if (field.key == "finish_reason") {
        json::read_if(field.value, finish);
      } else if (field.key == "text") {
        text = field.value;
        has_text = true;
      } else if (field.key == "logprobs") {
        logprobs = field.value;
        has_logprobs = logprobs.is_object();
      }
    }
    const auto first = out_.size();
    if (has_delta) read_delta(delta, index);
    if (has_text) add_text(Kind::text, index, text);
    if (has_logprobs) attach_logprobs(first, index, logprobs);
    if (!finish.empty()) {
      state_.finish = read_finish(finish);
      add(Kind::finish, index).finish = state_.finish;
    }
  }

  void read_delta(const json::Object& delta, int64_t index) {
    bool has_reasoning = false;
    for (const auto field : delta) {
      if (field.key == "content") {
        if (field.value.is_array()) {
          read_parts(field.value, index);
        } else {
          add_text(Kind::text, index, field.value);
        }
      } else if (field.key == "reasoning_content" || field.key == "reasoning") {
        // Some send both names with the same text.
        const auto count = out_.size();
        if (!has_reasoning) add_text(Kind::reasoning, index, field.value);
        has_reasoning = has_reasoning || out_.size() != count;
      } else if (field.key == "refusal") {
        add_text(Kind::refusal, index, field.value);
      } else if (field.key == "tool_calls") {
        read_tool_calls(field.value, index);
      } else if (field.key == "function_call") {
        json::Object function;
        if (field.value.get(function) == simdjson::SUCCESS) read_function(function, add_tool(index, 0));
      }
    }
  }

  // Mistral's reasoning models: content as parts.
  void read_parts(const Element& content, int64_t index) {
    json::Array parts;
    if (content.get(parts) != simdjson::SUCCESS) return;
    for (const auto part : parts) {
      json::Object object;
      if (part.get(object) != simdjson::SUCCESS) continue;
      Element value;
      if (object.at_key("text").get(value) == simdjson::SUCCESS) add_text(Kind::text, index, value);
      json::Array thoughts;
      if (object.at_key("thinking").get(thoughts) != simdjson::SUCCESS) continue;
      for (const auto thought : thoughts) {
        if (thought.at_key("text").get(value) == simdjson::SUCCESS) add_text(Kind::reasoning, index, value);
      }
    }
  }

  StreamEvent& add_tool(int64_t index, int64_t tool_index) {
    auto& event = add(Kind::tool_call, index);
    event.tool_index = tool_index;
    return event;
  }

  static void read_function(const json::Object& function, StreamEvent& event) {
    event.tool.name = json::string_or(function, "name");
    Element arguments;
    if (function.at_key("arguments").get(arguments) != simdjson::SUCCESS || arguments.is_null()) return;
    std::string_view text;
    event.tool.arguments = arguments.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(arguments);
  }

  void read_tool_calls(const Element& value, int64_t index) {
    json::Array calls;
    if (value.get(calls) != simdjson::SUCCESS) return;
    for (const auto element : calls) {
      json::Object call;
      json::Object function;
      if (element.get(call) != simdjson::SUCCESS) continue;
      const auto id = json::string_or(call, "id");
      // Gemini's endpoint and some others leave `index` out and send each call whole: a new id is a new call.
      int64_t tool_index = 0;
      if (call.at_key("index").get(tool_index) != simdjson::SUCCESS) {
        tool_index = id.empty() ? std::max<int64_t>(state_.next_tool_index - 1, 0) : state_.next_tool_index;
      }
      auto& event = add_tool(index, tool_index);
      event.tool.id = id;
      if (call.at_key("function").get(function) == simdjson::SUCCESS) read_function(function, event);
      const bool begins = tool_index >= state_.next_tool_index;
      if (begins) state_.next_tool_index = tool_index + 1;
      if (begins && id.empty() && !event.tool.name.empty()) event.tool.id = fmt::format("call_{}", tool_index);
    }
  }

  void attach_logprobs(std::size_t first, int64_t index, const Element& logprobs) {
    for (std::size_t i = first; i < out_.size(); ++i) {
      if (out_[i].kind != Kind::text && out_[i].kind != Kind::refusal) continue;
      out_[i].logprobs = simdjson::minify(logprobs);
      return;
    }
    // A token without visible text (half a character) still has its log probability.
    json::Array tokens;
    const bool any = logprobs.at_key("content").get(tokens) == simdjson::SUCCESS && tokens.size() != 0;
    if (any) add(Kind::text, index).logprobs = simdjson::minify(logprobs);
  }

  // Some send the count so far with every chunk (vLLM's continuous usage, xAI): that is kept, not reported, until the
  // end.
  void read_stream_usage(const json::Object& object) {
    const auto usage = read_usage(object);
    state_.usage = usage;
    const bool at_end = state_.finish != FinishReason::none || !has_choice_;
    if (!at_end || (usage.input == 0 && usage.output == 0)) return;
    state_.usage_seen = true;
    add(Kind::usage, 0).usage = usage;
  }

  StreamState& state_;
  std::vector<StreamEvent>& out_;
  std::size_t before_;
  bool has_choice_ = false;
};

}  // namespace

Status decode_event(std::string_view event, StreamState& state, json::Document& scratch,
                    std::vector<StreamEvent>& out) {
  if (event == "[DONE]") {
    out.emplace_back().kind = Kind::done;
    return {};
  }
  if (auto parsed = scratch.parse_copy(event); !parsed) {
    return failure(ErrorCode::upstream_malformed, "A stream event is no JSON: " + parsed.error().message);
  }
  return EventReader(state, out).read(scratch.root());
}

}  // namespace weir::openai_provider
