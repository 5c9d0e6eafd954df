// The shipped stand-in: speaks OpenAI's wire format to a server inside the process that answers from a script
// (sandbox_model.h), so that a first request shows the whole path, and tests and demos need neither key nor GPU.
#include "formats/shared/errors.h"
#include "formats/openai/model_face.h"

namespace weir {
namespace {

class SandboxProvider final : public Provider {
 public:
  ProviderInfo info() const override {
    return {.name = "sandbox",
            .description = "a scripted stand-in for a model, with latency, faults and cut streams on demand",
            .dialect = openai_provider::dialect,
            .framing = Framing::sse};
  }
  Result<HttpRequest> encode(const Request& request, const Target& target,
                             std::string_view prefill) const override {
    return openai_provider::encode_request(request, target, prefill);
  }
  Result<Response> decode(const Request& request, std::string body, json::DocumentPool& pool) const override {
    return openai_provider::decode_response(request, std::move(body), pool);
  }
  Status decode_event(std::string_view event, StreamState& state, json::Document& scratch,
                      std::vector<StreamEvent>& out) const override {
    return openai_provider::decode_event(event, state, scratch, out);
  }
  Error classify(const HttpResponse& response) const override { return classify_response(response); }
  HttpRequest list_models(const ProviderSettings& provider) const override {
    return {.method = "GET", .path = openai_provider::path_for(provider, "/models")};
  }
  Result<ModelList> decode_models(std::string body) const override {
    return openai_provider::decode_models(std::move(body));
  }
};

}  // namespace

std::unique_ptr<const Provider> make_sandbox_provider() { return std::make_unique<SandboxProvider>(); }

}  // namespace weir
