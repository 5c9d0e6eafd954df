// Amazon Bedrock's own wire format, for models of all makers.
#include "formats/format.h"

#include "formats/bedrock/model_face.h"

namespace weir {

namespace bedrock {
namespace {

class Face final : public ModelFace {
 public:
  Result<HttpRequest> write(const Request& request, const Target& target, std::string_view prefill) const override {
    return write_request(request, target, prefill);
  }
  Status sign(HttpRequest& http, const Target& target) const override { return sign_again(http, target); }
  Result<Response> read(const Request& request, std::string body, json::DocumentPool& pool) const override {
    return read_answer(request, std::move(body), pool);
  }
  std::unique_ptr<EventReader> stream(const Request& request) const override { return stream_reader(request); }
  Error classify(const HttpResponse& response) const override { return bedrock::classify(response); }

  // The runtime has no list of models: another host has, with another signing name.
  HttpRequest list_models(const ProviderSettings&) const override { return {.method = "GET", .path = {}}; }
  Result<ModelList> read_models(std::string) const override {
    return failure(ErrorCode::upstream_malformed, "Bedrock's runtime has no list of models.");
  }
};

}  // namespace

const ModelFace& face() {
  static const Face one;
  return one;
}

}  // namespace bedrock

const Format& bedrock_format() {
  static const Format format{.name = bedrock::name,
                             .description = "Amazon Bedrock's Converse and ConverseStream",
                             .wire = "",
                             .framing = Framing::amazon,
                             .serves = set_of(Operation::chat),
                             .model = &bedrock::face()};
  return format;
}

}  // namespace weir
