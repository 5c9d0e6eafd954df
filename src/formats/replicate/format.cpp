// Replicate: predictions, which are jobs.
#include "formats/format.h"

#include "formats/replicate/client_face.h"
#include "formats/replicate/model_face.h"
#include "formats/shared/errors.h"
#include "formats/shared/no_events.h"

namespace weir {

namespace replicate {
namespace {

class Face final : public ModelFace {
 public:
  Result<HttpRequest> write(const Request& request, const Target& target, std::string_view) const override {
    if (request.format == name) return pass_request(request, target);
    return write_request(request, target);
  }
  // A prediction that is done; of its own clients, in whatever state it is.
  Result<Response> read(const Request& request, std::string body, json::DocumentPool&) const override {
    if (request.format == name) return pass_answer(std::move(body));
    json::Document document;
    json::Object prediction;
    if (!document.parse(std::move(body)) || document.root().get(prediction) != simdjson::SUCCESS) {
      return failure(ErrorCode::upstream_malformed, "The provider's answer is malformed: it is no JSON object.");
    }
    return read_prediction(prediction, request.operation);
  }
  std::unique_ptr<EventReader> stream(const Request&) const override {
    return no_events("Replicate was not asked for a stream.");
  }
  std::unique_ptr<Job> job(const Request& request, const Target& target) const override {
    return request.format == name ? nullptr : make_job(request, target);
  }
  Error classify(const HttpResponse& response) const override { return classify_response(response); }

  // Its list is of everybody's models, page after page: those to be used are named in the config.
  HttpRequest list_models(const ProviderSettings&) const override { return {.method = "GET", .path = {}}; }
  Result<ModelList> read_models(std::string) const override {
    return failure(ErrorCode::upstream_malformed, "Replicate has no list of one's own models.");
  }
  bool takes(std::string_view field) const override { return is_model_input(field); }
};

}  // namespace

const ModelFace& face() {
  static const Face one;
  return one;
}

}  // namespace replicate

const Format& replicate_format() {
  static const Format format{.name = replicate::name,
                             .description = "Replicate's predictions",
                             .wire = replicate::name,
                             .serves = set_of(Operation::chat, Operation::image, Operation::prediction),
                             .client = &replicate::client_side(),
                             .model = &replicate::face()};
  return format;
}

}  // namespace weir
