#include "formats/openai/forward.h"

#include <fmt/format.h>

#include "core/saturating.h"
#include "core/stable_hash.h"
#include "formats/openai/model_face.h"
#include "formats/shared/said.h"

namespace weir::openai_provider {
namespace {

using json::Array;
using json::Element;
using json::Object;
using json::Writer;

// The fields that say whose chunk it is. Those that are missing or of a wrong type are made up.
class Head {
 public:
  Head(Writer& writer, const StreamState& state, std::string_view object)
      : writer_(writer), state_(state), object_(object) {}

  // False: it is none of them.
  bool write(std::string_view key, const Element& value) {
    if (key == "id") {
      write_id(value);
    } else if (key == "object") {
      has_object_ = true;
      writer_.key(key).value(object_);
    } else if (key == "created") {
      int64_t created = 0;
      double real = 0;
      if (value.get(created) != simdjson::SUCCESS && value.get(real) == simdjson::SUCCESS && real > 0 && real < 1e12)
        created = static_cast<int64_t>(real);
      has_created_ = true;
      writer_.key(key).value(created != 0 ? created : made_at());
    } else if (key == "model") {
      std::string_view model;
      has_model_ = true;
      writer_.key(key).value(value.get(model) == simdjson::SUCCESS ? model : std::string_view(state_.model));
    } else {
      return false;
    }
    return true;
  }
  void write_missing() {
    if (!has_id_) writer_.key("id").value(id());
    if (!has_object_) writer_.key("object").value(object_);
    if (!has_created_) writer_.key("created").value(made_at());
    if (!has_model_) writer_.key("model").value(state_.model);
  }

 private:
  void write_id(const Element& value) {
    std::string_view text;
    has_id_ = true;
    writer_.key("id");
    if (value.get(text) == simdjson::SUCCESS) {
      writer_.value(text);
    } else if (value.is_int64()) {  // some count their answers
      writer_.value(simdjson::minify(value));
    } else {
      writer_.value(id());
    }
  }
  [[nodiscard]] std::string_view id() const { return state_.id.empty() ? state_.forwarding.id : state_.id; }
  [[nodiscard]] int64_t made_at() const { return state_.created != 0 ? state_.created : state_.forwarding.created; }

  Writer& writer_;
  const StreamState& state_;
  std::string_view object_;
  bool has_id_ = false;
  bool has_object_ = false;
  bool has_created_ = false;
  bool has_model_ = false;
};

bool has(const Object& object, std::string_view key) { return object.at_key(key).error() == simdjson::SUCCESS; }
bool has_text(const Object& object, std::string_view key) {
  const auto found = object.at_key(key);
  return found.error() == simdjson::SUCCESS && found.value_unsafe().is_string();
}
bool has_integer(const Object& object, std::string_view key) {
  int64_t number = 0;
  return object.at_key(key).get(number) == simdjson::SUCCESS;
}

void write_reasoning(Writer& writer, const Element& value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS && !text.empty()) writer.key("reasoning_content").value(text);
}

// A tool call, whole or a piece: `call` says how, `object` holds what else the provider put into it.
void write_call(Writer& writer, const Object& object, const AnswerToolCall& call, const int64_t* index) {
  writer.begin_object();
  if (index != nullptr) writer.key("index").value(*index);
  if (!call.id.empty()) writer.key("id").value(call.id).key("type").value("function");
  for (const auto field : object) {
    const bool written = field.key == "index" || field.key == "id" || field.key == "type" || field.key == "function";
    if (!written) writer.key(field.key).value(field.value);
  }
  writer.key("function").begin_object();
  if (!call.name.empty()) writer.key("name").value(call.name);
  writer.key("arguments").value(call.arguments);
  Object function;
  if (object.at_key("function").get(function) == simdjson::SUCCESS) {
    for (const auto field : function) {
      if (field.key != "name" && field.key != "arguments") writer.key(field.key).value(field.value);
    }
  }
  writer.end_object().end_object();
}

// With the three counts that every client reads: others (a count as a text, none for the answer) are written anew, with
// what else the provider says of them beside.
bool is_good_usage(const Element& value) {
  Object usage;
  return value.get(usage) == simdjson::SUCCESS && has_integer(usage, "prompt_tokens") &&
         has_integer(usage, "completion_tokens") && has_integer(usage, "total_tokens");
}

void write_usage_anew(Writer& writer, const Element& value, const Usage& known) {
  Object usage;
  if (is_good_usage(value) || value.get(usage) != simdjson::SUCCESS || !known.known) {
    writer.value(value);
    return;
  }
  writer.begin_object().key("prompt_tokens").value(known.input).key("completion_tokens").value(known.output);
  writer.key("total_tokens").value(saturating_add(known.input, known.output));
  for (const auto field : usage) {
    const bool written =
        field.key == "prompt_tokens" || field.key == "completion_tokens" || field.key == "total_tokens";
    if (!written) writer.key(field.key).value(field.value);
  }
  writer.end_object();
}

class ChunkWriter {
 public:
  ChunkWriter(const StreamState& state, std::span<const StreamEvent> events, Finishes finishes)
      : state_(state), events_(events), finishes_(finishes), writer_(out_) {}

  std::string run(const Object& chunk) {
    Head head(writer_, state_, is_completion(chunk) ? "text_completion" : "chat.completion.chunk");
    bool has_choices = false;
    writer_.begin_object();
    for (const auto field : chunk) {
      if (field.key == "usage") continue;
      if (field.key == "choices") {
        has_choices = true;
        write_choices(field.value);
      } else if (!head.write(field.key, field.value)) {
        writer_.key(field.key).value(field.value);
      }
    }
    head.write_missing();
    if (!has_choices) writer_.key("choices").begin_array().end_array();
    if (state_.forwarding.usage_asked) writer_.key("usage").null();
    writer_.end_object();
    return std::move(out_);
  }

  static bool is_completion(const Object& chunk) {
    Array choices;
    if (json::string_or(chunk, "object") == "text_completion") return true;
    if (chunk.at_key("choices").get(choices) != simdjson::SUCCESS || choices.size() == 0) return false;
    Object first;
    return choices.at(0).get(first) == simdjson::SUCCESS && first.at_key("text").error() == simdjson::SUCCESS &&
           first.at_key("delta").error() != simdjson::SUCCESS;
  }

 private:
  void write_choices(const Element& value) {
    Array choices;
    writer_.key("choices").begin_array();
    if (value.get(choices) == simdjson::SUCCESS) {
      int64_t position = 0;
      for (const auto element : choices) {
        Object choice;
        if (element.get(choice) == simdjson::SUCCESS) write_choice(choice, position);
        ++position;
      }
    }
    writer_.end_array();
  }

  void write_choice(const Object& choice, int64_t index) {
    json::read_if(choice.at_key("index"), index);
    writer_.begin_object().key("index").value(index);
    bool has_finish = false;
    if (!has(choice, "text") && !choice.at_key("delta").is_object()) writer_.key("delta").begin_object().end_object();
    for (const auto field : choice) {
      if (field.key == "index") continue;
      Object delta;
      if (field.key == "delta") {
        if (field.value.get(delta) == simdjson::SUCCESS) write_delta(delta, index);
      } else if (field.key == "finish_reason") {
        has_finish = true;
        write_finish(field.value);
      } else {
        writer_.key(field.key).value(field.value);
      }
    }
    if (!has_finish) writer_.key("finish_reason").null();
    writer_.end_object();
  }

  void write_finish(const Element& value) {
    std::string_view reason;
    writer_.key("finish_reason");
    if (finishes_ == Finishes::left_out || value.get(reason) != simdjson::SUCCESS || reason.empty()) {
      writer_.null();
    } else if (is_finish_reason(reason)) {
      writer_.value(reason);
    } else {
      writer_.value(to_string(read_finish(reason)));
    }
  }

  void write_delta(const Object& delta, int64_t index) {
    const bool named = delta.at_key("reasoning_content").error() == simdjson::SUCCESS;
    writer_.key("delta").begin_object();
    for (const auto field : delta) {
      if (field.key == "tool_calls") {
        write_calls(field.value, index);
        continue;
      }
      writer_.key(field.key).value(field.value);
      if (field.key == "reasoning" && !named) write_reasoning(writer_, field.value);
    }
    writer_.end_object();
  }

  void write_calls(const Element& value, int64_t index) {
    writer_.key("tool_calls").begin_array();
    each_of(value, [&](const Element& element) {
      Object call;
      if (element.get(call) == simdjson::SUCCESS) write_next_call(call, index);
    });
    writer_.end_array();
  }

  // Calls were read in the order in which they stand here.
  void write_next_call(const Object& call, int64_t index) {
    while (next_call_ < events_.size() &&
           (events_[next_call_].kind != StreamEvent::Kind::tool_call || events_[next_call_].index != index))
      ++next_call_;
    if (next_call_ == events_.size()) return;
    const auto& event = events_[next_call_++];
    if (has(call, "function")) {
      write_call(writer_, call, event.tool, &event.tool_index);
    } else {
      writer_.raw(simdjson::minify(call));  // of another kind
    }
  }

  const StreamState& state_;
  std::span<const StreamEvent> events_;
  Finishes finishes_;
  std::string out_;
  Writer writer_;
  std::size_t next_call_ = 0;
};

bool is_good_call(const Element& element) {
  Object call;
  Object function;
  return element.get(call) == simdjson::SUCCESS && !json::string_or(call, "id").empty() && has_text(call, "type") &&
         call.at_key("function").get(function) == simdjson::SUCCESS && has_text(function, "name") &&
         has_text(function, "arguments");
}

bool is_good_message(const Object& message) {
  Array calls;
  Element content;
  if (!has_text(message, "role") || message.at_key("content").get(content) != simdjson::SUCCESS) return false;
  if (!content.is_string() && !content.is_null()) return false;
  if (has(message, "tool_calls")) {
    Element value;
    if (message.at_key("tool_calls").get(value) != simdjson::SUCCESS) return false;
    if (value.get(calls) != simdjson::SUCCESS) return value.is_null();
    for (const auto call : calls) {
      Object object;
      if (call.get(object) != simdjson::SUCCESS) return false;
      if (json::string_or(object, "type") != "custom" && !is_good_call(call)) return false;
    }
  }
  const bool thinks = has_text(message, "reasoning") || has(message, "reasoning_details");
  return !thinks || has(message, "reasoning_content");
}

bool is_good_choice(const Object& choice, Operation operation) {
  Object message;
  if (!has_integer(choice, "index") || !is_finish_reason(json::string_or(choice, "finish_reason"))) return false;
  if (operation == Operation::completion) return true;
  return choice.at_key("message").get(message) == simdjson::SUCCESS && is_good_message(message);
}

bool is_good_answer(const Object& answer, Operation operation) {
  const bool chat = operation == Operation::chat;
  if (!has_text(answer, "id") || !has_integer(answer, "created") || !has_text(answer, "model")) return false;
  if (json::string_or(answer, "object") != (chat ? "chat.completion" : "text_completion")) return false;
  if (const auto usage = answer.at_key("usage");
      usage.error() == simdjson::SUCCESS && !is_good_usage(usage.value_unsafe()))
    return false;
  Array choices;
  if (answer.at_key("choices").get(choices) != simdjson::SUCCESS) return false;
  for (const auto element : choices) {
    Object choice;
    if (element.get(choice) != simdjson::SUCCESS || !is_good_choice(choice, operation)) return false;
  }
  return true;
}

class AnswerWriter {
 public:
  AnswerWriter(const Request& request, const Response& response)
      : request_(request), response_(response), writer_(out_) {}

  std::string run(const Object& answer) {
    const bool chat = request_.operation == Operation::chat;
    StreamState known;
    known.id = response_.id.empty() ? std::string(chat ? "chatcmpl-0" : "cmpl-0") : response_.id;
    known.model = response_.model.empty() ? std::string(request_.model) : response_.model;
    Head head(writer_, known, chat ? "chat.completion" : "text_completion");
    writer_.begin_object();
    for (const auto field : answer) {
      if (field.key == "choices") {
        write_choices(field.value);
      } else if (field.key == "usage") {
        if (field.value.is_null()) continue;
        writer_.key("usage");
        write_usage_anew(writer_, field.value, response_.usage);
      } else if (!head.write(field.key, field.value)) {
        writer_.key(field.key).value(field.value);
      }
    }
    head.write_missing();
    writer_.end_object();
    return std::move(out_);
  }

 private:
  void write_choices(const Element& value) {
    Array choices;
    writer_.key("choices").begin_array();
    std::size_t position = 0;
    if (value.get(choices) == simdjson::SUCCESS) {
      for (const auto element : choices) {
        Object choice;
        if (element.get(choice) != simdjson::SUCCESS || position >= response_.choices.size()) continue;
        write_choice(choice, response_.choices[position++]);
      }
    }
    writer_.end_array();
  }

  void write_choice(const Object& object, const Choice& choice) {
    writer_.begin_object().key("index").value(choice.index);
    for (const auto field : object) {
      if (field.key == "index" || field.key == "finish_reason") continue;
      Object message;
      if (field.key == "message" && field.value.get(message) == simdjson::SUCCESS) {
        write_message(message, choice);
      } else {
        writer_.key(field.key).value(field.value);
      }
    }
    const auto reason = json::string_or(object, "finish_reason");
    // A whole answer has ended, whatever the provider left unsaid.
    auto meant = choice.finish == FinishReason::none ? std::string_view("stop") : to_string(choice.finish);
    if (choice.finish == FinishReason::none && choice.has(Part::Kind::tool_call)) meant = "tool_calls";
    writer_.key("finish_reason").value(is_finish_reason(reason) ? reason : meant).end_object();
  }

  void write_message(const Object& object, const Choice& choice) {
    writer_.key("message").begin_object().key("role").value("assistant");
    const auto text = choice.text();
    const bool calls = choice.has(Part::Kind::tool_call);
    writer_.key("content");
    if (!text.empty() || (!calls && !choice.has(Part::Kind::refusal))) {
      writer_.value(text);
    } else {
      writer_.null();
    }
    const auto thoughts = choice.text(Part::Kind::thinking);
    if (!thoughts.empty()) writer_.key("reasoning_content").value(thoughts);
    for (const auto field : object) {
      if (field.key == "role" || field.key == "content" || field.key == "reasoning_content") continue;
      if (field.key == "tool_calls" && calls) {
        write_calls(field.value, choice);
      } else {
        writer_.key(field.key).value(field.value);
      }
    }
    writer_.end_object();
  }

  void write_calls(const Element& value, const Choice& choice) {
    writer_.key("tool_calls").begin_array();
    auto next = choice.parts.begin();
    each_of(value, [&](const Element& element) {
      Object call;
      if (element.get(call) != simdjson::SUCCESS) return;
      while (next != choice.parts.end() && next->kind != Part::Kind::tool_call) ++next;
      if (!has(call, "function") || next == choice.parts.end()) {
        writer_.value(element);  // of another kind
      } else {
        write_call(writer_, call, (next++)->call, nullptr);
      }
    });
    writer_.end_array();
  }

  const Request& request_;
  const Response& response_;
  std::string out_;
  Writer writer_;
};

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) ++at;
  return at;
}

}  // namespace

bool is_finish_reason(std::string_view reason) {
  return reason == "stop" || reason == "length" || reason == "tool_calls" || reason == "content_filter" ||
         reason == "function_call";
}

std::string rewrite_chunk(const Object& chunk, const StreamState& state, std::span<const StreamEvent> events,
                          Finishes finishes) {
  return ChunkWriter(state, events, finishes).run(chunk);
}

std::string usage_chunk(const Object& chunk, const StreamState& state) {
  std::string out;
  Writer writer(out);
  Head head(writer, state, ChunkWriter::is_completion(chunk) ? "text_completion" : "chat.completion.chunk");
  writer.begin_object();
  for (const auto field : chunk) {
    if (field.key == "choices") continue;
    if (field.key == "usage") {
      writer.key("usage");
      write_usage_anew(writer, field.value, state.usage);
    } else if (!head.write(field.key, field.value)) {
      writer.key(field.key).value(field.value);
    }
  }
  head.write_missing();
  writer.key("choices").begin_array().end_array().end_object();
  return out;
}

std::string without_null_usage(std::string_view data) {
  constexpr std::string_view name = "\"usage\"";
  const auto begin = data.rfind(name);
  if (begin == std::string_view::npos || data.find(name) != begin) return {};
  auto end = skip_blanks(data, begin + name.size());
  if (end >= data.size() || data[end] != ':') return {};
  end = skip_blanks(data, end + 1);
  if (data.substr(end, 4) != "null") return {};
  end += 4;
  auto from = begin;
  while (from > 0 && skip_blanks(data, from - 1) != from - 1) --from;
  if (from > 0 && data[from - 1] == ',') {
    --from;
  } else {
    end = skip_blanks(data, end);
    if (end < data.size() && data[end] == ',') ++end;
  }
  std::string out;
  out.reserve(data.size());
  out.append(data.substr(0, from)).append(data.substr(end));
  return out;
}

std::string rewrite_answer(const Object& answer, const Request& request, const Response& response) {
  if (is_good_answer(answer, request.operation)) return {};
  return AnswerWriter(request, response).run(answer);
}

std::string make_call_id(std::string_view answer_id, int64_t choice, int64_t index) {
  return fmt::format("call_{:016x}", fnv1a(fmt::format("{}#{}#{}", answer_id, choice, index)));
}

}  // namespace weir::openai_provider
