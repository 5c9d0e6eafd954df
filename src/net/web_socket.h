// WebSocketMessages: what a server sends over a WebSocket, put together from its frames (RFC 6455, section 5). Pure: no
// socket here. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::net {

struct WebSocketMessage {
  enum class Kind : uint8_t { text, binary, ping, close };
  Kind kind = Kind::text;
  std::string bytes;
};

class WebSocketMessages {
 public:
  explicit WebSocketMessages(std::size_t longest) : longest_(longest) {}

  void feed(std::string_view bytes) { held_ += bytes; }
  // The next one that is whole; nullopt: more bytes are needed. malformed_http for what no server may send, and for
  // messages that are too long; nothing can be read after it. Pongs are passed over.
  [[nodiscard]] Result<std::optional<WebSocketMessage>> next();

 private:
  const std::size_t longest_;
  std::string held_;
  std::optional<WebSocketMessage> begun_;  // of a message that comes in several frames
};

// A frame from a client, which are masked: `mask` is random, so that nobody in between takes its bytes for something
// else.
[[nodiscard]] std::string web_socket_pong(std::string_view payload, uint32_t mask);

}  // namespace weir::net
