// AUTOMATIC1111's /sdapi/v1.
#include "formats/format.h"

#include "formats/automatic1111/model_face.h"
#include "formats/shared/no_events.h"
#include "formats/shared/picture_request.h"

namespace weir {

namespace automatic1111 {
namespace {

class Face final : public ModelFace {
 public:
  Result<HttpRequest> write(const Request& request, const Target& target, std::string_view) const override {
    return write_request(request, target);
  }
  Result<Response> read(const Request& request, std::string body, json::DocumentPool&) const override {
    const auto asked = read_picture_request(request, PictureLimits::by_server);
    return read_answer(std::move(body), request.n, asked && asked->wants_url);
  }
  std::unique_ptr<EventReader> stream(const Request&) const override {
    return no_events("This server has no streams.");
  }
  std::unique_ptr<Job> job(const Request& request, const Target& target) const override {
    return make_job(request, target);
  }
  Error classify(const HttpResponse& response) const override { return automatic1111::classify(response); }

  HttpRequest list_models(const ProviderSettings& provider) const override {
    HttpRequest http{.method = "GET", .path = "/sdapi/v1/sd-models"};
    add_credential(provider, http.headers);
    return http;
  }
  Result<ModelList> read_models(std::string body) const override {
    json::Document document;
    json::Array list;
    if (!document.parse(std::move(body)) || document.root().get(list) != simdjson::SUCCESS)
      return failure(ErrorCode::upstream_malformed, "The list of models is malformed: it is no array.");
    ModelList models;
    for (const auto element : list) {
      json::Object one;
      if (element.get(one) != simdjson::SUCCESS) continue;
      const auto known_as = json::string_or(one, "model_name", json::string_or(one, "title"));
      if (!known_as.empty()) models.models.push_back({.name = std::string(known_as)});
    }
    return models;
  }
  bool takes(std::string_view field) const override { return is_picture_extra(field); }
};

}  // namespace

const ModelFace& face() {
  static const Face one;
  return one;
}

}  // namespace automatic1111

const Format& automatic1111_format() {
  static const Format format{.name = automatic1111::name,
                             .description = "AUTOMATIC1111's /sdapi/v1",
                             .wire = "",
                             .serves = set_of(Operation::image),
                             .model = &automatic1111::face()};
  return format;
}

}  // namespace weir
