// Socket: a connected, non-blocking byte stream: TCP or Unix, plain or TLS. Reads and writes are awaited; they try
// first and suspend only when the kernel would block. One reader and one writer at a time; loop thread only. Closing
// while an operation is pending ends that operation with `closed`.
#pragma once

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "net/event_loop.h"

struct ssl_st;

namespace weir::net {

enum class IoStatus : uint8_t {
  ok,
  end,     // the peer sent its last byte in good order
  failed,  // reset, broken pipe, TLS failure
  timed_out,
  cancelled,
};

struct IoResult {
  IoStatus status = IoStatus::ok;
  std::size_t bytes = 0;
};

class Channel;

// One awaited transfer; made by the methods of Socket and awaited at once: `const auto got = co_await
// socket.read_some(…)`.
class Transfer final : public Operation {
 public:
  enum class Kind : uint8_t { read, write, connect, handshake };

  Transfer(Channel& channel, std::span<char> into, Wait wait);                             // read
  Transfer(Channel& channel, std::string_view first, std::string_view second, Wait wait);  // write
  Transfer(Channel& channel, Kind kind, Wait wait);
  [[nodiscard]] bool await_ready();
  void await_suspend(std::coroutine_handle<> waiter);
  [[nodiscard]] IoResult await_resume() const;

 private:
  friend class Channel;
  friend class Socket;
  bool attempt();
  bool attempt_read();
  bool attempt_write();
  [[nodiscard]] ssize_t send_one(std::string_view piece) const;
  [[nodiscard]] ssize_t send_both() const;
  bool attempt_connect();
  bool attempt_handshake();
  bool fail_or_wait(int ssl_result);
  bool finish(IoStatus status);
  void advance(std::size_t bytes);
  void detach() override;

  Channel& channel_;
  Kind kind_;
  std::span<char> into_;
  std::string_view first_;
  std::string_view second_;
  IoResult result_;
  int64_t patience_us_ = 0;  // a write that makes progress gets its whole time again
};

class Socket {
 public:
  enum class State : uint8_t { established, connecting };

  // Takes the descriptor, which must be non-blocking.
  Socket(EventLoop& loop, int fd, State state);
  Socket(Socket&&) noexcept;
  Socket& operator=(Socket&&) = delete;
  // No transfer may be pending.
  ~Socket();

  // At least one byte, unless status is not ok.
  [[nodiscard]] Transfer read_some(std::span<char> into, Wait wait);
  // All bytes of `first` and then of `second`, unless status is not ok. The views must live until it ends. The deadline
  // starts anew whenever the peer takes something.
  [[nodiscard]] Transfer write_all(std::string_view first, std::string_view second, Wait wait);
  // Until a pending connect has succeeded or failed.
  [[nodiscard]] Transfer connected(Wait wait);
  // TLS handshake, as the client or server that `ssl` was set up for. Takes `ssl`; from here on all bytes go through
  // it. A second one goes within the first: TLS to whom a proxy leads, inside TLS to the proxy.
  [[nodiscard]] Transfer handshake(ssl_st* ssl, Wait wait);

  [[nodiscard]] ssl_st* tls() const;
  // What TLS found wrong, or the peer told as its last word, when a transfer failed; "" = nothing of that kind.
  [[nodiscard]] std::string tls_trouble() const;
  // A handshake failed because the other side spoke plain HTTP; after `drop_tls` it can be told so.
  [[nodiscard]] bool met_plain_http() const;
  void drop_tls();
  [[nodiscard]] EventLoop& loop() const;
  // The peer closed, wholly or its sending side. Known without reading.
  [[nodiscard]] bool peer_closed() const;
  // Told once when the peer closes while nobody reads. Replaces an earlier one; nullptr takes it off.
  void on_peer_closed(std::function<void()> callback);
  // Nothing unexpected has arrived and the peer has not closed: fit to be used again.
  [[nodiscard]] bool idle_and_clean() const;
  // Sends nothing more; TLS peers are told so.
  void shutdown_write();
  // Last words are lost: RST instead of FIN, so that the other side stops at once.
  void abort();

 private:
  std::unique_ptr<Channel> channel_;
};

}  // namespace weir::net
