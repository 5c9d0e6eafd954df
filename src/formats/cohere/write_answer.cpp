// Response and Error → whole bodies of Cohere's API.
#include <algorithm>

#include "core/base64.h"
#include "core/saturating.h"
#include "formats/cohere/client_face.h"
#include "formats/shared/error_shape.h"

namespace weir::cohere_client {
namespace {

using Kind = Part::Kind;

void write_block(json::Writer& writer, std::string_view type, std::string_view text) {
  writer.begin_object().key("type").value(type).key(type).value(text).end_object();
}

// What is said beside calls is the plan, which clients send back under that name.
void write_content(json::Writer& writer, const Choice& choice, const Request& request) {
  const bool calls = choice.has(Kind::tool_call);
  const bool thoughts = request.show_thinking.value_or(true);
  std::string plan;
  std::string blocks;
  json::Writer inner(blocks);
  inner.begin_array();
  for (const auto& part : choice.parts) {
    if (part.text.empty() || part.kind == Kind::tool_call) continue;
    if (part.kind == Kind::thinking) {
      if (thoughts) write_block(inner, "thinking", part.text);
    } else if (calls) {
      plan += part.text;
    } else {
      write_block(inner, "text", part.text);
    }
  }
  inner.end_array();
  if (!calls || blocks != "[]") writer.key("content").raw(blocks);
  if (!plan.empty()) writer.key("tool_plan").value(plan);
}

void write_message(json::Writer& writer, const Choice& choice, const Request& request) {
  writer.key("message").begin_object().key("role").value("assistant");
  write_content(writer, choice, request);
  if (choice.has(Kind::tool_call)) {
    writer.key("tool_calls").begin_array();
    for (const auto& part : choice.parts) {
      if (part.kind == Kind::tool_call) write_call(writer, part.call, part.call.arguments);
    }
    writer.end_array();
  }
  writer.end_object();
}

void write_chat(json::Writer& writer, const Response& response, const Request& request) {
  const Choice nothing;
  const auto& choice = response.choices.empty() ? nothing : response.choices.front();
  writer.key("id").value(response.id);
  writer.key("finish_reason").value(finish_name(choice.finish, !choice.stop_sequence.empty()));
  write_message(writer, choice, request);
  writer.key("usage");
  write_usage(writer, response.usage);
  if (choice.logprobs.empty()) return;
  writer.key("logprobs").begin_array();
  for (const auto& token : tokens_of(choice.logprobs)) {
    writer.begin_object().key("text").raw(token.text).key("token_ids").begin_array().end_array();
    writer.key("logprobs").begin_array().raw(token.logprob).end_array().end_object();
  }
  writer.end_array();
}

void write_meta(json::Writer& writer, const Usage& usage) {
  writer.key("meta").begin_object().key("api_version").begin_object().key("version").value("2").end_object();
  if (usage.known || usage.estimated) {
    writer.key("billed_units").begin_object().key("input_tokens").value(usage.input).end_object();
    writer.key("tokens").begin_object().key("input_tokens").value(usage.input).end_object();
  }
  writer.end_object();
}

// Did the caller ask for embeddings of that type?
bool asks_for(const Request& request, std::string_view type) {
  json::Array types;
  if (!request.document || request.document->root().at_key("embedding_types").get(types) != simdjson::SUCCESS) {
    return false;
  }
  return std::any_of(types.begin(), types.end(), [&](const json::Element& one) {
    std::string_view said;
    return one.get(said) == simdjson::SUCCESS && said == type;
  });
}

void write_embeddings(json::Writer& writer, const Response& response, const Request& request) {
  writer.key("response_type").value("embeddings_by_type").key("id").value(response.id);
  writer.key("embeddings").begin_object();
  if (!request.wants_base64) {
    writer.key("float").begin_array();
    for (const auto& embedding : response.embeddings) {
      writer.begin_array();
      for (const float number : embedding) writer.value(number);
      writer.end_array();
    }
    writer.end_array();
  }
  if (request.wants_base64 || asks_for(request, "base64")) {
    writer.key("base64").begin_array();
    for (const auto& embedding : response.embeddings) writer.value(pack_floats(embedding));
    writer.end_array();
  }
  writer.end_object().key("texts").begin_array();
  for (const auto text : request.inputs) writer.value(text);
  writer.end_array();
  write_meta(writer, response.usage);
}

// As the caller gave it: an object keeps what else is in it.
void write_document(json::Writer& writer, const Request& request, std::size_t index) {
  writer.key("document");
  json::Array documents;
  json::Element given;
  if (request.document && request.document->root().at_key("documents").get(documents) == simdjson::SUCCESS &&
      documents.at(index).get(given) == simdjson::SUCCESS && given.is_object()) {
    writer.value(given);
  } else {
    writer.begin_object().key("text").value(request.rerank.documents[index]).end_object();
  }
}

void write_ranking(json::Writer& writer, const Response& response, const Request& request) {
  const auto& rerank = request.rerank;
  writer.key("id").value(response.id).key("model").value(response.model).key("results").begin_array();
  int64_t left = rerank.top_n.value_or(static_cast<int64_t>(rerank.documents.size()));
  for (const auto& ranked : response.ranking) {
    const auto index = static_cast<std::size_t>(ranked.index);
    if (ranked.index < 0 || index >= rerank.documents.size()) continue;
    if (left-- <= 0) break;
    writer.begin_object().key("index").value(ranked.index).key("relevance_score").value(ranked.score);
    if (rerank.return_documents) write_document(writer, request, index);
    writer.end_object();
  }
  writer.end_array();
  if (response.usage.known || response.usage.estimated) {
    const auto total = saturating_add(response.usage.input, response.usage.output);
    writer.key("usage").begin_object().key("total_tokens").value(total).end_object();
  }
  write_meta(writer, response.usage);
}

}  // namespace

std::string_view finish_name(FinishReason finish, bool at_stop_sequence) {
  switch (finish) {
    case FinishReason::none:
    case FinishReason::stop:
      return at_stop_sequence ? "STOP_SEQUENCE" : "COMPLETE";
    case FinishReason::length:
      return "MAX_TOKENS";
    case FinishReason::tool_calls:
      return "TOOL_CALL";
    case FinishReason::content_filter:
      return "ERROR";  // there is no other name for an answer that was cut off
  }
  return "COMPLETE";
}

// What was billed, only Cohere itself tells apart from what was read.
void write_usage(json::Writer& writer, const Usage& usage) {
  const auto counts = [&] {
    writer.begin_object().key("input_tokens").value(usage.input).key("output_tokens").value(usage.output).end_object();
  };
  writer.begin_object().key("billed_units");
  counts();
  writer.key("tokens");
  counts();
  writer.key("cached_tokens").value(usage.cached).end_object();
}

void write_call(json::Writer& writer, const AnswerToolCall& call, std::string_view arguments) {
  writer.begin_object().key("id").value(call.id).key("type").value("function");
  writer.key("function").begin_object().key("name").value(call.name).key("arguments").value(arguments);
  writer.end_object().end_object();
}

std::vector<TokenText> tokens_of(const std::string& logprobs) {
  std::vector<TokenText> tokens;
  const auto content = logprobs.starts_with('{') ? json::member(logprobs, "content") : std::string_view();
  if (!content.starts_with('[')) return tokens;
  for (const auto item : json::elements(content)) {
    if (!item.starts_with('{')) continue;
    const auto text = json::member(item, "token");
    const auto number = json::member(item, "logprob");
    if (!text.empty() && !number.empty()) tokens.push_back({.text = text, .logprob = number});
  }
  return tokens;
}

std::string write_response(const Response& response, const Request& request) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  if (request.operation == Operation::embedding) {
    write_embeddings(writer, response, request);
  } else if (request.operation == Operation::rerank) {
    write_ranking(writer, response, request);
  } else {
    write_chat(writer, response, request);
  }
  writer.end_object();
  return out;
}

std::string write_error(const Error& error) { return write_error_as(ErrorShape::cohere, error); }

}  // namespace weir::cohere_client
