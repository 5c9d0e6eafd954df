// Response and Error → whole bodies of the OpenAI dialect.
#include "core/base64.h"
#include "core/saturating.h"
#include "formats/openai/client_face.h"
#include "formats/openai/media.h"

namespace weir::openai_dialect {
namespace {

void write_string_or_null(json::Writer& writer, std::string_view key, std::string_view text) {
  writer.key(key);
  if (text.empty()) {
    writer.null();
  } else {
    writer.value(text);
  }
}

void write_head(json::Writer& writer, const Response& response, std::string_view object, std::string_view id) {
  writer.key("id").value(response.id.empty() ? id : std::string_view(response.id));
  writer.key("object").value(object).key("created").value(response.created).key("model").value(response.model);
}

void write_logprobs(json::Writer& writer, const std::string& logprobs) {
  writer.key("logprobs").raw(logprobs.empty() ? "null" : std::string_view(logprobs));
}

void write_tool_call(json::Writer& writer, const AnswerToolCall& call) {
  writer.begin_object().key("id").value(call.id).key("type").value("function");
  writer.key("function").begin_object().key("name").value(call.name).key("arguments").value(call.arguments);
  writer.end_object();
  write_seal(writer, call.signature);
  writer.end_object();
}

void write_message(json::Writer& writer, const Choice& choice) {
  writer.key("message").begin_object().key("role").value("assistant");
  const auto text = choice.text();
  const auto refusal = choice.text(Part::Kind::refusal);
  const bool calls = choice.has(Part::Kind::tool_call);
  writer.key("content");
  if (text.empty() && (calls || !refusal.empty())) {
    writer.null();
  } else {
    writer.value(text);
  }
  write_string_or_null(writer, "refusal", refusal);
  const auto thoughts = choice.text(Part::Kind::thinking);
  if (!thoughts.empty()) writer.key("reasoning_content").value(thoughts);
  if (calls) {
    writer.key("tool_calls").begin_array();
    for (const auto& part : choice.parts) {
      if (part.kind == Part::Kind::tool_call) write_tool_call(writer, part.call);
    }
    writer.end_array();
  }
  writer.end_object();
}

void write_choice(json::Writer& writer, const Choice& choice, Operation operation) {
  writer.begin_object().key("index").value(choice.index);
  if (operation == Operation::completion) {
    writer.key("text").value(choice.text());
  } else {
    write_message(writer, choice);
  }
  write_logprobs(writer, choice.logprobs);
  // A whole answer has ended, whatever the provider left unsaid.
  const auto finish = to_string(choice.finish);
  writer.key("finish_reason").value(finish.empty() ? std::string_view("stop") : finish);
  writer.end_object();
}

std::string encode_embeddings(const Response& response, const Request& request) {
  std::string out;
  json::Writer writer(out);
  // OpenAI's own embeddings have no id; Mistral's clients take none without.
  writer.begin_object().key("id").value(response.id).key("object").value("list").key("data").begin_array();
  int64_t index = 0;
  for (const auto& embedding : response.embeddings) {
    writer.begin_object().key("object").value("embedding").key("index").value(index++).key("embedding");
    if (request.wants_base64) {
      writer.value(pack_floats(embedding));
    } else {
      writer.begin_array();
      for (const float value : embedding) writer.value(value);
      writer.end_array();
    }
    writer.end_object();
  }
  writer.end_array().key("model").value(response.model).key("usage").begin_object();
  writer.key("prompt_tokens").value(response.usage.input).key("total_tokens").value(response.usage.input);
  writer.end_object().end_object();
  return out;
}

// The names that OpenAI's own SDK and its users look for; the others go by the name in the table of errors.
std::string_view code_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::unknown_model:
      return "model_not_found";
    case ErrorCode::unauthorized:
      return "invalid_api_key";
    case ErrorCode::rate_limited:
    case ErrorCode::upstream_rate_limited:
      return "rate_limit_exceeded";
    case ErrorCode::budget_exceeded:
      return "insufficient_quota";
    case ErrorCode::context_overflow:
      return "context_length_exceeded";
    case ErrorCode::content_filtered:
      return "content_filter";
    case ErrorCode::invalid_request:
      return error.provider_code.empty() ? rule_of(error.code).name : std::string_view(error.provider_code);
    case ErrorCode::upstream_rejected:
      return error.provider_code.empty() ? std::string_view("upstream_rejected")
                                         : std::string_view(error.provider_code);
    default:
      return rule_of(error.code).name;
  }
}

}  // namespace

void write_seal(json::Writer& writer, std::string_view signature) {
  if (signature.empty()) return;
  writer.key("extra_content").begin_object().key("google").begin_object();
  writer.key("thought_signature").value(signature).end_object().end_object();
}

void write_usage(json::Writer& writer, const Usage& usage) {
  writer.begin_object().key("prompt_tokens").value(usage.input).key("completion_tokens").value(usage.output);
  writer.key("total_tokens").value(saturating_add(usage.input, usage.output));
  writer.key("prompt_tokens_details").begin_object().key("cached_tokens").value(usage.cached);
  if (usage.written > 0) writer.key("cache_write_tokens").value(usage.written);
  writer.end_object();
  writer.key("completion_tokens_details").begin_object().key("reasoning_tokens").value(usage.reasoning).end_object();
  writer.end_object();
}

void write_error(json::Writer& writer, const Error& error) {
  writer.key("error").begin_object().key("message").value(error.message);
  writer.key("type").value(rule_of(error.code).openai_type);
  write_string_or_null(writer, "param", error.param);
  writer.key("code").value(code_of(error)).end_object();
}

std::string write_response(const Response& response, const Request& request) {
  if (request.operation == Operation::embedding) return encode_embeddings(response, request);
  if (request.operation == Operation::image) return openai_media::write_pictures(response);
  const bool chat = request.operation == Operation::chat;
  std::string out;
  out.reserve(512);
  json::Writer writer(out);
  writer.begin_object();
  write_head(writer, response, chat ? "chat.completion" : "text_completion", chat ? "chatcmpl-0" : "cmpl-0");
  writer.key("choices").begin_array();
  for (const auto& choice : response.choices) write_choice(writer, choice, request.operation);
  writer.end_array();
  if (response.usage.known || response.usage.estimated) {
    writer.key("usage");
    write_usage(writer, response.usage);
  }
  writer.end_object();
  return out;
}

std::string write_error(const Error& error) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  write_error(writer, error);
  writer.end_object();
  return out;
}

}  // namespace weir::openai_dialect
