#include "formats/ollama/client_face.h"

#include <array>

namespace weir::ollama_client {
namespace {

constexpr std::array patterns = {
    PathPattern{.method = "POST", .path = "/api/chat", .operation = Operation::chat},
    // What it asks for, the body says: a chat, or a text to go on with.
    PathPattern{.method = "POST", .path = "/api/generate", .operation = Operation::completion},
    PathPattern{.method = "POST", .path = "/api/embed", .operation = Operation::embedding},
    PathPattern{.method = "POST", .path = "/api/embeddings", .operation = Operation::embedding},
    PathPattern{.method = "GET", .path = "/api/tags", .info = true},
    PathPattern{.method = "POST", .path = "/api/show", .info = true},
    PathPattern{.method = "GET", .path = "/api/ps", .info = true},
    PathPattern{.method = "GET", .path = "/api/version", .info = true},
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
  std::string write_error(const Error& error) const override { return ollama_client::write_error(error); }
  // Answers have no id there.
  std::string make_id(std::string_view unique, Operation) const override { return std::string(unique); }
  std::string_view stream_type(const Request&) const override { return "application/x-ndjson"; }
  Result<std::string> inform(const Inquiry& inquiry, std::span<const ModelCard> models) const override {
    return ollama_client::inform(inquiry, models);
  }
};

}  // namespace

const ClientFace& face() {
  static const Face one;
  return one;
}

}  // namespace weir::ollama_client
