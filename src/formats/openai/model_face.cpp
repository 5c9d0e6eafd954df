#include "formats/openai/model_face.h"

#include "formats/openai/media.h"
#include "formats/shared/errors.h"
#include "formats/shared/translation.h"

namespace weir::openai_provider {

std::string path_for(const ProviderSettings& provider, std::string_view tail) {
  const bool bare = provider.url.path.empty() && !provider.quirks.no_v1_path;
  std::string path;
  path.reserve(tail.size() + 4);
  path.append(bare ? "/v1" : "").append(tail);
  return path;
}

void add_credential(const ProviderSettings& provider, Headers& headers) {
  if (!provider.quirks.api_key_header) return add_bearer(provider, headers);
  if (!provider.api_key.empty()) headers.add("api-key", provider.api_key);
  add_extra_headers(provider, headers);
}

Result<HttpRequest> write_request(const Request& request, const Target& target, std::string_view prefill) {
  if (holds(openai_media::operations, request.operation)) return openai_media::write_request(request, target);
  HttpRequest http;
  switch (request.operation) {
    case Operation::chat:
      http.path = path_for(target.provider, "/chat/completions");
      break;
    case Operation::completion:
      http.path = path_for(target.provider, "/completions");
      break;
    case Operation::embedding:
      http.path = path_for(target.provider, "/embeddings");
      break;
    case Operation::rerank:
    case Operation::image:
    case Operation::speech:
    case Operation::transcription:
    case Operation::moderation:
    case Operation::token_count:
      return failure(unsupported("This provider's format does not serve this.", {}));
  }
  http.headers.add("Content-Type", "application/json");
  if (request.stream) http.headers.add("Accept", "text/event-stream");
  const bool as_it_came = request.format == dialect;
  if (as_it_came) {
    for (const auto& [name, value] : request.carried) http.headers.add(name, value);
  }
  add_credential(target.provider, http.headers);
  http.body = as_it_came ? splice_body(request, target, prefill) : translate_body(request, target, prefill);
  return http;
}

namespace {

class Reader final : public EventReader {
 public:
  Status read(const FramedEvent& event, json::Document& scratch, std::vector<StreamEvent>& out) override {
    return read_stream(event.data, state_, scratch, out);
  }
};

class Face final : public ModelFace {
 public:
  Result<HttpRequest> write(const Request& request, const Target& target, std::string_view prefill) const override {
    return write_request(request, target, prefill);
  }
  Result<Response> read(const Request& request, std::string body, json::DocumentPool& pool) const override {
    if (holds(openai_media::operations, request.operation)) return openai_media::read_answer(request, std::move(body));
    return read_answer(request, std::move(body), pool);
  }
  std::unique_ptr<EventReader> stream(const Request& request) const override {
    if (holds(openai_media::operations, request.operation)) return openai_media::make_reader();
    return std::make_unique<Reader>();
  }
  Error classify(const HttpResponse& response) const override { return classify_response(response); }

  HttpRequest list_models(const ProviderSettings& provider) const override {
    HttpRequest http{.method = "GET", .path = path_for(provider, "/models")};
    add_credential(provider, http.headers);
    return http;
  }
  Result<ModelList> read_models(std::string body) const override {
    return openai_provider::read_models(std::move(body));
  }
};

}  // namespace

const ModelFace& face() {
  static const Face one;
  return one;
}

}  // namespace weir::openai_provider
