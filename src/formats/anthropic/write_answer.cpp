// Canonical answers, errors and lists of models → bodies in Anthropic's format. Fields that its clients' types call
// required are there even where they are null.
#include <ctime>

#include <fmt/format.h>

#include "formats/anthropic/client_face.h"
#include "formats/anthropic/wire.h"
#include "formats/shared/error_shape.h"
#include "formats/shared/translation.h"

namespace weir::anthropic {
namespace {

std::string_view tier_name(ServiceTier tier) {
  switch (tier) {
    case ServiceTier::priority:
      return "priority";
    case ServiceTier::batch:
      return "batch";
    case ServiceTier::standard:
    case ServiceTier::flex:
    case ServiceTier::other:
      break;
  }
  return "standard";
}

void write_part(json::Writer& writer, const AnswerPart& part, const Response& response, std::size_t index) {
  if (part.kind == Part::Kind::tool_call && !part.call.signature.empty()) {
    writer.begin_object();
    write_thought_block(writer, {}, mark_redacted(fmt::format("{}{}", call_seal_mark, part.call.signature)));
    writer.end_object();
  }
  writer.begin_object();
  switch (part.kind) {
    case Part::Kind::thinking:
      write_thought_block(writer, part.text, part.signature);
      break;
    case Part::Kind::tool_call: {
      std::string input;
      json::Writer input_writer(input);
      write_arguments(input_writer, part.call.arguments);
      const auto id = part.call.id.empty() ? fmt::format("toolu_{}_{}", response.id, index) : part.call.id;
      write_call_block(writer, spell(id), part.call.name, input);
      break;
    }
    default:
      write_text_block(writer, part.text);
      break;
  }
  writer.end_object();
}

std::string_view reason_of(const Choice& choice) {
  auto finish = choice.finish;
  const bool refused = choice.has(Part::Kind::refusal) && finish != FinishReason::tool_calls;
  if (refused) finish = FinishReason::content_filter;
  if (finish == FinishReason::none && choice.has(Part::Kind::tool_call)) finish = FinishReason::tool_calls;
  return stop_reason(finish, !choice.stop_sequence.empty());
}

// `2025-10-02T15:04:05Z`.
std::string date_of(int64_t seconds) {
  const auto time = static_cast<std::time_t>(std::clamp<int64_t>(seconds, 0, 253'402'300'799));  // the year 9999
  std::tm parts{};
  gmtime_r(&time, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

void write_count(json::Writer& writer, std::string_view key, int64_t count) {
  writer.key(key);
  if (count > 0) {
    writer.value(count);
  } else {
    writer.null();
  }
}

void write_card(json::Writer& writer, const ModelCard& card) {
  writer.begin_object().key("type").value("model").key("id").value(card.id);
  writer.key("display_name").value(card.description.empty() ? card.id : card.description);
  writer.key("created_at").value(date_of(card.created));
  write_count(writer, "max_input_tokens", card.context_length);
  write_count(writer, "max_tokens", card.max_output);
  writer.key("capabilities").null().end_object();
}

bool is_shown(const ModelCard& card) { return holds(card.serves, Operation::chat); }

}  // namespace

// Without citations: null is in the description of the format too, but clients that are in use refuse it.
void write_text_block(json::Writer& writer, std::string_view text) {
  writer.key("type").value("text").key("text").value(text).key("citations").begin_array().end_array();
}

void write_thought_block(json::Writer& writer, std::string_view text, std::string_view seal) {
  if (text.empty() && is_redacted(seal)) {
    writer.key("type").value("redacted_thinking").key("data").value(redacted_data(seal));
  } else {
    writer.key("type").value("thinking").key("thinking").value(text).key("signature").value(seal);
  }
}

void write_call_block(json::Writer& writer, std::string_view id, std::string_view name, std::string_view input) {
  writer.key("type").value("tool_use").key("id").value(id).key("name").value(name).key("input").raw(input);
  writer.key("caller").begin_object().key("type").value("direct").end_object();
}

void write_usage(json::Writer& writer, const Usage& usage) {
  const auto written = std::min(usage.written, usage.input);
  const auto cached = std::min(usage.cached, usage.input - written);
  writer.key("input_tokens").value(usage.input - written - cached);
  writer.key("cache_creation_input_tokens").value(written).key("cache_read_input_tokens").value(cached);
  writer.key("cache_creation").begin_object();
  const auto kept_long = std::min(usage.written_long, written);
  writer.key("ephemeral_5m_input_tokens").value(written - kept_long);
  writer.key("ephemeral_1h_input_tokens").value(kept_long).end_object();
  writer.key("output_tokens").value(usage.output);
  if (usage.reasoning > 0) {
    writer.key("output_tokens_details").begin_object();
    writer.key("thinking_tokens").value(usage.reasoning).end_object();
  }
  writer.key("server_tool_use").null().key("service_tier").value(tier_name(usage.tier));
  writer.key("inference_geo").null();
}

std::string write_answer(const Response& response, const Request& request) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("id").value(response.id).key("type").value("message").key("role").value("assistant");
  writer.key("model")
      .value(request.model.empty() ? std::string_view(response.model) : request.model)
      .key("content")
      .begin_array();
  const Choice nothing;
  const auto& choice = response.choices.empty() ? nothing : response.choices.front();
  for (std::size_t i = 0; i < choice.parts.size(); ++i) write_part(writer, choice.parts[i], response, i);
  writer.end_array().key("stop_reason").value(reason_of(choice)).key("stop_sequence");
  if (choice.stop_sequence.empty()) {
    writer.null();
  } else {
    writer.value(choice.stop_sequence);
  }
  writer.key("stop_details").null().key("container").null().key("usage").begin_object();
  write_usage(writer, response.usage);
  writer.end_object().end_object();
  return out;
}

namespace {

// Nobody here keeps that conversation: its clients then say all of it again.
std::string thread_not_found(const Error& error) {
  constexpr std::string_view end = R"(},"request_id")";
  auto body = write_error_as(ErrorShape::anthropic, error);
  return body.insert(body.rfind(end), R"(,"details":{"error_code":"thread_not_found"})");
}

}  // namespace

// Anthropic's agents make room in a conversation that is too long when they read these words.
std::string write_error_body(const Error& error) {
  if (error.code == ErrorCode::unsupported && error.param == "thread") return thread_not_found(error);
  constexpr std::string_view overflow = "prompt is too long";
  const bool says_so = error.message.find(overflow) != std::string::npos;
  if (error.code != ErrorCode::context_overflow || says_so) return write_error_as(ErrorShape::anthropic, error);
  auto said = error;
  said.message = fmt::format("{}: {}", overflow, error.message);
  return write_error_as(ErrorShape::anthropic, said);
}

Result<std::string> write_models(const Inquiry& inquiry, std::span<const ModelCard> cards) {
  std::string out;
  json::Writer writer(out);
  if (inquiry.path.ends_with('*')) {
    const auto found = std::find_if(cards.begin(), cards.end(),
                                    [&](const ModelCard& card) { return card.id == inquiry.named && is_shown(card); });
    if (found == cards.end()) return failure(ErrorCode::unknown_model, fmt::format("model: {}", inquiry.named));
    write_card(writer, *found);
    return out;
  }
  std::vector<std::string_view> ids;
  writer.begin_object().key("data").begin_array();
  for (const auto& card : cards) {
    if (!is_shown(card)) continue;
    write_card(writer, card);
    ids.push_back(card.id);
  }
  writer.end_array().key("has_more").boolean(false);
  for (const std::string_view key : {"first_id", "last_id"}) {
    writer.key(key);
    if (ids.empty()) {
      writer.null();
    } else {
      writer.value(key == "first_id" ? ids.front() : ids.back());
    }
  }
  writer.end_object();
  return out;
}

}  // namespace weir::anthropic
