#include "net/listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/http.h"

namespace weir::net {
namespace {

constexpr int backlog = 1024;
constexpr int accepts_per_turn = 64;

tl::unexpected<Error> cannot_listen(const std::string& address, int error) {
  std::string message = "Cannot listen on " + address + ": " + std::strerror(error) + ".";
  if (error == EACCES) message += " Ports below 1024 need privileges; choose another with --listen HOST:PORT.";
  if (error == EADDRNOTAVAIL) message += " This machine has no such address.";
  return failure(ErrorCode::internal, std::move(message));
}

// `who`: in words, or this process itself.
tl::unexpected<Error> is_taken(const std::string& address, const std::string& who) {
  if (who == process_name(::getpid())) {
    return failure(ErrorCode::internal, "Cannot listen on " + address + ": it is named twice, or within another one.");
  }
  return failure(ErrorCode::internal, "Cannot listen on " + address + ": the address is in use by " + who +
                                          ". Stop that one, or choose another address with --listen.");
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

// ---- Unix sockets

enum class SocketFile : uint8_t { dead, alive, no_socket };

struct FoundFile {
  SocketFile is = SocketFile::alive;
  pid_t holder = 0;  // of a live one, where it can be known
};

// Another server may be alive behind a socket file; a dead one leaves only the file.
FoundFile look_at(const sockaddr_un& address) {
  struct stat info {};
  if (::lstat(address.sun_path, &info) == 0 && !S_ISSOCK(info.st_mode)) return {.is = SocketFile::no_socket};
  // Not waiting: one whose queue is full is alive too.
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  FoundFile found;
  if (::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    ucred peer{};
    socklen_t length = sizeof peer;
    if (::getsockopt(probe, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0) found.holder = peer.pid;
  } else if (errno == ECONNREFUSED) {
    found.is = SocketFile::dead;
  }
  ::close(probe);
  return found;
}

// Nothing but a socket file that nobody answers on is ever removed.
Status make_way(const std::string& name, const sockaddr_un& address) {
  const auto found = look_at(address);
  if (found.is == SocketFile::no_socket) {
    return failure(ErrorCode::internal,
                   "Cannot listen on " + name + ": there is a file of that name, which is no socket.");
  }
  if (found.is == SocketFile::alive) {
    return is_taken(name, process_name(found.holder));
  }
  if (::unlink(address.sun_path) != 0) return cannot_listen(name, errno);
  return {};
}

Result<int> listen_unix(const std::string& name, const std::string& path, mode_t mode) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return cannot_listen(name, ENAMETOOLONG);
  path.copy(address.sun_path, path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return cannot_listen(name, errno);
  const auto give_up = [fd](tl::unexpected<Error> why) {
    ::close(fd);
    return why;
  };
  // Linux makes the file with the mode that the descriptor has, less the umask: so it is never more open than asked
  // for.
  ::fchmod(fd, mode);
  const auto bind = [&] { return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0; };
  const auto widen = [&] { return ::chmod(path.c_str(), mode) == 0; };  // what the umask took away
  bool bound = bind();
  if (!bound && errno == EADDRINUSE) {
    if (auto free = make_way(name, address); !free) return give_up(failure(free.error()));
    bound = bind();
  }
  if (!bound || !widen() || ::listen(fd, backlog) != 0) return give_up(cannot_listen(name, errno));
  return fd;
}

// One name for one socket file, however its path is written.
std::string claimed_path(const std::string& path) {
  std::error_code error;
  const auto canonical = std::filesystem::weakly_canonical(path, error);
  return error ? path : canonical.string();
}

// ---- TCP

// All loops of one process share an address (SO_REUSEPORT); no two processes do.
enum class Sharing : uint8_t { alone, among_loops };

Result<int> bind_tcp(const std::string& name, const addrinfo& where, Sharing sharing) {
  const int fd = ::socket(where.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return cannot_listen(name, errno);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (sharing == Sharing::among_loops) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (::bind(fd, where.ai_addr, where.ai_addrlen) == 0) return fd;
  const int error = errno;
  ::close(fd);
  if (error != EADDRINUSE) return cannot_listen(name, error);
  const auto port = where.ai_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(where.ai_addr)->sin6_port
                                                : reinterpret_cast<const sockaddr_in*>(where.ai_addr)->sin_port;
  return is_taken(name, port_holder(ntohs(port)));
}

struct Bound {
  std::string numeric;  // `127.0.0.1:4077`, as the kernel knows it
  uint16_t port = 0;
};

Bound bound_to(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return {.numeric = fmt::format("[{}]:{}", text.data(), ntohs(v6.sin6_port)), .port = ntohs(v6.sin6_port)};
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  return {.numeric = fmt::format("{}:{}", text.data(), ntohs(v4.sin_port)), .port = ntohs(v4.sin_port)};
}

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

struct Place {
  std::string host;  // without brackets
  Addresses found{nullptr, ::freeaddrinfo};
};

Result<Place> resolve(const std::string& address) {
  constexpr std::string_view expected = "Expected HOST:PORT, [V6]:PORT or unix:/path.";
  const auto colon = address.rfind(':');
  Place place;
  place.host = address.substr(0, colon == std::string::npos ? 0 : colon);
  const auto port = colon == std::string::npos ? address : address.substr(colon + 1);
  if (place.host.starts_with('[') && place.host.ends_with(']'))
    place.host = place.host.substr(1, place.host.size() - 2);
  if (place.host.empty()) place.host = "127.0.0.1";
  uint16_t number = 0;
  const auto [end, error_code] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error_code != std::errc{} || end != port.data() + port.size()) {
    return failure(ErrorCode::internal,
                   fmt::format("Cannot listen on {}: the port must be 0 to 65535. {}", address, expected));
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  // Where the system gives [::1] first, clients of 127.0.0.1 would find nobody.
  const char* const name = place.host == "localhost" ? "127.0.0.1" : place.host.c_str();
  if (const int error = ::getaddrinfo(name, port.c_str(), &hints, &found); error != 0) {
    return failure(ErrorCode::internal,
                   fmt::format("Cannot listen on {}: {}. {}", address, ::gai_strerror(error), expected));
  }
  place.found.reset(found);
  return place;
}

}  // namespace

Result<ListenSocket> ListenSocket::open(const std::string& address, uint32_t mode) {
  if (address.starts_with("unix:")) return open_unix(address, mode);
  auto place = resolve(address);
  if (!place) return failure(place.error());
  // First alone: with SO_REUSEPORT a second server of the same user would silently get half of the connections.
  const auto probe = bind_tcp(address, *place->found, Sharing::alone);
  if (!probe) return failure(probe.error());
  const auto bound = bound_to(*probe);
  auto claim = AddressClaim::take(bound.numeric);  // before the probe ends: of two that start at once one is refused
  ::close(*probe);
  if (!claim) return is_taken(address, process_name(AddressClaim::holder(bound.numeric)));
  const auto shown = place->host.find(':') != std::string::npos ? "[" + place->host + "]" : place->host;
  auto socket = share(shown + ":" + std::to_string(bound.port));
  if (!socket) return socket;
  socket->claim_ = std::move(*claim);
  return socket;
}

Result<ListenSocket> ListenSocket::open_unix(const std::string& address, uint32_t mode) {
  const auto path = address.substr(5);
  const auto name = claimed_path(path);
  auto claim = AddressClaim::take(name);
  if (!claim) return is_taken(address, process_name(AddressClaim::holder(name)));
  const auto fd = listen_unix(address, path, static_cast<mode_t>(mode));
  if (!fd) return failure(fd.error());
  ListenSocket socket(*fd, address);
  socket.unlink_path_ = path;
  socket.claim_ = std::move(*claim);
  return socket;
}

Result<ListenSocket> ListenSocket::share(const std::string& address) {
  const auto place = resolve(address);
  if (!place) return failure(place.error());
  const auto fd = bind_tcp(address, *place->found, Sharing::among_loops);
  if (!fd) return failure(fd.error());
  ListenSocket socket(*fd, address);
  socket.loopback_ = is_loopback(place->found->ai_addr);
  if (::listen(*fd, backlog) != 0) return cannot_listen(address, errno);
  return socket;
}

ListenSocket::ListenSocket(ListenSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      claim_(std::move(other.claim_)),
      address_(std::move(other.address_)),
      unlink_path_(std::exchange(other.unlink_path_, {})),
      loopback_(other.loopback_) {}

ListenSocket::~ListenSocket() {
  if (fd_ >= 0) ::close(fd_);
  if (!unlink_path_.empty()) ::unlink(unlink_path_.c_str());
}

Result<ListenSocket> ListenSocket::another() const {
  if (unlink_path_.empty()) return share(address_);
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
