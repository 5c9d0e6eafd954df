#include "formats/openai/client_face.h"

#include "formats/openai/media.h"

namespace weir::openai_dialect {
namespace {

constexpr std::array patterns = {
    PathPattern{.method = "POST", .path = "/v1/chat/completions", .operation = Operation::chat},
    PathPattern{.method = "POST", .path = "/v1/completions", .operation = Operation::completion},
    PathPattern{.method = "POST", .path = "/v1/embeddings", .operation = Operation::embedding},
};

const std::vector<PathPattern>& all_paths() {
  static const auto all = [] {
    std::vector<PathPattern> both(patterns.begin(), patterns.end());
    both.insert(both.end(), openai_media::paths().begin(), openai_media::paths().end());
    return both;
  }();
  return all;
}

class Face final : public ClientFace {
 public:
  std::span<const PathPattern> paths() const override { return all_paths(); }
  Result<Request> read(Asked asked, json::DocumentPool& pool) const override {
    if (holds(openai_media::operations, asked.operation)) return openai_media::read_request(std::move(asked), pool);
    return read_request(std::move(asked), pool);
  }
  std::string write(const Response& response, const Request& request) const override {
    return write_response(response, request);
  }
  std::unique_ptr<EventWriter> stream(const Request& request) const override { return make_writer(request); }
  std::string write_error(const Error& error) const override { return openai_dialect::write_error(error); }
  std::string make_id(std::string_view unique, Operation operation) const override {
    std::string id(operation == Operation::completion ? "cmpl-" : "chatcmpl-");
    return id.append(unique);
  }
};

}  // namespace

const ClientFace& face() {
  static const Face one;
  return one;
}

}  // namespace weir::openai_dialect
