#include "net/web_socket.h"

namespace weir::net {
namespace {

constexpr uint8_t continuation = 0;
constexpr uint8_t text = 1;
constexpr uint8_t binary = 2;
constexpr uint8_t close = 8;
constexpr uint8_t ping = 9;
constexpr uint8_t pong = 10;
constexpr std::size_t longest_control = 125;

tl::unexpected<Error> broken(std::string_view what) {
  return failure(ErrorCode::malformed_http, std::string("The WebSocket is broken: ").append(what));
}

struct Frame {
  uint8_t opcode = 0;
  bool last = false;
  std::size_t head = 0;
  uint64_t size = 0;
};

uint64_t number_in(std::string_view bytes) {
  uint64_t number = 0;
  for (const char c : bytes) number = number << 8U | static_cast<unsigned char>(c);
  return number;
}

// nullopt: its head is not whole.
std::optional<Frame> frame_in(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  Frame frame{.opcode = static_cast<uint8_t>(first & 0x0fU), .last = (first & 0x80U) != 0, .head = 2};
  frame.size = second & 0x7fU;
  const std::size_t wide = frame.size == 126 ? 2 : frame.size == 127 ? 8 : 0;
  if (bytes.size() < 2 + wide) return std::nullopt;
  if (wide != 0) frame.size = number_in(bytes.substr(2, wide));
  frame.head += wide;
  return frame;
}

}  // namespace

Result<std::optional<WebSocketMessage>> WebSocketMessages::next() {
  for (;;) {
    const auto frame = frame_in(held_);
    if (!frame) return std::nullopt;
    if ((static_cast<unsigned char>(held_[0]) & 0x70U) != 0) return broken("an extension that nobody asked for");
    if ((static_cast<unsigned char>(held_[1]) & 0x80U) != 0) return broken("a server's frame with a mask");
    const bool control = frame->opcode >= close;
    if (control && (!frame->last || frame->size > longest_control)) return broken("a control frame that is none");
    const auto begun = begun_ ? begun_->bytes.size() : 0;
    if (frame->size > longest_ || begun + frame->size > longest_) return broken("a message is too long");
    const auto size = static_cast<std::size_t>(frame->size);
    if (held_.size() < frame->head + size) return std::nullopt;
    auto payload = held_.substr(frame->head, size);
    held_.erase(0, frame->head + size);
    switch (frame->opcode) {
      case ping:
        return WebSocketMessage{.kind = WebSocketMessage::Kind::ping, .bytes = std::move(payload)};
      case close:
        return WebSocketMessage{.kind = WebSocketMessage::Kind::close, .bytes = std::move(payload)};
      case pong:
        continue;
      case text:
      case binary:
        if (begun_) return broken("a message begins within another");
        begun_ = WebSocketMessage{
            .kind = frame->opcode == text ? WebSocketMessage::Kind::text : WebSocketMessage::Kind::binary,
            .bytes = std::move(payload)};
        break;
      case continuation:
        if (!begun_) return broken("a message goes on that has not begun");
        begun_->bytes += payload;
        break;
      default:
        return broken("a frame of an unknown kind");
    }
    if (frame->last) return std::exchange(begun_, std::nullopt);
  }
}

std::string web_socket_pong(std::string_view payload, uint32_t mask) {
  const auto size = std::min(payload.size(), longest_control);
  std::string out;
  out += static_cast<char>(0x80U | pong);
  out += static_cast<char>(0x80U | size);
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(mask >> static_cast<unsigned>(shift) & 0xffU);
  for (std::size_t i = 0; i < size; ++i)
    out += static_cast<char>(static_cast<unsigned char>(payload[i]) ^ static_cast<unsigned char>(out[2 + i % 4]));
  return out;
}

}  // namespace weir::net
