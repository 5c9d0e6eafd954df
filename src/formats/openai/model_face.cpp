#include "formats/openai/model_face.h"

#include "formats/openai/files.h"
#include "formats/openai/media.h"
#include "formats/openai/rerank.h"
#include "formats/openai/server_facts.h"
#include "formats/openai/vendor_body.h"
#include "formats/shared/errors.h"
#include "formats/shared/query.h"
#include "formats/shared/translation.h"

namespace weir::openai_provider {

namespace {

enum class AzureStyle : uint8_t {
  v1,          // …/openai/v1: the model stands in the body
  deployment,  // …/openai/deployments/NAME: it is said in `url`
  account,     // …/openai, with an api-version: each model's name is that of a deployment
};
AzureStyle azure_style(const ProviderSettings& provider) {
  const std::string_view path = provider.url.path;
  if (path.find("/deployments/") != std::string_view::npos) return AzureStyle::deployment;
  const bool dated = provider.query.find("api-version=") != std::string::npos;
  return dated && !path.ends_with("/v1") ? AzureStyle::account : AzureStyle::v1;
}

// What stands between `url` and the path of the operation.
std::string azure_prefix(const ProviderSettings& provider, std::string_view model) {
  const std::string_view path = provider.url.path;
  const auto style = azure_style(provider);
  if (style == AzureStyle::deployment || path.ends_with("/v1")) return {};
  std::string prefix(path.ends_with("/openai") ? "" : "/openai");
  if (style == AzureStyle::v1) return prefix + "/v1";
  if (model.empty()) return prefix;  // files belong to the account
  prefix += "/deployments/";
  return prefix.append(percent_encoded(model));
}

}  // namespace

std::string path_for(const ProviderSettings& provider, std::string_view tail, std::string_view model) {
  std::string path;
  if (provider.quirks.azure_paths) {
    path = azure_prefix(provider, model);
  } else if (provider.url.path.empty() && !provider.quirks.no_v1_path) {
    path = "/v1";
  }
  path.append(tail);
  if (!provider.query.empty()) path.append("?").append(provider.query);
  return path;
}

std::string list_path(const ProviderSettings& provider) {
  if (provider.quirks.azure_paths && azure_style(provider) != AzureStyle::v1) return {};
  return path_for(provider, "/models", {});
}

void add_credential(const ProviderSettings& provider, Headers& headers) {
  if (!provider.quirks.api_key_header) return add_bearer(provider, headers);
  add_extra_headers(provider, headers);
  // A token of Entra's that stands in `headers` takes the key's place.
  if (!provider.api_key.empty() && !headers.has("api-key") && !headers.has("Authorization")) {
    headers.add("api-key", provider.api_key);
  }
}

Result<HttpRequest> write_request(const Request& request, const Target& target, std::string_view prefill) {
  if (holds(openai_media::operations, request.operation)) return openai_media::write_request(request, target);
  if (holds(openai_files::operations, request.operation)) return openai_files::write_request(request, target);
  HttpRequest http;
  switch (request.operation) {
    case Operation::chat:
      http.path = path_for(target.provider, "/chat/completions", target.model.name);
      break;
    case Operation::completion:
      http.path = path_for(target.provider, "/completions", target.model.name);
      break;
    case Operation::embedding:
      http.path = path_for(target.provider, "/embeddings", target.model.name);
      break;
    case Operation::rerank:
      return openai_rerank::write_request(request, target);
    case Operation::image:
    case Operation::speech:
    case Operation::transcription:
    case Operation::moderation:
    case Operation::file:
    case Operation::batch:
    case Operation::prediction:
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
  auto body = as_it_came ? splice_body(request, target, prefill) : translate_body(request, target, prefill);
  if (has_vendor_body(target.provider.quirks)) {
    auto own = vendor_body(std::move(body), target.provider.quirks, request.operation);
    if (!own) return failure(std::move(own.error()));
    body = std::move(*own);
  }
  http.body = std::move(body);
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
    if (holds(openai_files::operations, request.operation)) return openai_files::read_answer(request, std::move(body));
    if (request.operation == Operation::rerank) return openai_rerank::read_answer(request, std::move(body), pool);
    return read_answer(request, std::move(body), pool);
  }
  std::unique_ptr<EventReader> stream(const Request& request) const override {
    if (holds(openai_media::operations, request.operation)) return openai_media::make_reader();
    return std::make_unique<Reader>();
  }
  Error classify(const HttpResponse& response) const override { return classify_response(response); }

  HttpRequest list_models(const ProviderSettings& provider) const override {
    HttpRequest http{.method = "GET", .path = list_path(provider)};
    add_credential(provider, http.headers);
    return http;
  }
  Result<ModelList> read_models(std::string body) const override {
    return openai_provider::read_models(std::move(body));
  }
  std::vector<ModelQuestion> ask_more(const ProviderSettings& provider, const ModelList& list) const override {
    return openai_provider::ask_more(provider, list);
  }
  void read_more(const ModelQuestion& question, std::string_view body, ModelList& list) const override {
    openai_provider::read_more(question, body, list);
  }
};

}  // namespace

const ModelFace& face() {
  static const Face one;
  return one;
}

}  // namespace weir::openai_provider
