// The wire format of OpenAI's chat completions, completions and embeddings: what every SDK speaks.
#include "formats/format.h"
#include "formats/openai/client_face.h"

namespace weir {
namespace {

constexpr std::array paths = {
    DialectPath{.method = "POST", .path = "/v1/chat/completions", .operation = Operation::chat},
    DialectPath{.method = "POST", .path = "/v1/completions", .operation = Operation::completion},
    DialectPath{.method = "POST", .path = "/v1/embeddings", .operation = Operation::embedding},
};

class OpenAiDialect final : public Dialect {
 public:
  DialectInfo info() const override {
    return {.name = openai_dialect::name,
            .description = "OpenAI's chat completions, completions and embeddings",
            .paths = paths};
  }
  Result<Request> decode(Operation operation, std::string body, json::DocumentPool& pool) const override {
    return openai_dialect::decode_request(operation, std::move(body), pool);
  }
  std::string encode(const Response& response, const Request& request) const override {
    return openai_dialect::encode_response(response, request);
  }
  void encode_event(const StreamEvent& event, const Request& request, StreamState& state,
                    std::string& out) const override {
    openai_dialect::encode_event(event, request, state, out);
  }
  std::string encode_error(const Error& error) const override { return openai_dialect::encode_error(error); }
  void encode_stream_error(const Error& error, StreamState&, std::string& out) const override {
    openai_dialect::encode_stream_error(error, out);
  }
};

}  // namespace

std::unique_ptr<const Dialect> make_openai_dialect() { return std::make_unique<OpenAiDialect>(); }

}  // namespace weir
