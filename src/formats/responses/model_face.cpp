#include "formats/responses/model_face.h"

#include "formats/openai/model_face.h"
#include "formats/responses/client_face.h"
#include "formats/shared/errors.h"
#include "formats/shared/translation.h"

namespace weir::responses {
namespace {

class Face final : public ModelFace {
 public:
  Result<HttpRequest> write(const Request& request, const Target& target, std::string_view prefill) const override {
    if (request.operation != Operation::chat) {
      return failure(unsupported("This provider's format does not serve this.", {}));
    }
    HttpRequest http;
    http.path = openai_provider::path_for(target.provider, "/responses", target.model.name);
    http.headers.add("Content-Type", "application/json");
    if (request.stream) http.headers.add("Accept", "text/event-stream");
    const bool as_it_came = request.format == wire_name;
    if (as_it_came) {
      for (const auto& [header, value] : request.carried) http.headers.add(header, value);
    }
    openai_provider::add_credential(target.provider, http.headers);
    if (as_it_came) {
      http.body = splice_body(request, target, prefill);
      return http;
    }
    auto body = translate_body(request, target, prefill);
    if (!body) return failure(std::move(body.error()));
    http.body = std::move(*body);
    return http;
  }
  Result<Response> read(const Request& request, std::string body, json::DocumentPool& pool) const override {
    return read_answer(request, std::move(body), pool);
  }
  std::unique_ptr<EventReader> stream(const Request& request) const override { return make_reader(request); }
  Error classify(const HttpResponse& response) const override { return classify_response(response); }
  HttpRequest list_models(const ProviderSettings& provider) const override {
    return openai_provider::face().list_models(provider);
  }
  Result<ModelList> read_models(std::string body) const override {
    return openai_provider::face().read_models(std::move(body));
  }
};

}  // namespace

const ModelFace& model() {
  static const Face one;
  return one;
}

}  // namespace weir::responses
