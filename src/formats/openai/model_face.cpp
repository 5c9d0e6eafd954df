// OpenAI's wire format as the model side: OpenAI itself, the vendors and local servers that copy it (presets.cpp).
#include "formats/shared/errors.h"
#include "formats/openai/model_face.h"

namespace weir {

namespace openai_provider {

std::string path_for(const ProviderSettings& provider, std::string_view tail) {
  const bool bare = provider.url.path.empty() && !provider.quirks.no_v1_path;
  std::string path;
  path.reserve(tail.size() + 4);
  path.append(bare ? "/v1" : "").append(tail);
  return path;
}

void add_credential(const ProviderSettings& provider, Headers& headers) {
  if (!provider.api_key.empty()) {
    if (provider.quirks.api_key_header) {
      headers.add("api-key", provider.api_key);
    } else {
      headers.add("Authorization", "Bearer " + provider.api_key);
    }
  }
  for (const auto& [name, value] : provider.headers) {
    headers.remove(name);
    headers.add(name, value);
  }
}

Result<HttpRequest> encode_request(const Request& request, const Target& target, std::string_view prefill) {
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
  }
  http.headers.add("Content-Type", "application/json");
  if (request.stream) http.headers.add("Accept", "text/event-stream");
  add_credential(target.provider, http.headers);
  http.body =
      request.dialect == dialect ? splice_body(request, target, prefill) : translate_body(request, target, prefill);
  return http;
}

}  // namespace openai_provider

namespace {

class OpenAiProvider final : public Provider {
 public:
  ProviderInfo info() const override {
    return {.name = "openai",
            .description = "OpenAI's wire format: OpenAI, vendors and servers that are compatible with it",
            .dialect = openai_provider::dialect,
            .framing = Framing::sse};
  }
  Result<HttpRequest> encode(const Request& request, const Target& target,
                             std::string_view prefill) const override {
    return openai_provider::encode_request(request, target, prefill);
  }
  Result<Response> decode(const Request& request, std::string body, json::DocumentPool& pool) const override {
    return openai_provider::decode_response(request, std::move(body), pool);
  }
  Status decode_event(std::string_view event, StreamState& state, json::Document& scratch,
                      std::vector<StreamEvent>& out) const override {
    return openai_provider::decode_event(event, state, scratch, out);
  }
  Error classify(const HttpResponse& response) const override { return classify_response(response); }

  HttpRequest list_models(const ProviderSettings& provider) const override {
    HttpRequest http{.method = "GET", .path = openai_provider::path_for(provider, "/models")};
    openai_provider::add_credential(provider, http.headers);
    return http;
  }
  Result<ModelList> decode_models(std::string body) const override {
    return openai_provider::decode_models(std::move(body));
  }
};

}  // namespace

std::unique_ptr<const Provider> make_openai_provider() { return std::make_unique<OpenAiProvider>(); }

}  // namespace weir
