#include "net/listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/http.h"

namespace weir::net {
namespace {

constexpr int backlog = 1024;
constexpr int accepts_per_turn = 64;

tl::unexpected<Error> cannot_listen(const std::string& address, int error) {
  std::string message = "Cannot listen on " + address + ": " + std::strerror(error) + ".";
  if (error == EADDRINUSE) message += " Another process has it; choose another with --listen HOST:PORT.";
  if (error == EACCES) message += " Ports below 1024 need privileges; choose another with --listen HOST:PORT.";
  if (error == EADDRNOTAVAIL) message += " This machine has no such address.";
  return failure(ErrorCode::internal, std::move(message));
}

bool is_loopback(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return (ntohl(v4->sin_addr.s_addr) >> 24U) == 127;
  }
  if (address->sa_family == AF_INET6)
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr);
  return false;
}

// Another server may be alive behind a socket file; a dead one leaves only the file.
bool remove_dead_socket(const sockaddr_un& address) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool alive = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const int error = errno;
  ::close(probe);
  if (alive || error != ECONNREFUSED) return false;
  return ::unlink(address.sun_path) == 0;
}

Result<int> listen_unix(const std::string& name, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return cannot_listen(name, ENAMETOOLONG);
  path.copy(address.sun_path, path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return cannot_listen(name, errno);
  const auto bind = [&] { return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0; };
  if ((!bind() && !(errno == EADDRINUSE && remove_dead_socket(address) && bind())) || ::listen(fd, backlog) != 0) {
    const int error = errno;
    ::close(fd);
    return cannot_listen(name, error);
  }
  return fd;
}

}  // namespace

Result<ListenSocket> ListenSocket::open(const std::string& address) {
  if (address.starts_with("unix:")) {
    const auto path = address.substr(5);
    const auto fd = listen_unix(address, path);
    if (!fd) return failure(fd.error());
    ListenSocket socket(*fd, address);
    socket.unlink_path_ = path;
    return socket;
  }
  const auto colon = address.rfind(':');
  auto host = address.substr(0, colon == std::string::npos ? 0 : colon);
  const auto port = colon == std::string::npos ? address : address.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) host = "127.0.0.1";
  uint16_t number = 0;
  const auto [end, error_code] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error_code != std::errc{} || end != port.data() + port.size()) {
    return failure(
        ErrorCode::internal,
        "Cannot listen on " + address + ": the port must be 0 to 65535. Expected HOST:PORT, [V6]:PORT or unix:/path.");
  }

  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return failure(ErrorCode::internal, "Cannot listen on " + address + ": " + gai_strerror(error) +
                                            ". Expected HOST:PORT, [V6]:PORT or unix:/path.");
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return cannot_listen(address, errno);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (::bind(fd, found->ai_addr, found->ai_addrlen) != 0 || ::listen(fd, backlog) != 0) {
    const int error = errno;
    ::close(fd);
    return cannot_listen(address, error);
  }
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length);
  const auto real_port = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port
                                                           : reinterpret_cast<sockaddr_in*>(&bound)->sin_port);
  const auto shown = host.find(':') != std::string::npos ? "[" + host + "]" : host;
  ListenSocket socket(fd, shown + ":" + std::to_string(real_port));
  socket.loopback_ = is_loopback(found->ai_addr);
  return socket;
}

ListenSocket::ListenSocket(ListenSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      address_(std::move(other.address_)),
      unlink_path_(std::exchange(other.unlink_path_, {})),
      loopback_(other.loopback_) {}

ListenSocket::~ListenSocket() {
  if (fd_ >= 0) ::close(fd_);
  if (!unlink_path_.empty()) ::unlink(unlink_path_.c_str());
}

Result<ListenSocket> ListenSocket::another() const {
  if (unlink_path_.empty()) return open(address_);
  const int fd = ::dup(fd_);
  if (fd < 0) return cannot_listen(address_, errno);
  return ListenSocket(fd, address_);  // the first one removes the file
}

Listener::Listener(EventLoop& loop, ListenSocket socket, OnAccept on_accept)
    : loop_(loop), socket_(std::move(socket)), on_accept_(std::move(on_accept)) {
  loop_.add_listener(socket_.fd(), *this);
}

Listener::~Listener() { stop(); }

void Listener::stop() {
  if (std::exchange(stopped_, true)) return;
  retry_.cancel();
  loop_.pause_listener(socket_.fd());
}

void Listener::on_ready(uint32_t) {
  for (int i = 0; i < accepts_per_turn && !stopped_; ++i) {
    const int fd = ::accept4(socket_.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      on_accept_(fd);
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // No descriptor to be had: level-triggered readiness would spin, so look away for a moment.
      loop_.pause_listener(socket_.fd());
      loop_.timers().set(
          retry_, loop_.deadline_in_ms(50),
          [](void* self) {
            auto& listener = *static_cast<Listener*>(self);
            listener.loop_.add_listener(listener.socket_.fd(), listener);
          },
          this);
    }
    if (errno != EINTR && errno != ECONNABORTED) return;
  }
}

}  // namespace weir::net
