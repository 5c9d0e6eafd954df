// Whole answers, usage and lists of models of Anthropic's format → canonical form.
#include <fmt/format.h>

#include "formats/anthropic/model_face.h"
#include "formats/anthropic/wire.h"
#include "formats/shared/errors.h"
#include "formats/shared/mended_answer.h"
#include "formats/shared/said.h"
#include "formats/shared/signature.h"
#include "formats/shared/token_count.h"

namespace weir::anthropic {
namespace {

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::upstream_malformed, fmt::format("The provider's answer is malformed: {}.", what));
}

// The count replaces the one before; false where none is said.
bool read_count(const json::Object& usage, std::string_view key, int64_t& count, Usage& out) {
  json::Element element;
  if (usage.at_key(key).get(element) != simdjson::SUCCESS || element.is_null()) return false;
  const auto read = read_token_count(element);
  out.implausible = out.implausible || read.doubtful;
  count = read.value;
  return true;
}

int64_t sum(int64_t a, int64_t b) { return a > std::numeric_limits<int64_t>::max() - b ? a : a + b; }

ServiceTier tier_of(const json::Object& usage, ServiceTier otherwise) {
  if (json::string_or(usage, "speed") == "fast") return ServiceTier::other;
  const auto name = json::string_or(usage, "service_tier");
  if (name == "priority") return ServiceTier::priority;
  if (name == "batch") return ServiceTier::batch;
  return name.empty() ? otherwise : ServiceTier::standard;
}

void read_block(const json::Object& block, const Request& request, Choice& choice) {
  const auto type = json::string_or(block, "type");
  if (type == "text") {
    choice.add_text(Part::Kind::text, said_text(block, "text"));
  } else if (type == "thinking") {
    auto text = said_text(block, "thinking");
    const auto seal = json::string_or(block, "signature");
    if (text.empty() && seal.empty()) return;
    choice.parts.push_back({.kind = Part::Kind::thinking,
                            .text = std::move(text),
                            .signature = shown_signature(seal, format_name, request.format)});
  } else if (type == "redacted_thinking") {
    const auto seal = mark_redacted(json::string_or(block, "data"));
    choice.parts.push_back(
        {.kind = Part::Kind::thinking, .signature = shown_signature(seal, format_name, request.format)});
  } else if (type == "tool_use") {
    choice.add_call({.id = std::string(json::string_or(block, "id")),
                     .name = std::string(unspell(json::string_or(block, "name"), request)),
                     .arguments = said_arguments(block, "input")});
  } else {
    choice.has_other = true;
  }
}

}  // namespace

void read_usage(const json::Object& usage, Usage& out) {
  int64_t fresh = std::max<int64_t>(out.input - out.cached - out.written, 0);
  const bool counted = read_count(usage, "input_tokens", fresh, out);
  read_count(usage, "cache_read_input_tokens", out.cached, out);
  read_count(usage, "cache_creation_input_tokens", out.written, out);
  out.input = sum(sum(fresh, out.cached), out.written);
  const bool answered = read_count(usage, "output_tokens", out.output, out);
  out.known = out.known || counted || answered;
  out.tier = tier_of(usage, out.tier);
  out.units = std::max(out.units, read_searches(usage));
  json::Object details;
  if (usage.at_key("cache_creation").get(details) == simdjson::SUCCESS)
    read_count(details, "ephemeral_1h_input_tokens", out.written_long, out);
  if (usage.at_key("output_tokens_details").get(details) == simdjson::SUCCESS)
    read_count(details, "thinking_tokens", out.reasoning, out);
}

Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool) {
  auto document = pool.take();
  if (auto parsed = parse_answer(*document, std::move(body)); !parsed) return malformed(parsed.error().message);
  json::Object object;
  if (document->root().get(object) != simdjson::SUCCESS) return malformed("it is no JSON object");
  if (is_error_body(object)) return failure(classify_body(document->root(), 0));
  json::Element value;
  if (object.at_key("content").get(value) != simdjson::SUCCESS) return malformed("it has no 'content'");
  Response response{.operation = request.operation};
  response.id = json::string_or(object, "id");
  response.model = json::string_or(object, "model");
  auto& choice = response.choices.emplace_back();
  each_of(value, [&](const json::Element& element) {
    json::Object block;
    if (element.get(block) == simdjson::SUCCESS) return read_block(block, request, choice);
    if (auto text = said_text(element); !text.empty()) choice.add_text(Part::Kind::text, text);
  });
  choice.finish = finish_of(json::string_or(object, "stop_reason"));
  if (choice.finish == FinishReason::none)
    choice.finish = choice.has(Part::Kind::tool_call) ? FinishReason::tool_calls : FinishReason::stop;
  choice.stop_sequence = json::string_or(object, "stop_sequence");
  json::Object usage;
  if (object.at_key("usage").get(usage) == simdjson::SUCCESS) read_usage(usage, response.usage);
  response.raw = document->take_text();
  if (request.format != format_name) return response;
  if (auto named = named_as_asked(response.raw, {}, request.model); !named.empty()) response.raw = std::move(named);
  return response;
}

Result<ModelList> read_models(std::string body) {
  json::Document document;
  if (auto parsed = document.parse(std::move(body)); !parsed) return malformed(parsed.error().message);
  json::Object object;
  json::Array list;
  if (document.root().get(object) != simdjson::SUCCESS) return malformed("the list of models is no JSON object");
  if (is_error_body(object)) return failure(classify_body(document.root(), 0));
  if (object.at_key("data").get(list) != simdjson::SUCCESS) return malformed("the list of models has no 'data'");
  ModelList found{.models = {}, .usual = true};
  for (const auto element : list) {
    json::Object model;
    const bool is_object = element.get(model) == simdjson::SUCCESS;
    const auto id = is_object ? json::string_or(model, "id") : std::string_view();
    // Servers that speak several formats list their models in OpenAI's, which says `object` in place of `type`.
    const bool is_model =
        is_object && (json::string_or(model, "type") == "model" || json::string_or(model, "object") == "model");
    found.usual = found.usual && is_model;
    if (id.empty()) continue;
    std::string owner(json::string_or(model, "owned_by"));
    std::transform(owner.begin(), owner.end(), owner.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    found.models.push_back({.name = std::string(id), .owner = std::move(owner)});
  }
  return found;
}

}  // namespace weir::anthropic
