// Answers of Cohere's API → canonical form.
#include <cmath>

#include <fmt/format.h>

#include "formats/cohere/model_face.h"
#include "formats/shared/errors.h"
#include "formats/shared/mended_answer.h"
#include "formats/shared/said.h"
#include "formats/shared/token_count.h"

namespace weir::cohere_provider {
namespace {

using json::Element;
using Kind = Part::Kind;

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::upstream_malformed, fmt::format("The provider's answer is malformed: {}.", what));
}

// False when it has no such member.
bool read_tokens(const json::Object& usage, std::string_view key, Usage& out) {
  json::Object tokens;
  if (usage.at_key(key).get(tokens) != simdjson::SUCCESS) return false;
  const auto count = [&](std::string_view name, int64_t& number) {
    Element element;
    if (tokens.at_key(name).get(element) != simdjson::SUCCESS || element.is_null()) return false;
    const auto read = read_token_count(element);
    out.implausible |= read.doubtful;
    number = read.value;
    return true;
  };
  const bool input = count("input_tokens", out.input);
  const bool output = count("output_tokens", out.output);
  return input || output;
}

void read_call(const json::Object& object, Choice& choice) {
  AnswerToolCall call;
  call.id = json::string_or(object, "id");
  json::Object function;
  if (object.at_key("function").get(function) == simdjson::SUCCESS) {
    call.name = json::string_or(function, "name");
    call.arguments = said_arguments(function, "arguments");
  }
  choice.add_call(std::move(call));
}

void read_content(const Element& content, Choice& choice) {
  each_of(content, [&](const Element& element) {
    json::Object block;
    if (element.get(block) != simdjson::SUCCESS) {
      if (const auto text = said_text(element); !text.empty()) choice.add_text(Kind::text, text);
    } else if (const auto type = json::string_or(block, "type"); type == "text") {
      choice.add_text(Kind::text, said_text(block, "text"));
    } else if (type == "thinking") {
      choice.add_text(Kind::thinking, said_text(block, "thinking"));
    } else {
      choice.has_other = true;
    }
  });
}

Status read_chat(const json::Object& body, Response& response) {
  json::Object message;
  if (body.at_key("message").get(message) != simdjson::SUCCESS) return malformed("it has no 'message'");
  const auto reason = json::string_or(body, "finish_reason");
  Choice choice;
  choice.finish = read_finish(reason);
  if (choice.finish == FinishReason::none && !reason.empty()) return failure(generation_failed(reason, {}));
  Element value;
  if (message.at_key("content").get(value) == simdjson::SUCCESS) read_content(value, choice);
  if (const auto plan = said_text(message, "tool_plan"); !plan.empty()) choice.add_text(Kind::text, plan);
  if (message.at_key("tool_calls").get(value) == simdjson::SUCCESS) {
    each_of(value, [&](const Element& element) {
      json::Object call;
      if (element.get(call) == simdjson::SUCCESS) read_call(call, choice);
    });
  }
  if (choice.finish == FinishReason::none) {
    choice.finish = choice.has(Kind::tool_call) ? FinishReason::tool_calls : FinishReason::stop;
  }
  if (body.at_key("logprobs").get(value) == simdjson::SUCCESS) choice.logprobs = read_logprobs(value);
  response.choices.push_back(std::move(choice));
  return {};
}

Status read_embeddings(const json::Object& body, Response& response) {
  json::Object types;
  json::Array list;
  // A client of this format that asked for other forms gets the bytes.
  if (body.at_key("embeddings").get(types) != simdjson::SUCCESS) return malformed("it has no 'embeddings'");
  if (types.at_key("float").get(list) != simdjson::SUCCESS) return {};
  for (const auto element : list) {
    json::Array numbers;
    if (element.get(numbers) != simdjson::SUCCESS) return malformed("an embedding is no list");
    auto& embedding = response.embeddings.emplace_back();
    embedding.reserve(numbers.size());
    for (const auto number : numbers) {
      double real = 0;
      if (number.get(real) != simdjson::SUCCESS) return malformed("an embedding holds something that is no number");
      embedding.push_back(static_cast<float>(real));
    }
  }
  return {};
}

Status read_ranking(const json::Object& body, const Request& request, Response& response) {
  json::Array results;
  if (body.at_key("results").get(results) != simdjson::SUCCESS) return malformed("it has no 'results'");
  for (const auto element : results) {
    json::Object result;
    Ranked ranked;
    const bool good = element.get(result) == simdjson::SUCCESS &&
                      result.at_key("index").get(ranked.index) == simdjson::SUCCESS &&
                      result.at_key("relevance_score").get(ranked.score) == simdjson::SUCCESS;
    const auto documents = static_cast<int64_t>(request.rerank.documents.size());
    if (!good || ranked.index < 0 || ranked.index >= documents) return malformed("a result names no document");
    response.ranking.push_back(ranked);
  }
  return {};
}

void write_token(json::Writer& writer, const json::Object& item) {
  double sum = 0;
  json::Array numbers;
  if (item.at_key("logprobs").get(numbers) == simdjson::SUCCESS) {
    for (const auto element : numbers) {
      double number = 0;
      json::read_if(element, number);
      sum += number;
    }
  }
  writer.begin_object().key("token").value(json::string_or(item, "text")).key("logprob").value(sum);
  writer.key("bytes").null().key("top_logprobs").begin_array().end_array().end_object();
}

}  // namespace

// `billed_units` leave out what Cohere itself adds to a prompt; they are counted where nothing else is told.
Usage read_usage(const json::Object& usage) {
  Usage out;
  out.known = read_tokens(usage, "tokens", out) || read_tokens(usage, "billed_units", out);
  double searches = 0;
  json::read_if(usage.at_pointer("/billed_units/search_units"), searches);
  constexpr double most = 1e9;
  if (searches > 0 && searches < most) out.units = std::llround(searches * 1'000);
  Element cached;
  if (usage.at_key("cached_tokens").get(cached) == simdjson::SUCCESS) {
    const auto read = read_token_count(cached);
    out.cached = std::min(read.value, out.input);
    out.implausible |= read.doubtful || read.value > out.input;
  }
  return out;
}

FinishReason read_finish(std::string_view reason) {
  if (reason == "COMPLETE" || reason == "STOP_SEQUENCE") return FinishReason::stop;
  if (reason == "MAX_TOKENS") return FinishReason::length;
  if (reason == "TOOL_CALL") return FinishReason::tool_calls;
  return reason == "ERROR" || reason == "TIMEOUT" || reason.empty() ? FinishReason::none : FinishReason::stop;
}

Error generation_failed(std::string_view reason, std::string_view words) {
  Error error{
      .code = reason == "TIMEOUT" ? ErrorCode::upstream_timeout : ErrorCode::upstream_server_error,
      .message = fmt::format("The provider broke off its answer ({}){}{}", reason, words.empty() ? "." : ": ", words),
      .provider_code = std::string(reason)};
  return error;
}

// One of Cohere's items may hold several tokens, without saying which text is whose: together they are as likely as all
// of them in a row.
std::string read_logprobs(const Element& items) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("content").begin_array();
  const auto empty = out.size();
  json::Object one;
  json::Array list;
  if (items.get(one) == simdjson::SUCCESS) {
    write_token(writer, one);
  } else if (items.get(list) == simdjson::SUCCESS) {
    for (const auto element : list) {
      if (element.get(one) == simdjson::SUCCESS) write_token(writer, one);
    }
  }
  if (out.size() == empty) return {};
  writer.end_array().key("refusal").null().end_object();
  return out;
}

Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool) {
  auto document = pool.take();
  if (auto parsed = parse_answer(*document, std::move(body)); !parsed) return malformed(parsed.error().message);
  json::Object object;
  if (document->root().get(object) != simdjson::SUCCESS) return malformed("it is no JSON object");
  const bool words_only = !json::string_or(object, "message").empty();  // `{"message": "…", "id": "…"}`
  if (words_only || is_error_body(object)) return failure(classify_body(document->root(), 0));
  Response response;
  response.operation = request.operation;
  response.id = json::string_or(object, "id");
  json::Object usage;
  const auto* const place = request.operation == Operation::chat ? "usage" : "meta";
  if (object.at_key(place).get(usage) == simdjson::SUCCESS) response.usage = read_usage(usage);
  Status read;
  if (request.operation == Operation::embedding) {
    read = read_embeddings(object, response);
  } else if (request.operation == Operation::rerank) {
    read = read_ranking(object, request, response);
  } else {
    read = read_chat(object, response);
  }
  if (!read) return failure(std::move(read.error()));
  response.raw = document->take_text();
  return response;
}

Result<ModelList> read_models(std::string body) {
  json::Document document;
  if (auto parsed = document.parse(std::move(body)); !parsed) return malformed(parsed.error().message);
  json::Array list;
  if (document.root().at_pointer("/models").get(list) != simdjson::SUCCESS)
    return malformed("the list of models has no 'models'");
  ModelList found;
  for (const auto element : list) {
    json::Object model;
    if (element.get(model) != simdjson::SUCCESS) continue;
    const auto named = json::string_or(model, "name");
    if (!named.empty())
      found.models.push_back(
          {.name = std::string(named), .owner = {}, .context_length = json::int_or(model, "context_length")});
  }
  return found;
}

}  // namespace weir::cohere_provider
