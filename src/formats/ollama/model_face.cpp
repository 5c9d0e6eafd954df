// Ollama's own wire format: newline-delimited JSON, tool arguments as objects, images inline.
#include "formats/shared/errors.h"
#include "formats/ollama/model_face.h"
#include "formats/openai/model_face.h"

namespace weir {
namespace {

class OllamaProvider final : public Provider {
 public:
  ProviderInfo info() const override {
    return {.name = "ollama",
            .description = "Ollama's own API: /api/chat, /api/generate, /api/embed",
            .dialect = "",
            .framing = Framing::ndjson,
            .version_path = "/api/version"};
  }

  Result<HttpRequest> encode(const Request& request, const Target& target,
                             std::string_view prefill) const override {
    auto body = ollama_provider::encode_body(request, target, prefill);
    if (!body) return failure(std::move(body.error()));
    HttpRequest http;
    switch (request.operation) {
      case Operation::chat:
        http.path = "/api/chat";
        break;
      case Operation::completion:
        http.path = "/api/generate";
        break;
      case Operation::embedding:
        http.path = "/api/embed";
        break;
    }
    http.headers.add("Content-Type", "application/json");
    openai_provider::add_credential(target.provider, http.headers);
    http.body = std::move(*body);
    return http;
  }
  Result<Response> decode(const Request& request, std::string body, json::DocumentPool& pool) const override {
    return ollama_provider::decode_response(request, std::move(body), pool);
  }
  Status decode_event(std::string_view event, StreamState& state, json::Document& scratch,
                      std::vector<StreamEvent>& out) const override {
    return ollama_provider::decode_event(event, state, scratch, out);
  }
  Error classify(const HttpResponse& response) const override { return classify_response(response); }

  HttpRequest list_models(const ProviderSettings& provider) const override {
    HttpRequest http{.method = "GET", .path = "/api/tags"};
    openai_provider::add_credential(provider, http.headers);
    return http;
  }
  Result<ModelList> decode_models(std::string body) const override {
    return ollama_provider::decode_models(std::move(body));
  }
};

}  // namespace

std::unique_ptr<const Provider> make_ollama_provider() { return std::make_unique<OllamaProvider>(); }

}  // namespace weir
