#include "formats/openai/rerank.h"

#include <algorithm>

#include <fmt/format.h>

#include "formats/openai/model_face.h"
#include "formats/shared/errors.h"

namespace weir::openai_rerank {
namespace {

tl::unexpected<Error> malformed(std::string_view what) {
  return failure(ErrorCode::upstream_malformed, fmt::format("The provider's answer is malformed: {}.", what));
}

// `relevance_score`; TEI says `score`.
bool read_result(const json::Element& element, Ranked& out) {
  json::Object result;
  if (element.get(result) != simdjson::SUCCESS || result.at_key("index").get(out.index) != simdjson::SUCCESS) {
    return false;
  }
  return result.at_key("relevance_score").get(out.score) == simdjson::SUCCESS ||
         result.at_key("score").get(out.score) == simdjson::SUCCESS;
}

Status read_ranking(const json::Array& results, const Request& request, Response& response) {
  std::vector<bool> seen(request.rerank.documents.size());
  for (const auto element : results) {
    Ranked ranked;
    if (!read_result(element, ranked)) return malformed("a result has no index or no score");
    const auto index = static_cast<std::size_t>(ranked.index);
    if (ranked.index < 0 || index >= seen.size()) return malformed("a result names a document that was not sent");
    if (seen[index]) return malformed("a document is ranked twice");
    seen[index] = true;
    response.ranking.push_back(ranked);
  }
  std::stable_sort(response.ranking.begin(), response.ranking.end(),
                   [](const Ranked& a, const Ranked& b) { return a.score > b.score; });
  return {};
}

// All tokens are read; some servers give only the sum.
Usage usage_in(const json::Object& answer) {
  json::Object object;
  if (answer.at_key("usage").get(object) != simdjson::SUCCESS) return {};
  auto usage = openai_provider::read_usage(object);
  if (usage.total_only) {
    usage.input = std::exchange(usage.output, 0);
    usage.total_only = false;
  }
  return usage;
}

}  // namespace

Result<HttpRequest> write_request(const Request& request, const Target& target) {
  const bool texts = target.provider.quirks.rerank_texts;
  const auto& rerank = request.rerank;
  HttpRequest http{.path = openai_provider::path_for(target.provider, "/rerank", target.model.name)};
  http.headers.add("Content-Type", "application/json");
  openai_provider::add_credential(target.provider, http.headers);
  json::Writer writer(http.body);
  writer.begin_object().key("model").value(target.model.name).key("query").value(rerank.query);
  writer.key(texts ? "texts" : "documents").begin_array();
  for (const auto document : rerank.documents) writer.value(document);
  writer.end_array();
  if (rerank.top_n && !texts) writer.key("top_n").value(*rerank.top_n);
  writer.end_object();
  return http;
}

Result<Response> read_answer(const Request& request, std::string body, json::DocumentPool& pool) {
  auto document = pool.take();
  if (auto parsed = document->parse(std::move(body)); !parsed) return malformed(parsed.error().message);
  Response response;
  response.operation = request.operation;
  json::Array results;
  json::Object object;
  if (document->root().get(object) == simdjson::SUCCESS) {
    if (is_error_body(object)) return failure(classify_body(document->root(), 0));
    if (object.at_key("results").get(results) != simdjson::SUCCESS) return malformed("it has no 'results'");
    response.id = json::string_or(object, "id");
    response.model = json::string_or(object, "model");
    response.usage = usage_in(object);
  } else if (document->root().get(results) != simdjson::SUCCESS) {
    return malformed("it is neither an object nor a list");
  }
  if (auto read = read_ranking(results, request, response); !read) return failure(std::move(read.error()));
  return response;
}

}  // namespace weir::openai_rerank
