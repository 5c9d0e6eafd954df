// What the load generator and the benchmark upstream share: owned file descriptors, loopback TCP, epoll and a clock.
// Only for bench/: blocking set-up, exceptions for anything that cannot be set up. Single-threaded.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <span>
#include <system_error>
#include <utility>

namespace weir::bench {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { reset(); }

  void reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

inline int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

inline int64_t now_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

inline sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline void set_no_delay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

inline Fd listen_on_loopback(uint16_t port) {
  Fd fd(checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  checked(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
  checked(::listen(fd.get(), 4096), "listen");
  return fd;
}

inline uint16_t port_of(const Fd& fd) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  checked(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
  return ntohs(address.sin_port);
}

// Begins a connection; it is established when the socket becomes writable.
inline Fd connect_to_loopback(uint16_t port) {
  Fd fd(checked(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  set_no_delay(fd.get());
  const sockaddr_in address = loopback(port);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 && errno != EINPROGRESS) {
    throw std::system_error(errno, std::generic_category(), "connect");
  }
  return fd;
}

class Epoll {
 public:
  Epoll() : fd_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {}

  void add(int fd, uint32_t events, void* context) { control(EPOLL_CTL_ADD, fd, events, context); }
  void change(int fd, uint32_t events, void* context) { control(EPOLL_CTL_MOD, fd, events, context); }

  // Waits until an event or `timeout_ns` (negative: for ever); returns how many of `events` were filled.
  int wait(std::span<epoll_event> events, int64_t timeout_ns) {
    const timespec time{.tv_sec = timeout_ns / 1'000'000'000, .tv_nsec = timeout_ns % 1'000'000'000};
    const int count = ::epoll_pwait2(fd_.get(), events.data(), static_cast<int>(events.size()),
                                     timeout_ns < 0 ? nullptr : &time, nullptr);
    if (count < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
    return count < 0 ? 0 : count;
  }

 private:
  void control(int operation, int fd, uint32_t events, void* context) {
    epoll_event event{.events = events, .data = {.ptr = context}};
    checked(::epoll_ctl(fd_.get(), operation, fd, &event), "epoll_ctl");
  }

  Fd fd_;
};

}  // namespace weir::bench
