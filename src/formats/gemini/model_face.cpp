#include "formats/gemini/model_face.h"

#include <fmt/format.h>

#include "formats/gemini/client_face.h"
#include "formats/shared/errors.h"
#include "formats/shared/query.h"
#include "formats/shared/translation.h"

namespace weir::gemini {
namespace {

// Below the provider's base URL, which may name the version of the API, and on Vertex AI the project.
std::string path_for(const ProviderSettings& provider, std::string_view tail) {
  const auto& base = provider.url.path;
  std::string path;
  const bool versioned = base.find("/v1") != std::string::npos;
  return path.append(versioned ? "" : "/v1beta").append("/").append(tail);
}

void add_credential(const ProviderSettings& provider, std::string_view token, Headers& headers) {
  if (!token.empty()) {
    headers.add("Authorization", fmt::format("Bearer {}", token));
    return add_extra_headers(provider, headers);
  }
  if (provider.quirks.vertex_ai) return add_bearer(provider, headers);
  if (!provider.api_key.empty()) headers.add("x-goog-api-key", provider.api_key);
  add_extra_headers(provider, headers);
}

std::string_view action_of(const Request& request) {
  if (request.operation == Operation::embedding) return is_batch(request) ? ":batchEmbedContents" : ":embedContent";
  return request.stream ? ":streamGenerateContent?alt=sse" : ":generateContent";
}

Result<std::string> body_of(const Request& request, const Target& target, std::string_view prefill) {
  if (request.format == format_name) return splice_body(request, target, prefill);
  if (request.operation == Operation::embedding) return translate_embedding(request, target);
  return translate_body(request, target, prefill);
}

class Face final : public ModelFace {
 public:
  Result<HttpRequest> write(const Request& request, const Target& target, std::string_view prefill) const override {
    if (request.operation != Operation::chat && request.operation != Operation::embedding) {
      return failure(unsupported("Gemini's format serves chat and embeddings.", "model"));
    }
    if (target.provider.quirks.vertex_ai && request.operation == Operation::embedding && is_batch(request)) {
      return failure(unsupported("Vertex AI embeds one text a request.", "input"));
    }
    auto body = body_of(request, target, prefill);
    if (!body) return failure(std::move(body.error()));
    HttpRequest http;
    const auto resource = percent_encoded(resource_of(target.model.name), "/@");
    http.path = path_for(target.provider, resource).append(action_of(request));
    http.headers.add("Content-Type", "application/json");
    if (request.format == format_name) {
      for (const auto& [name, value] : request.carried) http.headers.add(name, value);
    }
    const auto& tokens = target.provider.tokens;
    add_credential(target.provider, tokens ? tokens->token(target.wall_s) : std::string(), http.headers);
    http.body = std::move(*body);
    return http;
  }
  Result<Response> read(const Request& request, std::string body, json::DocumentPool& pool) const override {
    return read_answer(request, std::move(body), pool);
  }
  std::unique_ptr<EventReader> stream(const Request& request) const override { return make_reader(request); }
  Error classify(const HttpResponse& response) const override { return classify_response(response); }

  HttpRequest list_models(const ProviderSettings& provider) const override {
    HttpRequest http{.method = "GET", .path = path_for(provider, "models?pageSize=1000")};
    add_credential(provider, provider.tokens ? provider.tokens->last() : std::string(), http.headers);
    return http;
  }
  Result<ModelList> read_models(std::string body) const override { return gemini::read_models(std::move(body)); }
};

}  // namespace

std::string resource_of(std::string_view model_name) {
  const bool whole = model_name.starts_with("models/") || model_name.starts_with("tunedModels/");
  return (whole ? "" : "models/") + std::string(model_name);
}

bool is_batch(const Request& request) {
  return request.format == format_name ? request.answer_shape == shape_batch : request.inputs.size() != 1;
}

const ModelFace& model_side() {
  static const Face one;
  return one;
}

}  // namespace weir::gemini
