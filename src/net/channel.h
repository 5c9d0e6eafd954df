// Channel: the registered descriptor behind a Socket: what the kernel last said of it, and who waits. Internal to net.
#pragma once

#include <functional>

#include "net/event_loop.h"
#include "net/socket.h"

namespace weir::net {

class Channel final : public Watch {
 public:
  Channel(EventLoop& event_loop, int descriptor, Socket::State state);
  ~Channel() override;
  void on_ready(uint32_t epoll_events) override;
  // Closes the descriptor; the object lives on until the loop lets go of it.
  void close();

  EventLoop& loop;
  int fd;
  ssl_st* ssl = nullptr;
  unsigned long tls_error = 0;  // OpenSSL's, of the transfer that failed
  bool may_read = false;        // false: the next recv would block
  bool may_write = false;
  bool peer_closed = false;
  bool broken = false;  // an error or hang-up was signalled
  Transfer* reader = nullptr;
  Transfer* writer = nullptr;
  std::function<void()> peer_closed_callback;
};

}  // namespace weir::net
