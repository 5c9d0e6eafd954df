#include "formats/cohere/model_face.h"

#include <algorithm>
#include <array>

#include "formats/shared/body_splicer.h"
#include "formats/shared/errors.h"
#include "formats/shared/translation.h"

namespace weir::cohere_provider {
namespace {

// Of version 1: documents that are objects, and answers with documents in them.
bool is_older_rerank(const Request& request) {
  constexpr std::array<std::string_view, 3> older = {"return_documents", "rank_fields", "max_chunks_per_doc"};
  const auto& fields = request.fields();
  const bool said = std::any_of(fields.begin(), fields.end(), [&](const json::Field& field) {
    return std::find(older.begin(), older.end(), field.key) != older.end();
  });
  json::Element first;
  return said ||
         (request.document->root().at_pointer("/documents/0").get(first) == simdjson::SUCCESS && first.is_object());
}

std::string_view path_of(const Request& request) {
  switch (request.operation) {
    case Operation::embedding:
      return "/v2/embed";
    case Operation::rerank:
      return request.format == name && is_older_rerank(request) ? "/v1/rerank" : "/v2/rerank";
    default:
      return "/v2/chat";
  }
}

std::string splice_body(const Request& request, const Target& target) {
  BodySplicer splicer(request);
  splicer.set_model(target.model.name);
  if (request.operation == Operation::chat) splicer.set_stream(BodySplicer::Absent::whole);
  return splicer.take();
}

class Face final : public ModelFace {
 public:
  Result<HttpRequest> write(const Request& request, const Target& target, std::string_view prefill) const override {
    return write_request(request, target, prefill);
  }
  Result<Response> read(const Request& request, std::string body, json::DocumentPool& pool) const override {
    return read_answer(request, std::move(body), pool);
  }
  std::unique_ptr<EventReader> stream(const Request&) const override { return make_reader(); }
  Error classify(const HttpResponse& response) const override { return classify_response(response); }

  HttpRequest list_models(const ProviderSettings& provider) const override {
    HttpRequest http{.method = "GET", .path = "/v1/models?page_size=1000"};
    add_bearer(provider, http.headers);
    return http;
  }
  Result<ModelList> read_models(std::string body) const override {
    return cohere_provider::read_models(std::move(body));
  }
};

}  // namespace

Result<HttpRequest> write_request(const Request& request, const Target& target, std::string_view prefill) {
  const bool served = request.operation == Operation::chat || request.operation == Operation::embedding ||
                      request.operation == Operation::rerank;
  if (!served) return failure(unsupported("Cohere's format does not serve this.", "model"));
  if (!prefill.empty()) {
    return failure(unsupported("Cohere does not continue an answer that has begun.", "messages"));
  }
  HttpRequest http{.path = std::string(path_of(request))};
  http.headers.add("Content-Type", "application/json");
  if (request.stream) http.headers.add("Accept", "text/event-stream");
  add_bearer(target.provider, http.headers);
  if (request.format == name) {
    http.body = splice_body(request, target);
    return http;
  }
  auto body = translate_body(request, target);
  if (!body) return failure(std::move(body.error()));
  http.body = std::move(*body);
  return http;
}

const ModelFace& face() {
  static const Face one;
  return one;
}

}  // namespace weir::cohere_provider
