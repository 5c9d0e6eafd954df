// Response and Error → whole bodies in Gemini's format.
#include "core/saturating.h"
#include "formats/gemini/client_face.h"
#include "formats/gemini/logprobs.h"
#include "formats/gemini/names.h"
#include "formats/shared/translation.h"

namespace weir::gemini {
namespace {

struct StatusName {
  int status;
  std::string_view name;
};
// google.rpc.Code by its HTTP status.
constexpr std::array status_names = {
    StatusName{400, "INVALID_ARGUMENT"},   StatusName{401, "UNAUTHENTICATED"}, StatusName{403, "PERMISSION_DENIED"},
    StatusName{404, "NOT_FOUND"},          StatusName{405, "UNIMPLEMENTED"},   StatusName{409, "ABORTED"},
    StatusName{429, "RESOURCE_EXHAUSTED"}, StatusName{499, "CANCELLED"},       StatusName{500, "INTERNAL"},
    StatusName{501, "UNIMPLEMENTED"},      StatusName{503, "UNAVAILABLE"},     StatusName{504, "DEADLINE_EXCEEDED"},
};

std::string_view name_of(int status) {
  for (const auto& one : status_names) {
    if (one.status == status) return one.name;
  }
  if (status >= 500) return "INTERNAL";
  return "INVALID_ARGUMENT";
}

void write_details(json::Writer& writer, const Error& error) {
  writer.key("details").begin_array();
  writer.begin_object().key("@type").value("type.googleapis.com/google.rpc.ErrorInfo");
  writer.key("reason").value(rule_of(error.code).name).key("domain").value("weir").end_object();
  if (!error.param.empty()) {
    writer.begin_object().key("@type").value("type.googleapis.com/google.rpc.BadRequest");
    writer.key("fieldViolations").begin_array().begin_object();
    writer.key("field").value(error.param).key("description").value(error.message);
    writer.end_object().end_array().end_object();
  }
  if (error.retry_after_ms > 0) {
    const auto seconds = (error.retry_after_ms + 999) / 1000;
    writer.begin_object().key("@type").value("type.googleapis.com/google.rpc.RetryInfo");
    writer.key("retryDelay").value(std::to_string(seconds) + "s").end_object();
  }
  writer.end_array();
}

void write_part(json::Writer& writer, const AnswerPart& part, const Request& request) {
  switch (part.kind) {
    case Part::Kind::text:
    case Part::Kind::refusal:
      if (!part.text.empty()) writer.begin_object().key("text").value(part.text).end_object();
      break;
    case Part::Kind::thinking:
      if (request.show_thinking != true) break;
      writer.begin_object().key("text").value(part.text).key("thought").boolean(true);
      if (!part.signature.empty()) writer.key("thoughtSignature").value(wrapped_seal(part.signature));
      writer.end_object();
      break;
    case Part::Kind::tool_call:
      write_call(writer, part.call);
      break;
    case Part::Kind::media:
    case Part::Kind::foreign:
      break;
  }
}

void write_candidate(json::Writer& writer, const Choice& choice, const Request& request) {
  std::string parts;
  json::Writer part_writer(parts);
  for (const auto& part : choice.parts) write_part(part_writer, part, request);
  const bool refused = parts.empty() && choice.finish == FinishReason::content_filter;
  writer.begin_object();
  if (!refused) {
    writer.key("content").begin_object().key("parts").begin_array();
    writer.raw(parts.empty() ? std::string_view(R"({"text":""})") : std::string_view(parts));
    writer.end_array().key("role").value("model").end_object();
  }
  writer.key("finishReason").value(finish_name(choice.finish)).key("index").value(choice.index);
  write_logprobs(writer, choice.logprobs);
  writer.end_object();
}

void write_values(json::Writer& writer, const std::vector<float>& values) {
  writer.begin_object().key("values").begin_array();
  for (const float value : values) writer.value(value);
  writer.end_array().end_object();
}

}  // namespace

std::string_view finish_name(FinishReason reason) {
  switch (reason) {
    case FinishReason::length:
      return "MAX_TOKENS";
    case FinishReason::content_filter:
      return "SAFETY";
    case FinishReason::none:
    case FinishReason::stop:
    case FinishReason::tool_calls:
      break;
  }
  return "STOP";
}

void write_usage(json::Writer& writer, const Usage& usage) {
  const auto thoughts = std::min(usage.reasoning, usage.output);
  writer.begin_object().key("promptTokenCount").value(usage.input);
  if (usage.output > thoughts || thoughts == 0) writer.key("candidatesTokenCount").value(usage.output - thoughts);
  writer.key("totalTokenCount").value(saturating_add(usage.input, usage.output));
  if (usage.cached > 0) writer.key("cachedContentTokenCount").value(usage.cached);
  if (thoughts > 0) writer.key("thoughtsTokenCount").value(thoughts);
  writer.end_object();
}

void write_call(json::Writer& writer, const AnswerToolCall& call) {
  writer.begin_object().key("functionCall").begin_object().key("name").value(call.name).key("args");
  write_arguments(writer, call.arguments);
  if (!call.id.empty()) writer.key("id").value(call.id);
  writer.end_object();
  if (!call.signature.empty()) writer.key("thoughtSignature").value(wrapped_seal(call.signature));
  writer.end_object();
}

std::string write_answer(const Response& response, const Request& request) {
  std::string out;
  out.reserve(512);
  json::Writer writer(out);
  writer.begin_object().key("candidates").begin_array();
  for (const auto& choice : response.choices) write_candidate(writer, choice, request);
  writer.end_array();
  if (response.usage.known || response.usage.estimated) {
    writer.key("usageMetadata");
    write_usage(writer, response.usage);
  }
  writer.key("modelVersion").value(response.model);
  if (!response.id.empty()) writer.key("responseId").value(response.id);
  writer.end_object();
  return out;
}

std::string write_embeddings(const Response& response, const Request& request) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  if (request.answer_shape == shape_batch) {
    writer.key("embeddings").begin_array();
    for (const auto& values : response.embeddings) write_values(writer, values);
    writer.end_array();
  } else if (!response.embeddings.empty()) {
    writer.key("embedding");
    write_values(writer, response.embeddings.front());
  }
  if (response.usage.known) {
    writer.key("usageMetadata").begin_object().key("promptTokenCount").value(response.usage.input).end_object();
  }
  writer.end_object();
  return out;
}

std::string write_error(const Error& error) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("error").begin_object();
  writer.key("code").value(error.status()).key("message").value(error.message);
  writer.key("status").value(name_of(error.status()));
  write_details(writer, error);
  writer.end_object().end_object();
  return out;
}

}  // namespace weir::gemini
