#include "formats/anthropic/client_face.h"

#include "formats/anthropic/wire.h"

namespace weir::anthropic {
namespace {

// GET /v1/models is OpenAI's too: who is asked there, the `anthropic-version` header says (server/).
constexpr std::array patterns = {
    PathPattern{.method = "POST", .path = "/v1/messages", .operation = Operation::chat},
    PathPattern{.method = "POST", .path = "/v1/messages/count_tokens", .operation = Operation::token_count},
};

constexpr std::array<std::string_view, 2> carried = {"anthropic-beta", "anthropic-version"};

class Face final : public ClientFace {
 public:
  std::span<const PathPattern> paths() const override { return patterns; }
  Result<Request> read(Asked asked, json::DocumentPool& pool) const override {
    return read_request(std::move(asked), pool);
  }
  std::string write(const Response& response, const Request& request) const override {
    return write_answer(response, request);
  }
  std::unique_ptr<EventWriter> stream(const Request& request) const override { return make_writer(request); }
  std::string write_error(const Error& error) const override { return write_error_body(error); }
  std::string make_id(std::string_view unique, Operation) const override { return std::string("msg_").append(unique); }
  std::string_view id_header() const override { return "request-id"; }
  std::span<const std::string_view> carries() const override { return carried; }
  std::string write_count(int64_t tokens, const Request&) const override {
    std::string out;
    json::Writer(out).begin_object().key("input_tokens").value(tokens).end_object();
    return out;
  }
  Result<std::string> inform(const Inquiry& inquiry, std::span<const ModelCard> cards) const override {
    return write_models(inquiry, cards);
  }
};

}  // namespace

const ClientFace& client_side() {
  static const Face one;
  return one;
}

}  // namespace weir::anthropic
