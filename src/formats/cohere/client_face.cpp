#include "formats/cohere/client_face.h"

#include <array>

namespace weir::cohere_client {
namespace {

constexpr std::array patterns = {
    PathPattern{.method = "POST", .path = "/v2/chat", .operation = Operation::chat},
    PathPattern{.method = "POST", .path = "/v2/embed", .operation = Operation::embedding},
    PathPattern{.method = "POST", .path = "/v2/rerank", .operation = Operation::rerank},
    PathPattern{.method = "POST", .path = "/v1/rerank", .operation = Operation::rerank},
    PathPattern{.method = "POST", .path = "/rerank", .operation = Operation::rerank},
};

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
  std::string write_error(const Error& error) const override { return cohere_client::write_error(error); }
  std::string make_id(std::string_view unique, Operation) const override { return std::string(unique); }
  Result<std::string> inform(const Inquiry& inquiry, std::span<const ModelCard> cards) const override {
    return cohere_client::inform(inquiry, cards);
  }
};

}  // namespace

const ClientFace& face() {
  static const Face one;
  return one;
}

}  // namespace weir::cohere_client
