// UpstreamPool: the connections of one event loop to the model side. Keeps idle ones per provider, dials new ones (DNS,
// connect, the way through a proxy, TLS with verification and session resumption) and drops those that the peer closed.
// A connection serves only a provider that would dial it in the same way. Loop thread only; the Dialer, which is shared
// by all loops, is safe from any thread. The only code that dials out.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/snapshot.h"
#include "net/buffer.h"
#include "net/http_parser.h"
#include "net/resolver.h"
#include "net/socket.h"
#include "net/tls.h"

namespace weir {

// What all loops share for dialling.
class Dialer {
 public:
  [[nodiscard]] net::Resolver& resolver() { return resolver_; }
  // Made at first use, because reading the system's authorities takes tens of milliseconds.
  [[nodiscard]] Result<std::shared_ptr<net::TlsClient>> tls(const SharedTlsSettings& settings);

 private:
  net::Resolver resolver_;
  std::mutex mutex_;
  std::vector<std::pair<SharedTlsSettings, std::shared_ptr<net::TlsClient>>> tls_;
};

// One connection: a socket, its parser, and bytes that were read and not yet used.
struct Connection {
  explicit Connection(net::Socket&& connected) : socket(std::move(connected)) {}

  std::shared_ptr<net::TlsClient> tls;        // these outlive the socket's sessions
  std::shared_ptr<net::TlsClient> proxy_tls;  // TLS to the proxy itself
  net::Socket socket;
  net::HttpParser parser{net::HttpParser::Kind::response};
  net::Buffer buffer;
  std::string outgoing;                  // what is sent, kept for its memory
  std::vector<net::HeaderView> headers;  // empty, kept for its memory
  bool reused = false;                   // has served a request before
  net::Timer idle_timer;
};

class UpstreamPool {
 public:
  UpstreamPool(net::EventLoop& loop, Dialer& dialer) : loop_(loop), dialer_(dialer) {}
  ~UpstreamPool();

  // The warmest idle connection; nullptr when there is none.
  [[nodiscard]] std::unique_ptr<Connection> take_idle(const ProviderSettings& provider);
  // A new one: DNS, connect, proxy, TLS. Errors: upstream_unreachable, client_gone.
  net::Task<Result<std::unique_ptr<Connection>>> dial(const ProviderSettings& provider, net::Wait wait);
  // Closes those that are idle.
  void drop_idle(const ProviderSettings& provider);
  // Gives back a connection that is clean: whole answer read, keep-alive agreed.
  void release(const ProviderSettings& provider, std::unique_ptr<Connection> connection);

  [[nodiscard]] net::EventLoop& loop() const { return loop_; }
  // Closes all idle connections, so that a drained loop has nothing left.
  void clear();

 private:
  struct Endpoint {
    Url url;
    std::optional<Proxy> proxy;
    SharedTlsSettings tls;
    std::vector<std::unique_ptr<Connection>> idle;

    // The connections are dropped that were dialled otherwise: the config changed under this id.
    void serve(const ProviderSettings& provider);
  };
  enum class Side : uint8_t { provider, proxy };

  net::Task<Result<std::unique_ptr<Connection>>> connect(const ProviderSettings& provider, net::Wait wait);
  net::Task<Status> secure(Connection& connection, const ProviderSettings& provider, Side side, net::Wait wait);

  net::EventLoop& loop_;
  Dialer& dialer_;
  std::unordered_map<std::string, Endpoint> endpoints_;
};

}  // namespace weir
