// Whole answers in OpenAI's format → Response.
#include <algorithm>

#include <fmt/format.h>

#include "core/base64.h"
#include "formats/openai/forward.h"
#include "formats/openai/model_face.h"
#include "formats/shared/error_body.h"
#include "formats/shared/errors.h"
#include "formats/shared/mended_answer.h"
#include "formats/shared/said.h"

namespace weir::openai_provider {
namespace {

using json::Element;
using json::Wanted;

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::upstream_malformed, fmt::format("The provider's answer is malformed: {}.", what));
}

// Content is a text, null, or parts: Mistral's reasoning models send `thinking` parts beside `text` parts.
void read_content(const Element& content, Choice& choice) {
  each_of(content, [&](const Element& part) {
    json::Object object;
    Element thoughts;
    if (part.get(object) == simdjson::SUCCESS && object.at_key("thinking").get(thoughts) == simdjson::SUCCESS) {
      if (const auto said = said_text(thoughts); !said.empty()) choice.add_text(Part::Kind::thinking, said);
      if (object.at_key("text").error() != simdjson::SUCCESS) return;
    }
    if (const auto said = said_text(part); !said.empty()) choice.add_text(Part::Kind::text, said);
  });
}

AnswerToolCall read_function(const json::Object& function) {
  AnswerToolCall call;
  call.name = json::string_or(function, "name");
  call.arguments = said_arguments(function, "arguments");
  return call;
}

void read_tool_calls(const Wanted& tool_calls, const Wanted& function_call, std::string_view answer_id,
                     Choice& choice) {
  int64_t number = 0;
  const auto read_one = [&](const Element& element) {
    json::Object object;
    json::Object function;
    if (element.get(object) != simdjson::SUCCESS) return;
    if (object.at_key("function").get(function) != simdjson::SUCCESS) return;
    auto call = read_function(function);
    call.id = json::string_or(object, "id");
    if (call.id.empty()) call.id = make_call_id(answer_id, choice.index, number);
    Element seal;
    if (object.at_key("extra_content").at_key("google").at_key("thought_signature").get(seal) == simdjson::SUCCESS)
      call.signature = seal.is_string() ? seal.get_string().value() : std::string_view();
    ++number;
    choice.add_call(std::move(call));
  };
  if (tool_calls.found) each_of(tool_calls.value, read_one);
  json::Object function;
  if (number == 0 && function_call.get(function)) {
    auto call = read_function(function);
    call.id = make_call_id(answer_id, choice.index, 0);
    choice.add_call(std::move(call));
  }
}

void read_message(const json::Object& message, std::string_view answer_id, Choice& choice) {
  // `reasoning_content`: DeepSeek, vLLM, llama-server; `reasoning`: OpenRouter, Groq, Together.
  std::array found{Wanted{"content"},          Wanted{"reasoning_content"}, Wanted{"reasoning"}, Wanted{"refusal"},
                   Wanted{"tool_calls"},       Wanted{"function_call"},     Wanted{"audio"},     Wanted{"images"},
                   Wanted{"reasoning_details"}};
  json::pick(message, found);
  const auto& [content, reasoning_content, reasoning, refusal, tool_calls, function_call, audio, images, details] =
      found;
  choice.has_other = (audio.found && !audio.value.is_null()) || (images.found && !images.value.is_null());
  std::string thoughts;
  for (const auto* const place : {&reasoning_content, &reasoning, &details}) {
    if (thoughts.empty() && place->found) thoughts = said_text(place->value);
  }
  if (!thoughts.empty()) choice.add_text(Part::Kind::thinking, thoughts);
  if (content.found) read_content(content.value, choice);
  if (const auto refused = refusal.found ? said_text(refusal.value) : std::string(); !refused.empty())
    choice.add_text(Part::Kind::refusal, refused);
  read_tool_calls(tool_calls, function_call, answer_id, choice);
}

Status read_choice(const Element& element, const Request& request, std::string_view answer_id, Choice& choice) {
  json::Object object;
  if (element.get(object) != simdjson::SUCCESS) return malformed("an entry of 'choices' is no object");
  std::array found{Wanted{"index"},         Wanted{"message"}, Wanted{"logprobs"},
                   Wanted{"finish_reason"}, Wanted{"text"},    Wanted{"error"}};
  json::pick(object, found);
  const auto& [index, message_value, logprobs, finish, text, error] = found;
  if (is_error(error, Wanted{"object"}) || finish.text_or() == "error") return failure(classify_body(element, 0));
  choice.index = index.int_or(choice.index);
  choice.finish = read_finish(finish.text_or());
  if (logprobs.found && logprobs.value.is_object()) choice.logprobs = simdjson::minify(logprobs.value);
  if (request.operation == Operation::completion) {
    if (!text.found) return malformed("a choice has no 'text'");
    choice.add_text(Part::Kind::text, text.text_or());
    return {};
  }
  json::Object message;
  if (!message_value.get(message)) return malformed("a choice has no 'message'");
  read_message(message, answer_id, choice);
  return {};
}

// One vector in either form. False: it is not what was asked, or lacks what clients are promised beside it.
Result<bool> read_embedding(const json::Object& object, const Request& request, std::vector<float>& embedding) {
  Element value;
  if (object.at_key("embedding").get(value) != simdjson::SUCCESS) {
    return malformed("an entry of 'data' has no 'embedding'");
  }
  const bool named = !json::string_or(object, "object").empty() && json::int_or(object, "index", -1) >= 0;
  std::string_view packed;
  if (value.get(packed) == simdjson::SUCCESS) {
    auto floats = unpack_floats(packed);
    if (!floats) return malformed("an embedding is not base64 of floats");
    embedding = std::move(*floats);
    return named && request.wants_base64;
  }
  json::Array numbers;
  if (value.get(numbers) != simdjson::SUCCESS) return malformed("an embedding is no list");
  embedding.reserve(numbers.size());
  for (const auto number : numbers) {
    double real = 0;
    if (number.get(real) != simdjson::SUCCESS) return malformed("an embedding holds something that is no number");
    embedding.push_back(static_cast<float>(real));
  }
  return named && !request.wants_base64;
}

// False: the body is not as it was asked.
Result<bool> read_embeddings(const Wanted& found, const Request& request, Response& response) {
  json::Array data;
  if (!found.get(data)) return malformed("it has no 'data'");
  response.embeddings.resize(data.size());
  std::vector<bool> given(data.size(), false);
  bool good = true;
  std::size_t position = 0;
  for (const auto element : data) {
    json::Object object;
    if (element.get(object) != simdjson::SUCCESS) return malformed("an entry of 'data' has no 'embedding'");
    // The order is the one that their numbers say, where those are a count.
    auto index = static_cast<std::size_t>(json::int_or(object, "index", static_cast<int64_t>(position)));
    if (index >= given.size() || given[index]) index = position;
    if (given[index]) return malformed("two embeddings have the same 'index'");
    given[index] = true;
    ++position;
    auto as_asked = read_embedding(object, request, response.embeddings[index]);
    if (!as_asked) return as_asked;
    good = good && *as_asked;
  }
  return good;
}

}  // namespace

FinishReason read_finish(std::string_view reason) {
  if (reason.empty()) return FinishReason::none;
  if (reason == "stop") return FinishReason::stop;
  if (reason == "length" || reason == "max_tokens" || reason == "model_length") return FinishReason::length;
  if (reason == "tool_calls" || reason == "function_call" || reason == "tool_use") return FinishReason::tool_calls;
  if (reason == "content_filter" || reason == "content-filter" || reason == "SAFETY")
    return FinishReason::content_filter;
  return FinishReason::stop;  // `eos`, `eos_token`, `stop_sequence`, `end_turn` …
}

namespace {

Status read_choices(const Wanted& found, const Request& request, Response& response) {
  json::Array choices;
  if (!found.get(choices)) return malformed("it has no 'choices'");
  response.choices.reserve(choices.size());
  for (const auto element : choices) {
    auto& choice = response.choices.emplace_back();
    choice.index = static_cast<int64_t>(response.choices.size()) - 1;
    if (auto read = read_choice(element, request, response.id, choice); !read) return read;
  }
  if (response.choices.empty()) return malformed("'choices' is empty");
  return {};
}

}  // namespace

Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool) {
  auto document = pool.take();
  if (auto parsed = parse_answer(*document, std::move(body)); !parsed) return malformed(parsed.error().message);
  json::Object object;
  if (document->root().get(object) != simdjson::SUCCESS) return malformed("it is no JSON object");
  std::array found{Wanted{"id"},    Wanted{"object"}, Wanted{"created"}, Wanted{"model"},        Wanted{"choices"},
                   Wanted{"usage"}, Wanted{"data"},   Wanted{"error"},   Wanted{"service_tier"}, Wanted{"timings"}};
  json::pick(object, found);
  const auto& [id, kind, created, model, choices, usage_value, data, error, tier, timings_value] = found;
  if (is_error(error, kind)) return failure(classify_body(document->root(), 0));
  Response response;
  response.operation = request.operation;
  response.id = id.text_or();
  response.model = model.text_or();
  response.created = created.int_or();
  json::Object usage;
  if (usage_value.get(usage)) response.usage = read_usage(usage);
  if (json::Object timings; timings_value.get(timings)) add_timings(timings, response.usage);
  if (tier.found) response.usage.tier = read_tier(tier.text_or());
  if (request.operation == Operation::embedding) {
    const auto as_asked = read_embeddings(data, request, response);
    if (!as_asked && !data.found && says_error(object)) return failure(classify_body(document->root(), 0));
    if (!as_asked) return failure(as_asked.error());
    if (*as_asked) response.raw = document->take_text();
    return response;
  }
  if (auto read = read_choices(choices, request, response); !read) {
    if (!choices.found && says_error(object)) return failure(classify_body(document->root(), 0));
    return failure(std::move(read.error()));
  }
  auto rewritten = request.format == dialect ? rewrite_answer(object, request, response) : std::string();
  response.raw = rewritten.empty() ? document->take_text() : std::move(rewritten);
  return response;
}

namespace {

// vLLM and SGLang, as they run it; OpenRouter, Together; Groq; Mistral.
int64_t context_in(const json::Object& model) {
  for (const std::string_view key : {"max_model_len", "context_length", "context_window", "max_context_length"}) {
    if (const auto said = json::int_or(model, key); said > 0) return said;
  }
  return 0;
}

}  // namespace

Result<ModelList> read_models(std::string body) {
  json::Document document;
  if (auto parsed = document.parse(std::move(body)); !parsed) return malformed(parsed.error().message);
  json::Array list;
  json::Object object;
  ModelList found{.models = {}, .usual = false};
  if (document.root().get(object) == simdjson::SUCCESS) {
    found.usual = json::string_or(object, "object") == "list";
    if (is_error_body(object)) return failure(classify_body(document.root(), 0));
    if (object.at_key("data").get(list) != simdjson::SUCCESS) return malformed("the list of models has no 'data'");
  } else if (document.root().get(list) != simdjson::SUCCESS) {  // Together sends the bare list
    return malformed("the list of models is no list");
  }
  for (const auto element : list) {
    json::Object model;
    const bool is_model = element.get(model) == simdjson::SUCCESS && json::string_or(model, "object") == "model";
    found.usual = found.usual && is_model;
    const auto id = element.is_object() ? json::string_or(model, "id") : std::string_view();
    if (id.empty()) continue;
    std::string owner(json::string_or(model, "owned_by"));
    std::transform(owner.begin(), owner.end(), owner.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const bool passed_on = !json::string_or(model, "remote_host").empty();
    found.models.push_back({.name = std::string(id),
                            .owner = std::move(owner),
                            .passed_on = passed_on,
                            .context_length = context_in(model)});
  }
  return found;
}

}  // namespace weir::openai_provider
