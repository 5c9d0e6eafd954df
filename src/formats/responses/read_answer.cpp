// Whole answers in the Responses format → Response.
#include <fmt/format.h>

#include "formats/openai/model_face.h"
#include "formats/responses/client_face.h"
#include "formats/responses/model_face.h"
#include "formats/responses/output_item.h"
#include "formats/responses/seal.h"
#include "formats/shared/error_body.h"
#include "formats/shared/errors.h"
#include "formats/shared/mended_answer.h"
#include "formats/shared/said.h"
#include "formats/shared/signature.h"

namespace weir::responses {
namespace {

using json::Element;

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::upstream_malformed, fmt::format("The provider's answer is malformed: {}.", what));
}

void add_texts(const json::Object& item, std::string_view key, std::string& out) {
  Element list;
  if (item.at_key(key).get(list) != simdjson::SUCCESS) return;
  each_of(list, [&](const Element& element) {
    const auto text = said_text(element);
    if (!out.empty() && !text.empty()) out += "\n\n";
    out += text;
  });
}

void read_message(const json::Object& item, std::vector<AnswerPart>& parts) {
  Element content;
  if (item.at_key("content").get(content) != simdjson::SUCCESS) return;
  each_of(content, [&](const Element& element) {
    json::Object piece;
    if (element.get(piece) != simdjson::SUCCESS) {
      parts.emplace_back().text = said_text(element);
      return;
    }
    const auto type = json::string_or(piece, "type");
    if (type != "output_text" && type != "text" && type != "refusal") return;
    auto& part = parts.emplace_back();
    part.kind = type == "refusal" ? Part::Kind::refusal : Part::Kind::text;
    part.text = said_text(piece, type == "refusal" ? "refusal" : "text");
  });
}

// Log probabilities of all text, in the form of OpenAI's chat.
void read_logprobs(const json::Object& item, Choice& choice) {
  json::Array content;
  if (!choice.logprobs.empty() || item.at_key("content").get(content) != simdjson::SUCCESS) return;
  for (const auto element : content) {
    Element list;
    if (element.at_key("logprobs").get(list) != simdjson::SUCCESS) continue;
    choice.logprobs = logprobs_for_chat(list);
    if (!choice.logprobs.empty()) return;
  }
}

// False: content that has no canonical form.
bool read_output_item(const Element& element, std::string_view shown_in, Choice& choice) {
  json::Object item;
  if (element.get(item) != simdjson::SUCCESS) return true;
  const auto type = json::string_or(item, "type");
  auto parts = parts_of_item(item, shown_in);
  if (type == "message") read_logprobs(item, choice);
  if (parts.empty()) return type == "message" || type == "reasoning";
  for (auto& part : parts) {
    if (is_text(Part{.kind = part.kind, .raw = {}}) && part.text.empty()) continue;
    choice.parts.push_back(std::move(part));
  }
  return true;
}

}  // namespace

std::vector<AnswerPart> parts_of_item(const json::Object& item, std::string_view shown_in) {
  std::vector<AnswerPart> parts;
  const auto type = json::string_or(item, "type");
  if (type == "message") {
    read_message(item, parts);
  } else if (type == "reasoning") {
    AnswerPart part{.kind = Part::Kind::thinking};
    add_texts(item, "summary", part.text);
    if (part.text.empty()) add_texts(item, "content", part.text);
    const auto seal = join_seal(json::string_or(item, "id"), json::string_or(item, "encrypted_content"));
    part.signature = shown_signature(seal, wire_name, shown_in);
    if (!part.text.empty() || !part.signature.empty()) parts.push_back(std::move(part));
  } else if (type == "function_call" || type == "custom_tool_call") {
    AnswerPart part{.kind = Part::Kind::tool_call};
    part.call.id = json::string_or(item, "call_id", json::string_or(item, "id"));
    part.call.name = json::string_or(item, "name");
    part.call.arguments = type == "custom_tool_call" ? arguments_of_input(json::string_or(item, "input"))
                                                     : said_arguments(item, "arguments");
    parts.push_back(std::move(part));
  }
  return parts;
}

FinishReason finish_of(const json::Object& response, bool calls) {
  const auto status = json::string_or(response, "status");
  if (status == "incomplete") {
    std::string_view reason;
    json::Object details;
    if (response.at_key("incomplete_details").get(details) == simdjson::SUCCESS) {
      reason = json::string_or(details, "reason");
    }
    return reason == "content_filter" ? FinishReason::content_filter : FinishReason::length;
  }
  if (status == "queued" || status == "in_progress") return FinishReason::none;
  return calls ? FinishReason::tool_calls : FinishReason::stop;
}

Usage usage_of(const json::Object& response) {
  Usage usage;
  json::Object counts;
  if (response.at_key("usage").get(counts) == simdjson::SUCCESS) usage = openai_provider::read_usage(counts);
  if (const auto tier = json::string_or(response, "service_tier"); !tier.empty()) {
    usage.tier = openai_provider::read_tier(tier);
  }
  return usage;
}

Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool) {
  auto document = pool.take();
  if (auto parsed = parse_answer(*document, std::move(body)); !parsed) return malformed(parsed.error().message);
  json::Object object;
  if (document->root().get(object) != simdjson::SUCCESS) return malformed("it is no JSON object");
  if (is_error_body(object) || json::string_or(object, "status") == "failed")
    return failure(classify_body(document->root(), 0));
  json::Array output;
  if (object.at_key("output").get(output) != simdjson::SUCCESS) {
    const bool failed = json::string_or(object, "object") != "response" && says_error(object);
    const bool told = json::string_or(object, "type") == "response.failed";  // a stream's last event alone
    if (failed || told) return failure(classify_body(document->root(), 0));
    return malformed("it has no 'output'");
  }
  Response response{.operation = request.operation};
  response.id = json::string_or(object, "id");
  response.model = json::string_or(object, "model");
  double created = 0;  // some write it with a fraction
  json::read_if(object.at_key("created_at"), created);
  if (created > 0 && created < 9e15) response.created = static_cast<int64_t>(created);
  auto& choice = response.choices.emplace_back();
  for (const auto element : output) {
    if (!read_output_item(element, request.format, choice)) choice.has_other = true;
  }
  choice.finish = finish_of(object, choice.has(Part::Kind::tool_call));
  if (choice.finish == FinishReason::none) choice.has_other = true;  // it is being made, and can be fetched later
  response.usage = usage_of(object);
  if (request.format == wire_name) response.raw = document->take_text();
  return response;
}

}  // namespace weir::responses
