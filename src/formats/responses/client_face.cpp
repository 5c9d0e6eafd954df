#include "formats/responses/client_face.h"

#include <array>

#include "formats/openai/client_face.h"
#include "formats/responses/conversation.h"

namespace weir::responses {
namespace {

constexpr std::array patterns = {
    PathPattern{.method = "POST", .path = "/v1/responses", .operation = Operation::chat},
    PathPattern{.method = "POST", .path = "/v1/responses/input_tokens", .operation = Operation::token_count},
    PathPattern{.method = "GET", .path = input_items_path, .kept = true},
    PathPattern{.method = "POST", .path = cancel_path, .kept = true},
    PathPattern{.method = "GET", .path = kept_path, .kept = true},
    PathPattern{.method = "DELETE", .path = kept_path, .kept = true},
};
constexpr std::array<std::string_view, 1> carried = {"openai-beta"};

class Face final : public ClientFace {
 public:
  std::span<const PathPattern> paths() const override { return patterns; }
  Result<Request> read(Asked asked, json::DocumentPool& pool) const override {
    return read_request(std::move(asked), pool);
  }
  std::string write(const Response& response, const Request& request) const override {
    return write_response(response, request);
  }
  std::unique_ptr<EventWriter> stream(const Request& request) const override { return make_writer(request); }
  std::string write_error(const Error& error) const override { return openai_dialect::write_error(error); }
  std::string make_id(std::string_view unique, Operation) const override { return std::string("resp_").append(unique); }
  std::span<const std::string_view> carries() const override { return carried; }
  const ConversationFace* conversations() const override { return &responses::conversations(); }
  std::string write_count(int64_t tokens, const Request&) const override {
    std::string out;
    json::Writer writer(out);
    writer.begin_object().key("object").value("response.input_tokens").key("input_tokens").value(tokens).end_object();
    return out;
  }
};

}  // namespace

const ClientFace& client() {
  static const Face one;
  return one;
}

}  // namespace weir::responses
