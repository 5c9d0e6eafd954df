// Text Generation Inference's own API.
#include "formats/format.h"

#include "formats/shared/errors.h"
#include "formats/shared/translation.h"
#include "formats/tgi/model_face.h"

namespace weir {

namespace tgi {
namespace {

class Face final : public ModelFace {
 public:
  Result<HttpRequest> write(const Request& request, const Target& target, std::string_view) const override {
    auto body = write_body(request);
    if (!body) return failure(std::move(body.error()));
    HttpRequest http{.path = request.stream ? "/generate_stream" : "/generate"};
    http.headers.add("Content-Type", "application/json");
    if (request.stream) http.headers.add("Accept", "text/event-stream");
    add_bearer(target.provider, http.headers);
    http.body = std::move(*body);
    return http;
  }
  Result<Response> read(const Request& request, std::string body, json::DocumentPool& pool) const override {
    return read_answer(request, std::move(body), pool);
  }
  std::unique_ptr<EventReader> stream(const Request&) const override { return make_reader(); }
  Error classify(const HttpResponse& response) const override { return classify_response(response); }

  // It runs one model, and says which.
  HttpRequest list_models(const ProviderSettings& provider) const override {
    HttpRequest http{.method = "GET", .path = "/info"};
    add_bearer(provider, http.headers);
    return http;
  }
  Result<ModelList> read_models(std::string body) const override {
    json::Document document;
    json::Object info;
    if (!document.parse(std::move(body)) || document.root().get(info) != simdjson::SUCCESS ||
        json::string_or(info, "model_id").empty())
      return failure(ErrorCode::upstream_malformed, "The server does not say which model it runs.");
    ModelList list;
    list.models.push_back({.name = std::string(json::string_or(info, "model_id")),
                           .owner = {},
                           .context_length = json::int_or(info, "max_total_tokens")});
    return list;
  }
};

}  // namespace

const ModelFace& face() {
  static const Face one;
  return one;
}

}  // namespace tgi

const Format& tgi_format() {
  static const Format format{.name = "tgi",
                             .description = "Text Generation Inference's own API",
                             .wire = "",
                             .serves = set_of(Operation::completion),
                             .model = &tgi::face()};
  return format;
}

}  // namespace weir
