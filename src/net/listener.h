// Listener: a listening socket of one event loop. With SO_REUSEPORT each loop has its own on the same address and the
// kernel spreads connections; a Unix socket is one descriptor that all loops share. Loop thread only; owned by the
// server.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/result.h"
#include "net/address_claim.h"
#include "net/event_loop.h"

namespace weir::net {

// A bound, listening descriptor that can be duplicated to several loops. `address` is `HOST:PORT`, `[V6]:PORT` or
// `unix:/path`. Errors say what is in the way (address in use, and by whom; permission) and the mend. No other process
// can listen there as long as what `open` gave lives.
class ListenSocket {
 public:
  // `mode`: of a Unix socket's file.
  [[nodiscard]] static Result<ListenSocket> open(const std::string& address, uint32_t mode = 0660);
  ListenSocket(ListenSocket&& other) noexcept;
  ListenSocket& operator=(ListenSocket&&) = delete;
  ~ListenSocket();

  [[nodiscard]] int fd() const { return fd_; }
  // The address with the real port, for port 0.
  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] bool loopback() const { return loopback_; }
  // A further socket on the same address: another one for TCP, the same for Unix.
  [[nodiscard]] Result<ListenSocket> another() const;

 private:
  ListenSocket(int fd, std::string address) : fd_(fd), address_(std::move(address)) {}
  static Result<ListenSocket> open_unix(const std::string& address, uint32_t mode);
  static Result<ListenSocket> share(const std::string& address);

  int fd_;
  AddressClaim claim_;
  std::string address_;
  std::string unlink_path_;
  bool loopback_ = true;
};

class Listener final : public Watch {
 public:
  using OnAccept = std::function<void(int fd)>;  // takes the descriptor, non-blocking
  Listener(EventLoop& loop, ListenSocket socket, OnAccept on_accept);
  ~Listener() override;
  void on_ready(uint32_t epoll_events) override;
  // No new connections from here on.
  void stop();

 private:
  EventLoop& loop_;
  ListenSocket socket_;
  OnAccept on_accept_;
  bool stopped_ = false;
  Timer retry_;
};

}  // namespace weir::net
