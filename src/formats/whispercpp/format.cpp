// whisper.cpp's server: transcripts.
#include "formats/format.h"

#include "formats/shared/no_events.h"
#include "formats/whispercpp/model_face.h"

namespace weir {

namespace whispercpp {
namespace {

class Face final : public ModelFace {
 public:
  Result<HttpRequest> write(const Request& request, const Target& target, std::string_view) const override {
    return write_request(request, target);
  }
  Result<Response> read(const Request& request, std::string body, json::DocumentPool&) const override {
    return read_answer(request, std::move(body));
  }
  std::unique_ptr<EventReader> stream(const Request&) const override {
    return no_events("This server has no streams.");
  }
  Error classify(const HttpResponse& response) const override { return whispercpp::classify(response); }

  // It runs the one model that it was started with, and does not say which.
  HttpRequest list_models(const ProviderSettings&) const override { return {.method = "GET", .path = {}}; }
  Result<ModelList> read_models(std::string) const override {
    return failure(ErrorCode::upstream_malformed, "whisper.cpp's server has no list of models.");
  }
};

}  // namespace

const ModelFace& face() {
  static const Face one;
  return one;
}

}  // namespace whispercpp

const Format& whispercpp_format() {
  static const Format format{.name = whispercpp::name,
                             .description = "whisper.cpp's /inference",
                             .wire = "",
                             .serves = set_of(Operation::transcription),
                             .model = &whispercpp::face()};
  return format;
}

}  // namespace weir
