// Answers of Converse → canonical form.
#include <fmt/format.h>

#include "core/saturating.h"
#include "formats/bedrock/model_face.h"
#include "formats/shared/mended_answer.h"
#include "formats/shared/said.h"
#include "formats/shared/signature.h"
#include "formats/shared/token_count.h"

namespace weir::bedrock {
namespace {

using json::Element;
using json::Object;

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::upstream_malformed, fmt::format("The provider's answer is malformed: {}.", what));
}

int64_t count_in(const Object& usage, std::string_view key, bool& doubtful) {
  Element element;
  if (usage.at_key(key).get(element) != simdjson::SUCCESS) return 0;
  const auto read = read_token_count(element);
  doubtful = doubtful || read.doubtful;
  return read.value;
}

class AnswerReader {
 public:
  AnswerReader(const Request& request, Choice& choice) : request_(request), choice_(choice) {}

  Status content(const json::Array& blocks) {
    for (const auto element : blocks) {
      Object block;
      if (element.get(block) != simdjson::SUCCESS) return malformed("a block of its content is no object");
      for (const auto member : block) {
        if (auto read = member_of_block(member.key, member.value); !read) return read;
      }
    }
    return {};
  }

 private:
  Status member_of_block(std::string_view key, const Element& value) {
    Object object;
    std::string_view said;
    if (key == "text") {
      if (value.get(said) != simdjson::SUCCESS) return malformed("a text of it is no string");
      if (!said.empty()) choice_.add_text(Part::Kind::text, said);
      return {};
    }
    if (value.get(object) != simdjson::SUCCESS) return {};
    if (key == "toolUse") return call(object);
    if (key == "reasoningContent") thought(object);
    if (key == "citationsContent") cited(object);
    choice_.has_other = choice_.has_other || key == "image" || key == "audio" || key == "video" || key == "document";
    return {};
  }

  Status call(const Object& object) {
    if (json::string_or(object, "type") == "server_tool_use") return {};
    AnswerToolCall call;
    call.id = json::string_or(object, "toolUseId");
    call.name = json::string_or(object, "name");
    if (call.name.empty()) return malformed("a tool call of it has no name");
    call.arguments = said_arguments(object, "input");
    choice_.add_call(std::move(call));
    return {};
  }

  void thought(const Object& object) {
    AnswerPart part{.kind = Part::Kind::thinking};
    Object text;
    std::string seal(json::string_or(object, "redactedContent"));
    if (!seal.empty()) seal.insert(0, redacted_mark);
    if (object.at_key("reasoningText").get(text) == simdjson::SUCCESS) {
      part.text = said_text(text, "text");
      seal = json::string_or(text, "signature");
    }
    part.signature = shown_signature(seal, name, request_.format);
    if (!part.text.empty() || !part.signature.empty()) choice_.parts.push_back(std::move(part));
  }

  // Text that rests on sources; the sources have no canonical form.
  void cited(const Object& object) {
    json::Array pieces;
    if (object.at_key("content").get(pieces) != simdjson::SUCCESS) return;
    for (const auto element : pieces) {
      Object piece;
      if (element.get(piece) == simdjson::SUCCESS) choice_.add_text(Part::Kind::text, said_text(piece, "text"));
    }
  }

  const Request& request_;
  Choice& choice_;
};

}  // namespace

Usage read_usage(const Object& object) {
  Usage usage;
  usage.cached = count_in(object, "cacheReadInputTokens", usage.implausible);
  usage.written = count_in(object, "cacheWriteInputTokens", usage.implausible);
  usage.input =
      saturating_add(count_in(object, "inputTokens", usage.implausible), saturating_add(usage.cached, usage.written));
  usage.output = count_in(object, "outputTokens", usage.implausible);
  json::Array details;
  if (object.at_key("cacheDetails").get(details) == simdjson::SUCCESS) {
    for (const auto element : details) {
      Object detail;
      if (element.get(detail) != simdjson::SUCCESS || json::string_or(detail, "ttl") != "1h") continue;
      usage.written_long = saturating_add(usage.written_long, count_in(detail, "inputTokens", usage.implausible));
    }
  }
  usage.written_long = std::min(usage.written_long, usage.written);
  usage.known = true;
  return usage;
}

ServiceTier read_tier(const Object& holder) {
  Object tier;
  if (holder.at_key("serviceTier").get(tier) != simdjson::SUCCESS) return ServiceTier::standard;
  const auto type = json::string_or(tier, "type", "default");
  if (type == "default") return ServiceTier::standard;
  if (type == "flex") return ServiceTier::flex;
  return type == "priority" ? ServiceTier::priority : ServiceTier::other;
}

Result<FinishReason> read_finish(std::string_view reason) {
  if (reason == "max_tokens" || reason == "model_context_window_exceeded") return FinishReason::length;
  if (reason == "tool_use") return FinishReason::tool_calls;
  if (reason == "guardrail_intervened" || reason == "content_filtered") return FinishReason::content_filter;
  if (reason == "malformed_model_output" || reason == "malformed_tool_use") {
    return failure(Error{.code = ErrorCode::upstream_malformed,
                         .message = fmt::format("The model gave what Bedrock could not read ({}).", reason),
                         .provider_code = std::string(reason)});
  }
  return FinishReason::stop;
}

Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool) {
  auto document = pool.take();
  if (auto parsed = parse_answer(*document, std::move(body)); !parsed) return malformed(parsed.error().message);
  Object object;
  if (document->root().get(object) != simdjson::SUCCESS) return malformed("it is no JSON object");
  json::Array content;
  if (document->root().at_pointer("/output/message/content").get(content) != simdjson::SUCCESS) {
    const bool says_why = !json::string_or(object, "message", json::string_or(object, "Message")).empty();
    if (says_why) return failure(classify({.status = 0, .body = document->take_text()}));
    return malformed("it has no 'output.message.content'");
  }
  Response response;
  response.operation = request.operation;
  Choice choice;
  if (auto read = AnswerReader(request, choice).content(content); !read) return failure(std::move(read.error()));
  const auto finish = read_finish(json::string_or(object, "stopReason"));
  if (!finish) return failure(finish.error());
  choice.finish = *finish;
  if (choice.finish == FinishReason::stop && choice.has(Part::Kind::tool_call))
    choice.finish = FinishReason::tool_calls;
  Object usage;
  if (object.at_key("usage").get(usage) == simdjson::SUCCESS) response.usage = read_usage(usage);
  response.usage.tier = read_tier(object);
  response.choices.push_back(std::move(choice));
  return response;
}

}  // namespace weir::bedrock
