// TLS contexts. Server: one certificate and key. Client: verified against the system's authorities (or a given file),
// with SNI, and resuming the last session with each peer. Both are immutable after construction apart from the session
// cache, which has its own lock (touched once per connection), so any thread may use them. Made sessions (`ssl_st*`)
// are given to Socket::handshake, which owns them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/result.h"

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace weir::net {

struct FreeTlsContext {
  void operator()(ssl_ctx_st* context) const;
};
struct FreeTlsSession {
  void operator()(ssl_session_st* session) const;
};

class TlsServer {
 public:
  // PEM files. The error says which file and why.
  [[nodiscard]] static Result<std::shared_ptr<TlsServer>> load(const std::string& certificate, const std::string& key);
  [[nodiscard]] ssl_st* new_session() const;

 private:
  explicit TlsServer(std::unique_ptr<ssl_ctx_st, FreeTlsContext> context) : context_(std::move(context)) {}
  std::unique_ptr<ssl_ctx_st, FreeTlsContext> context_;
};

class TlsClient {
 public:
  enum class Verify : uint8_t { peer, nothing };
  // `ca_file` "" = the system's authorities.
  [[nodiscard]] static Result<std::shared_ptr<TlsClient>> create(const std::string& ca_file, Verify verify);
  // For a connection to `host` (a name or an address, checked against the certificate).
  [[nodiscard]] ssl_st* new_session(const std::string& host, uint16_t port);
  // Why the handshake of `ssl` failed, for people.
  [[nodiscard]] static std::string failure_reason(ssl_st* ssl);

 private:
  TlsClient() = default;
  static int remember(ssl_st* ssl, ssl_session_st* session);

  std::unique_ptr<ssl_ctx_st, FreeTlsContext> context_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<ssl_session_st, FreeTlsSession>> sessions_;
};

}  // namespace weir::net
