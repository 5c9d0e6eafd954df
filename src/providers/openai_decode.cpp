// Whole answers in OpenAI's format → ChatResponse.
#include <fmt/format.h>

#include "core/base64.h"
#include "providers/errors.h"
#include "providers/openai_wire.h"

namespace weir::openai_provider {
namespace {

using json::Element;
using json::Wanted;

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::upstream_malformed, fmt::format("The provider's answer is malformed: {}.", what));
}

int64_t nested_int(const Wanted& outer, std::string_view inner) {
  json::Object details;
  return outer.get(details) ? json::int_or(details, inner) : 0;
}

// Content is a string, null, or parts: Mistral's reasoning models send `thinking` parts beside `text` parts.
void read_content(const Element& content, Choice& choice) {
  std::string_view text;
  if (content.get(text) == simdjson::SUCCESS) {
    choice.text = text;
    return;
  }
  json::Array parts;
  if (content.get(parts) != simdjson::SUCCESS) return;
  for (const auto part : parts) {
    json::Object object;
    if (part.get(object) != simdjson::SUCCESS) continue;
    choice.text += json::string_or(object, "text");
    json::Array thoughts;
    if (object.at_key("thinking").get(thoughts) != simdjson::SUCCESS) continue;
    for (const auto thought : thoughts) {
      json::Object inner;
      if (thought.get(inner) == simdjson::SUCCESS) choice.reasoning += json::string_or(inner, "text");
    }
  }
}

AnswerToolCall read_function(const json::Object& function) {
  AnswerToolCall call;
  call.name = json::string_or(function, "name");
  Element arguments;
  if (function.at_key("arguments").get(arguments) == simdjson::SUCCESS) {
    std::string_view text;
    call.arguments = arguments.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(arguments);
  }
  return call;
}

void read_tool_calls(const Wanted& tool_calls, const Wanted& function_call, Choice& choice) {
  json::Array calls;
  if (tool_calls.get(calls)) {
    for (const auto element : calls) {
      json::Object object;
      json::Object function;
      if (element.get(object) != simdjson::SUCCESS) continue;
      if (object.at_key("function").get(function) != simdjson::SUCCESS) continue;
      auto& call = choice.tool_calls.emplace_back(read_function(function));
      call.id = json::string_or(object, "id");
      if (call.id.empty()) call.id = fmt::format("call_{}", choice.tool_calls.size() - 1);
    }
  }
  json::Object function;
  if (choice.tool_calls.empty() && function_call.get(function)) {
    choice.tool_calls.push_back(read_function(function));
    choice.tool_calls.back().id = "call_0";
  }
}

void read_message(const json::Object& message, Choice& choice) {
  // `reasoning_content`: DeepSeek, vLLM, llama-server; `reasoning`: OpenRouter, Groq, Together.
  std::array found{Wanted{"content"}, Wanted{"reasoning_content"}, Wanted{"reasoning"},
                   Wanted{"refusal"}, Wanted{"tool_calls"},        Wanted{"function_call"}};
  json::pick(message, found);
  const auto& [content, reasoning_content, reasoning, refusal, tool_calls, function_call] = found;
  if (content.found) read_content(content.value, choice);
  if (choice.reasoning.empty()) choice.reasoning = reasoning_content.text_or();
  if (choice.reasoning.empty()) choice.reasoning = reasoning.text_or();
  choice.refusal = refusal.text_or();
  read_tool_calls(tool_calls, function_call, choice);
}

Status read_choice(const Element& element, const ChatRequest& request, Choice& choice) {
  json::Object object;
  if (element.get(object) != simdjson::SUCCESS) return malformed("an entry of 'choices' is no object");
  std::array found{Wanted{"index"}, Wanted{"message"}, Wanted{"logprobs"}, Wanted{"finish_reason"}, Wanted{"text"}};
  json::pick(object, found);
  const auto& [index, message_value, logprobs, finish, text] = found;
  choice.index = index.int_or(choice.index);
  choice.finish = read_finish(finish.text_or());
  if (logprobs.found && logprobs.value.is_object()) choice.logprobs = simdjson::minify(logprobs.value);
  if (request.operation == Operation::completion) {
    if (!text.found) return malformed("a choice has no 'text'");
    choice.text = text.text_or();
    return {};
  }
  json::Object message;
  if (!message_value.get(message)) return malformed("a choice has no 'message'");
  read_message(message, choice);
  return {};
}

Status read_embeddings(const Wanted& found, ChatResponse& response) {
  json::Array data;
  if (!found.get(data)) return malformed("it has no 'data'");
  response.embeddings.reserve(data.size());
  for (const auto element : data) {
    json::Object object;
    Element value;
    if (element.get(object) != simdjson::SUCCESS || object.at_key("embedding").get(value) != simdjson::SUCCESS) {
      return malformed("an entry of 'data' has no 'embedding'");
    }
    auto& embedding = response.embeddings.emplace_back();
    std::string_view packed;
    if (value.get(packed) == simdjson::SUCCESS) {
      auto floats = unpack_floats(packed);
      if (!floats) return malformed("an embedding is not base64 of floats");
      embedding = std::move(*floats);
      continue;
    }
    json::Array numbers;
    if (value.get(numbers) != simdjson::SUCCESS) return malformed("an embedding is no list");
    embedding.reserve(numbers.size());
    for (const auto number : numbers) {
      double real = 0;
      if (number.get(real) != simdjson::SUCCESS) return malformed("an embedding holds something that is no number");
      embedding.push_back(static_cast<float>(real));
    }
  }
  return {};
}

}  // namespace

Usage read_usage(const json::Object& usage) {
  std::array found{Wanted{"prompt_tokens"},
                   Wanted{"completion_tokens"},
                   Wanted{"total_tokens"},
                   Wanted{"prompt_tokens_details"},
                   Wanted{"completion_tokens_details"},
                   Wanted{"prompt_cache_hit_tokens"},  // DeepSeek
                   Wanted{"cached_tokens"}};           // Moonshot
  json::pick(usage, found);
  const auto& [input, output, total, input_details, output_details, cache_hit, cached] = found;
  Usage out;
  out.known = true;
  out.input = input.int_or();
  out.output = output.int_or();
  out.reasoning = nested_int(output_details, "reasoning_tokens");
  out.cached = nested_int(input_details, "cached_tokens");
  if (out.cached == 0) out.cached = cache_hit.int_or();
  if (out.cached == 0) out.cached = cached.int_or();
  // Some count reasoning beside completion_tokens, not in it (xAI, Gemini): the total tells.
  out.output = std::max(out.output, total.int_or() - out.input);
  out.input = std::max<int64_t>(out.input, 0);
  out.output = std::max<int64_t>(out.output, 0);
  out.cached = std::clamp<int64_t>(out.cached, 0, out.input);
  out.reasoning = std::clamp<int64_t>(out.reasoning, 0, out.output);
  return out;
}

FinishReason read_finish(std::string_view reason) {
  if (reason.empty()) return FinishReason::none;
  if (reason == "stop") return FinishReason::stop;
  if (reason == "length" || reason == "max_tokens" || reason == "model_length") return FinishReason::length;
  if (reason == "tool_calls" || reason == "function_call" || reason == "tool_use") return FinishReason::tool_calls;
  if (reason == "content_filter" || reason == "content-filter" || reason == "SAFETY")
    return FinishReason::content_filter;
  return FinishReason::stop;  // `eos`, `eos_token`, `stop_sequence`, `end_turn` …
}

Result<ChatResponse> decode_response(const ChatRequest& request, std::string body, json::DocumentPool& pool) {
  auto document = pool.take();
  if (auto parsed = document->parse(std::move(body)); !parsed) return malformed(parsed.error().message);
  json::Object object;
  if (document->root().get(object) != simdjson::SUCCESS) return malformed("it is no JSON object");
  std::array found{Wanted{"id"},      Wanted{"object"}, Wanted{"created"}, Wanted{"model"},
                   Wanted{"choices"}, Wanted{"usage"},  Wanted{"data"},    Wanted{"error"}};
  json::pick(object, found);
  const auto& [id, kind, created, model, choices_value, usage_value, data, error] = found;
  if (is_error(error, kind)) return failure(classify_body(document->root(), 0));
  ChatResponse response;
  response.operation = request.operation;
  response.id = id.text_or();
  response.model = model.text_or();
  response.created = created.int_or();
  json::Object usage;
  if (usage_value.get(usage)) response.usage = read_usage(usage);
  if (request.operation == Operation::embedding) {
    if (auto read = read_embeddings(data, response); !read) return failure(std::move(read.error()));
  } else {
    json::Array choices;
    if (!choices_value.get(choices)) return malformed("it has no 'choices'");
    response.choices.reserve(choices.size());
    for (const auto element : choices) {
      auto& choice = response.choices.emplace_back();
      choice.index = static_cast<int64_t>(response.choices.size()) - 1;
      if (auto read = read_choice(element, request, choice); !read) return failure(std::move(read.error()));
    }
    if (response.choices.empty()) return malformed("'choices' is empty");
  }
  response.raw = document->take_text();
  return response;
}

Result<std::vector<std::string>> decode_models(std::string body) {
  json::Document document;
  if (auto parsed = document.parse(std::move(body)); !parsed) return malformed(parsed.error().message);
  json::Array list;
  json::Object object;
  if (document.root().get(object) == simdjson::SUCCESS) {
    if (is_error_body(object)) return failure(classify_body(document.root(), 0));
    if (object.at_key("data").get(list) != simdjson::SUCCESS) return malformed("the list of models has no 'data'");
  } else if (document.root().get(list) != simdjson::SUCCESS) {  // Together sends the bare list
    return malformed("the list of models is no list");
  }
  std::vector<std::string> names;
  for (const auto element : list) {
    json::Object model;
    if (element.get(model) != simdjson::SUCCESS) continue;
    const auto id = json::string_or(model, "id");
    if (!id.empty()) names.emplace_back(id);
  }
  return names;
}

}  // namespace weir::openai_provider
