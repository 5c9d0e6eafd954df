#include "upstream/pool.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "upstream/tunnel.h"

namespace weir {
namespace {

constexpr std::size_t max_idle = 512;
constexpr int64_t idle_ms = 55'000;  // below the 60 s and 75 s after which common servers close

tl::unexpected<Error> unreachable(const ProviderSettings& provider, std::string_view why) {
  return failure(ErrorCode::upstream_unreachable, fmt::format("{} cannot be reached: {}", provider.id, why));
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

constexpr std::string_view wants_certificate =
    "; it asks for a certificate of ours: `client_certificate` of this provider gives one";

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

Result<std::shared_ptr<net::TlsClient>> Dialer::tls(const SharedTlsSettings& settings) {
  const std::lock_guard lock(mutex_);
  for (const auto& [known, client] : tls_) {
    if (same_tls(known, settings)) return client;
  }
  // What only this list still holds was of an earlier config.
  std::erase_if(tls_, [](const auto& entry) { return entry.first && entry.first.use_count() == 1; });
  auto made = net::TlsClient::create(settings ? *settings : TlsSettings{});
  if (made) tls_.emplace_back(settings, *made);
  return made;
}

void UpstreamPool::Endpoint::serve(const ProviderSettings& provider) {
  if (url != provider.url || proxy != provider.proxy || !same_tls(tls, provider.tls)) {
    idle.clear();
    url = provider.url;
    proxy = provider.proxy;
  }
  tls = provider.tls;  // of the newest load, so that it is the same the next time
}

UpstreamPool::~UpstreamPool() { clear(); }

void UpstreamPool::clear() { endpoints_.clear(); }

std::unique_ptr<Connection> UpstreamPool::take_idle(const ProviderSettings& provider) {
  const auto at = endpoints_.find(provider.id);
  if (at == endpoints_.end()) return nullptr;
  auto& endpoint = at->second;
  endpoint.serve(provider);
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
  const bool tls = provider.url.scheme == Url::Scheme::https;
  auto connection = co_await connect(provider, wait);
  if (!connection) co_return connection;
  if (provider.proxy && provider.proxy->url.scheme == Url::Scheme::https) {
    const auto secured = co_await secure(**connection, provider, Side::proxy, wait);
    if (!secured) co_return failure(secured.error());
  }
  if (provider.proxy && tls) {
    const auto open = co_await open_tunnel(**connection, provider, wait);
    if (!open) co_return failure(open.error());
  }
  if (tls) {
    const auto secured = co_await secure(**connection, provider, Side::provider, wait);
    if (!secured) co_return failure(secured.error());
  }
  co_return connection;
}

net::Task<Result<std::unique_ptr<Connection>>> UpstreamPool::connect(const ProviderSettings& provider, net::Wait wait) {
  const auto unreached = [&](const std::string& why) {
    return provider.proxy ? failure(proxy_error(provider, "cannot be reached: " + why)) : unreachable(provider, why);
  };
  const auto& url = provider.proxy ? provider.proxy->url : provider.url;
  // An if, not a conditional expression: g++ 12 destroys the temporaries of a branch that awaits twice.
  auto addresses = unix_address(provider);
  if (url.scheme != Url::Scheme::unix_socket) {
    addresses = co_await dialer_.resolver().resolve(loop_, url.host, url.port, wait);
  }
  if (!addresses) {
    if (addresses.error().code == ErrorCode::client_gone) co_return failure(addresses.error());
    co_return unreached(addresses.error().message);
  }

  std::string why = "no address";
  for (const auto& address : *addresses) {
    const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) co_return unreached(std::strerror(errno));
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
    co_return connection;
  }
  co_return unreached(why);
}

net::Task<Status> UpstreamPool::secure(Connection& connection, const ProviderSettings& provider, Side side,
                                       net::Wait wait) {
  const auto unreached = [&](const std::string& why) {
    return side == Side::proxy ? failure(proxy_error(provider, "cannot be used: " + why)) : unreachable(provider, why);
  };
  const auto& url = side == Side::proxy ? provider.proxy->url : provider.url;
  auto tls = dialer_.tls(side == Side::proxy ? provider.proxy->tls : provider.tls);
  if (!tls) {
    const auto& error = tls.error();
    co_return unreached(error.param.empty() ? error.message : "`" + error.param + "` " + error.message);
  }
  auto* const session = (*tls)->new_session(url.host, url.port);
  (side == Side::proxy ? connection.proxy_tls : connection.tls) = std::move(*tls);
  const auto shaken = co_await connection.socket.handshake(session, wait);
  if (shaken.status == net::IoStatus::cancelled) co_return failure(ErrorCode::client_gone, "cancelled");
  if (shaken.status == net::IoStatus::timed_out) co_return unreached("no TLS handshake in time");
  if (shaken.status != net::IoStatus::ok) {
    auto why = "TLS: " + net::TlsClient::failure_reason(session);
    if (side == Side::provider && net::TlsClient::asked_in_vain(session)) why += std::string(wants_certificate);
    co_return unreached(why);
  }
  co_return Status{};
}

void UpstreamPool::release(const ProviderSettings& provider, std::unique_ptr<Connection> connection) {
  auto& endpoint = endpoints_[provider.id];
  endpoint.serve(provider);
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
