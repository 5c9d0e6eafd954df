// ComfyUI's local server.
#include "formats/format.h"

#include "formats/comfyui/model_face.h"
#include "formats/shared/no_events.h"
#include "formats/shared/picture_request.h"

namespace weir {

namespace comfyui {
namespace {

class Face final : public ModelFace {
 public:
  Result<HttpRequest> write(const Request& request, const Target& target, std::string_view) const override {
    return write_request(request, target);
  }
  Result<Response> read(const Request&, std::string, json::DocumentPool&) const override {
    return failure(ErrorCode::upstream_malformed, "ComfyUI answers in several steps only.");
  }
  std::unique_ptr<EventReader> stream(const Request&) const override {
    return no_events("This server has no streams.");
  }
  std::unique_ptr<Job> job(const Request& request, const Target& target) const override {
    return make_job(request, target);
  }
  Error classify(const HttpResponse& response) const override { return comfyui::classify(response); }

  HttpRequest list_models(const ProviderSettings& provider) const override {
    return question(provider, "GET", "/models/checkpoints");
  }
  Result<ModelList> read_models(std::string body) const override {
    json::Document document;
    json::Array list;
    if (!document.parse(std::move(body)) || document.root().get(list) != simdjson::SUCCESS)
      return failure(ErrorCode::upstream_malformed, "The list of checkpoints is malformed: it is no array.");
    ModelList models;
    for (const auto element : list) {
      std::string_view file;
      if (element.get(file) == simdjson::SUCCESS && !file.empty()) models.models.push_back({.name = std::string(file)});
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

}  // namespace comfyui

const Format& comfyui_format() {
  static const Format format{.name = comfyui::name,
                             .description = "ComfyUI's workflows",
                             .wire = "",
                             .serves = set_of(Operation::image),
                             .model = &comfyui::face()};
  return format;
}

}  // namespace weir
