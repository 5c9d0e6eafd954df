// Dialect: a wire format that clients speak. Pure functions of bytes: no sockets, no clock, no provider. One instance
// per process, stateless, safe from any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/request.h"
#include "core/response.h"
#include "core/result.h"
#include "core/stream_event.h"

namespace weir {

struct DialectPath {
  std::string_view method;
  std::string_view path;
  Operation operation;
};

struct DialectInfo {
  std::string_view name;  // `openai`
  std::string_view description;
  std::span<const DialectPath> paths;
};

class Dialect {
 public:
  virtual ~Dialect() = default;
  [[nodiscard]] virtual DialectInfo info() const = 0;
  // `body` is the client's; errors carry message and param as this dialect's callers expect them.
  [[nodiscard]] virtual Result<ChatRequest> decode(Operation operation, std::string body,
                                                   json::DocumentPool& pool) const = 0;
  [[nodiscard]] virtual std::string encode(const ChatResponse& response, const ChatRequest& request) const = 0;
  // Appends the framed bytes of one event (`data: {…}\n\n`) to `out`; nothing for events this dialect does not show.
  virtual void encode_event(const StreamEvent& event, const ChatRequest& request, StreamState& state,
                            std::string& out) const = 0;
  // The body of an error answer, and the framed bytes of an error inside a stream.
  [[nodiscard]] virtual std::string encode_error(const Error& error) const = 0;
  virtual void encode_stream_error(const Error& error, StreamState& state, std::string& out) const = 0;
};

[[nodiscard]] const std::vector<const Dialect*>& dialects();
[[nodiscard]] const Dialect* find_dialect(std::string_view name);
// The dialect and operation that serve `method path`; nullptr when none does.
struct DialectMatch {
  const Dialect* dialect = nullptr;
  Operation operation = Operation::chat;
  bool path_known = false;  // the path exists, with another method
};
[[nodiscard]] DialectMatch match_dialect(std::string_view method, std::string_view path);

}  // namespace weir
