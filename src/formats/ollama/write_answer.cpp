// Response and Error → whole bodies of Ollama's API.
#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "formats/ollama/client_face.h"
#include "formats/shared/error_shape.h"
#include "formats/shared/translation.h"

namespace weir::ollama_client {
namespace {

using Kind = Part::Kind;

std::string_view done_reason(FinishReason finish) {
  switch (finish) {
    case FinishReason::none:
    case FinishReason::stop:
    case FinishReason::tool_calls:  // a call ends an answer as its last word does
      return "stop";
    case FinishReason::length:
    case FinishReason::content_filter:
      return to_string(finish);
  }
  return "stop";
}

// What it said, refusals included: there is no other place for them.
std::string said(const Choice& choice) {
  std::string text;
  for (const auto& part : choice.parts) {
    if (part.kind == Kind::text || part.kind == Kind::refusal) text += part.text;
  }
  return text;
}

void write_thinking(json::Writer& writer, const Choice& choice, const Request& request) {
  const auto thoughts = choice.text(Kind::thinking);
  if (!thoughts.empty() && request.show_thinking.value_or(true)) writer.key("thinking").value(thoughts);
}

void write_calls(json::Writer& writer, const Choice& choice) {
  if (!choice.has(Kind::tool_call)) return;
  writer.key("tool_calls").begin_array();
  int64_t index = 0;
  for (const auto& part : choice.parts) {
    if (part.kind == Kind::tool_call) write_call(writer, part.call, index++);
  }
  writer.end_array();
}

void write_choice(json::Writer& writer, const Choice& choice, const Request& request) {
  if (request.variant == generate) {
    writer.key("response").value(said(choice));
    write_thinking(writer, choice, request);
  } else {
    writer.key("message").begin_object().key("role").value("assistant").key("content").value(said(choice));
    write_thinking(writer, choice, request);
    write_calls(writer, choice);
    writer.end_object();
  }
  write_logprobs(writer, choice.logprobs);
}

void write_floats(json::Writer& writer, const std::vector<float>& numbers) {
  writer.begin_array();
  for (const float number : numbers) writer.value(number);
  writer.end_array();
}

void write_embeddings(json::Writer& writer, const Response& response, const Request& request) {
  if (request.variant == embeddings) {
    writer.key("embedding");
    write_floats(writer, response.embeddings.empty() ? std::vector<float>() : response.embeddings.front());
    return;
  }
  writer.key("model").value(response.model).key("embeddings").begin_array();
  for (const auto& embedding : response.embeddings) write_floats(writer, embedding);
  writer.end_array().key("total_duration").value(0).key("load_duration").value(0);
  writer.key("prompt_eval_count").value(response.usage.input);
}

}  // namespace

std::string write_time(int64_t seconds) {
  using namespace std::chrono;
  constexpr int64_t latest = 253'402'300'799;  // 9999-12-31T23:59:59Z
  const sys_seconds time{std::chrono::seconds{std::clamp<int64_t>(seconds, 0, latest)}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

void write_head(json::Writer& writer, std::string_view model, int64_t created) {
  writer.key("model").value(model).key("created_at").value(write_time(created));
}

void write_call(json::Writer& writer, const AnswerToolCall& call, int64_t index) {
  writer.begin_object();
  if (!call.id.empty()) writer.key("id").value(call.id);
  writer.key("function").begin_object().key("index").value(index).key("name").value(call.name).key("arguments");
  write_arguments(writer, call.arguments);
  writer.end_object().end_object();
}

// A chat's: the list under `content`, which is Ollama's own form. A completion's: texts and numbers side by side.
void write_logprobs(json::Writer& writer, const std::string& logprobs) {
  if (logprobs.empty() || logprobs.front() != '{') return;
  if (const auto content = json::member(logprobs, "content"); content.starts_with('[')) {
    writer.key("logprobs").raw(content);
    return;
  }
  const auto tokens = json::member(logprobs, "tokens");
  const auto numbers = json::member(logprobs, "token_logprobs");
  if (!tokens.starts_with('[') || !numbers.starts_with('[')) return;
  const auto texts = json::elements(tokens);
  const auto values = json::elements(numbers);
  writer.key("logprobs").begin_array();
  for (std::size_t i = 0; i < std::min(texts.size(), values.size()); ++i) {
    writer.begin_object().key("token").raw(texts[i]).key("logprob").raw(values[i]).end_object();
  }
  writer.end_array();
}

void write_tail(json::Writer& writer, FinishReason finish, const Usage& usage) {
  writer.key("done").boolean(true).key("done_reason").value(done_reason(finish));
  writer.key("total_duration").value(0).key("load_duration").value(0);
  writer.key("prompt_eval_count").value(usage.input).key("prompt_eval_duration").value(0);
  writer.key("eval_count").value(usage.output).key("eval_duration").value(0);
}

std::string write_response(const Response& response, const Request& request) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  if (request.operation == Operation::embedding) {
    write_embeddings(writer, response, request);
  } else {
    const Choice nothing;
    const auto& choice = response.choices.empty() ? nothing : response.choices.front();
    write_head(writer, response.model, response.created);
    write_choice(writer, choice, request);
    write_tail(writer, choice.finish, response.usage);
  }
  writer.end_object();
  return out;
}

std::string write_error(const Error& error) { return write_error_as(ErrorShape::ollama, error); }

}  // namespace weir::ollama_client
