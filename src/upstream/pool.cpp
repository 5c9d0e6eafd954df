#include "upstream/pool.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weir {
namespace {

constexpr std::size_t max_idle = 512;
constexpr int64_t idle_ms = 55'000;  // below the 60 s and 75 s after which common servers close

tl::unexpected<Error> unreachable(const ProviderSettings& provider, std::string_view why) {
  return failure(ErrorCode::upstream_unreachable,
                 fmt::format("{} at {} cannot be reached: {}", provider.id, to_string(provider.url), why));
}

// The one address of a Unix socket; none for other providers.
Result<std::vector<net::Address>> unix_address(const ProviderSettings& provider) {
  if (provider.url.scheme != Url::Scheme::unix_socket) return std::vector<net::Address>{};
  net::Address address;
  auto* const un = reinterpret_cast<sockaddr_un*>(&address.storage);
  un->sun_family = AF_UNIX;
  if (provider.url.host.size() >= sizeof un->sun_path) return unreachable(provider, "the socket's path is too long");
  provider.url.host.copy(un->sun_path, provider.url.host.size());
  address.length = sizeof(sockaddr_un);
  return std::vector{address};
}

std::string_view status_text(net::IoStatus status) {
  switch (status) {
    case net::IoStatus::timed_out:
      return "no connection in time";
    case net::IoStatus::cancelled:
      return "cancelled";
    default:
      return "connection refused or reset";
  }
}

}  // namespace

Result<std::shared_ptr<net::TlsClient>> Dialer::tls(const ProviderSettings& provider) {
  const std::lock_guard lock(mutex_);
  auto& client = tls_[{provider.ca_file, provider.tls_verify}];
  if (!client) {
    auto made = net::TlsClient::create(
        provider.ca_file, provider.tls_verify ? net::TlsClient::Verify::peer : net::TlsClient::Verify::nothing);
    if (!made) return made;
    client = std::move(*made);
  }
  return client;
}

UpstreamPool::~UpstreamPool() { clear(); }

void UpstreamPool::clear() { endpoints_.clear(); }

std::unique_ptr<Connection> UpstreamPool::take_idle(const ProviderSettings& provider) {
  const auto at = endpoints_.find(provider.id);
  if (at == endpoints_.end()) return nullptr;
  auto& endpoint = at->second;
  if (endpoint.url != provider.url) endpoint.idle.clear();  // the config changed under this id
  while (!endpoint.idle.empty()) {
    auto connection = std::move(endpoint.idle.back());  // the warmest
    endpoint.idle.pop_back();
    connection->idle_timer.cancel();
    connection->socket.on_peer_closed(nullptr);
    if (connection->socket.idle_and_clean()) return connection;
  }
  return nullptr;
}

void UpstreamPool::drop_idle(const ProviderSettings& provider) {
  if (const auto at = endpoints_.find(provider.id); at != endpoints_.end()) at->second.idle.clear();
}

net::Task<Result<std::unique_ptr<Connection>>> UpstreamPool::dial(const ProviderSettings& provider, net::Wait wait) {
  // An if, not a conditional expression: g++ 12 destroys the temporaries of a branch that awaits twice.
  auto addresses = unix_address(provider);
  if (provider.url.scheme != Url::Scheme::unix_socket) {
    addresses = co_await dialer_.resolver().resolve(loop_, provider.url.host, provider.url.port, wait);
  }
  if (!addresses) co_return failure(addresses.error());

  std::string why = "no address";
  for (const auto& address : *addresses) {
    const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) co_return unreachable(provider, std::strerror(errno));
    const int connecting = ::connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.length);
    if (connecting != 0 && errno != EINPROGRESS) {
      why = std::strerror(errno);
      ::close(fd);
      continue;
    }
    auto connection = std::make_unique<Connection>(
        net::Socket(loop_, fd, connecting == 0 ? net::Socket::State::established : net::Socket::State::connecting));
    if (connecting != 0) {
      const auto connected = co_await connection->socket.connected(wait);
      if (connected.status == net::IoStatus::cancelled) co_return failure(ErrorCode::client_gone, "cancelled");
      if (connected.status != net::IoStatus::ok) {
        why = status_text(connected.status);
        continue;
      }
    }
    if (provider.url.scheme == Url::Scheme::https) {
      auto tls = dialer_.tls(provider);
      if (!tls) co_return unreachable(provider, tls.error().message);
      connection->tls = std::move(*tls);
      auto* const session = connection->tls->new_session(provider.url.host, provider.url.port);
      const auto shaken = co_await connection->socket.handshake(session, wait);
      if (shaken.status == net::IoStatus::cancelled) co_return failure(ErrorCode::client_gone, "cancelled");
      if (shaken.status == net::IoStatus::timed_out) co_return unreachable(provider, "no TLS handshake in time");
      if (shaken.status != net::IoStatus::ok) {
        co_return unreachable(provider, "TLS: " + net::TlsClient::failure_reason(session));
      }
    }
    co_return connection;
  }
  co_return unreachable(provider, why);
}

void UpstreamPool::release(const ProviderSettings& provider, std::unique_ptr<Connection> connection) {
  auto& endpoint = endpoints_[provider.id];
  if (endpoint.url != provider.url) {
    endpoint.idle.clear();
    endpoint.url = provider.url;
  }
  if (endpoint.idle.size() >= max_idle || !connection->socket.idle_and_clean()) return;
  connection->reused = true;
  connection->buffer.clear();
  const Connection* const raw = connection.get();
  // Endpoints stay where they are until the pool is cleared, and with it their connections.
  connection->socket.on_peer_closed(
      [&endpoint, raw] { std::erase_if(endpoint.idle, [raw](const auto& idle) { return idle.get() == raw; }); });
  endpoint.idle.push_back(std::move(connection));
  struct Expiry {
    static void expire(void* context) { static_cast<Connection*>(context)->socket.shutdown_write(); }
  };
  // After the shutdown the peer closes too, and that drops the connection.
  loop_.timers().set(endpoint.idle.back()->idle_timer, loop_.deadline_in_ms(idle_ms), Expiry::expire,
                     endpoint.idle.back().get());
}

}  // namespace weir
