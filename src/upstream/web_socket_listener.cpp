#include "upstream/web_socket_listener.h"

#include <fmt/format.h>

#include "core/base64.h"
#include "upstream/tunnel.h"

namespace weir {
namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr std::size_t longest_head = 16 * 1024;
constexpr std::size_t longest_message = 16 * 1024 * 1024;  // a picture as far as it is

std::string handshake(const ProviderSettings& provider, const HttpRequest& ask, uint32_t mask) {
  const bool socket_file = provider.url.scheme == Url::Scheme::unix_socket;
  // 16 bytes that say nothing: a server only shows that it has read them.
  const auto key = encode_base64(fmt::format("weir-{:08x}-ws", mask).append("==").substr(0, 16));
  auto head = fmt::format(
      "GET {}{} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: {}\r\n",
      provider.url.path, ask.path, socket_file ? "localhost" : authority_of(provider.url), key);
  for (const auto& [name, value] : ask.headers.all()) head += fmt::format("{}: {}\r\n", name, value);
  return head += "\r\n";
}

}  // namespace

net::Task<void> listen_to(UpstreamPool& pool, const ProviderSettings& provider, HttpRequest ask, net::Wait wait,
                          uint32_t mask, std::function<void(const net::WebSocketMessage&)> hear) {
  if (is_relayed(provider)) co_return;  // a proxy that passes plain requests on passes no sockets on
  auto dialled = co_await pool.dial(provider, wait);
  if (!dialled) co_return;
  auto& socket = (*dialled)->socket;
  auto& buffer = (*dialled)->buffer;
  const auto head = handshake(provider, ask, mask);
  const auto sent = co_await socket.write_all(head, {}, wait);
  if (sent.status != net::IoStatus::ok) co_return;
  net::WebSocketMessages messages(longest_message);
  bool open = false;
  for (;;) {
    const auto got = co_await socket.read_some(buffer.room(read_size), wait);
    if (got.status != net::IoStatus::ok) co_return;
    buffer.commit(got.bytes);
    if (!open) {
      const auto end = buffer.unused().find("\r\n\r\n");
      if (end == std::string_view::npos && buffer.size() <= longest_head) continue;
      if (end == std::string_view::npos || !buffer.unused().starts_with("HTTP/1.1 101")) co_return;
      buffer.consume(end + 4);
      open = true;
    }
    messages.feed(buffer.unused());
    buffer.consume(buffer.size());
    for (;;) {
      const auto message = messages.next();
      if (!message) co_return;
      if (!*message) break;
      if ((*message)->kind == net::WebSocketMessage::Kind::close) co_return;
      if ((*message)->kind == net::WebSocketMessage::Kind::ping) {
        const auto pong = net::web_socket_pong((*message)->bytes, mask);
        const auto answered = co_await socket.write_all(pong, {}, wait);
        if (answered.status != net::IoStatus::ok) co_return;
        continue;
      }
      hear(**message);
    }
  }
}

}  // namespace weir
