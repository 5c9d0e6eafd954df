#include "formats/openai/client_face.h"

#include "formats/openai/files.h"
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
    std::vector<PathPattern> every(patterns.begin(), patterns.end());
    every.insert(every.end(), openai_media::paths().begin(), openai_media::paths().end());
    every.insert(every.end(), openai_files::paths().begin(), openai_files::paths().end());
    return every;
  }();
  return all;
}

class Face final : public ClientFace {
 public:
  std::span<const PathPattern> paths() const override { return all_paths(); }
  Result<Request> read(Asked asked, json::DocumentPool& pool) const override {
    if (holds(openai_media::operations, asked.operation)) return openai_media::read_request(std::move(asked), pool);
    if (holds(openai_files::operations, asked.operation)) return openai_files::read_request(std::move(asked), pool);
    return read_request(std::move(asked), pool);
  }
  std::string write(const Response& response, const Request& request) const override {
    return write_response(response, request);
  }
  std::unique_ptr<EventWriter> stream(const Request& request) const override {
    return request.operation == Operation::image ? openai_media::make_writer(request) : make_writer(request);
  }
  std::string write_error(const Error& error) const override { return openai_dialect::write_error(error); }
  std::string make_id(std::string_view unique, Operation operation) const override {
    std::string_view kind = "chatcmpl-";
    if (operation == Operation::completion) kind = "cmpl-";
    if (operation == Operation::embedding) kind = "embd-";
    return std::string(kind).append(unique);
  }
};

}  // namespace

const ClientFace& face() {
  static const Face one;
  return one;
}

}  // namespace weir::openai_dialect
