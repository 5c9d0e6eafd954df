// TLS contexts. Server: one certificate and key. Client: verified against the system's authorities (or given ones),
// with SNI, a certificate of its own where there is one, and resuming the last session with each peer. Both are
// immutable after construction apart from the session cache, which has its own lock (touched once per connection), so
// any thread may use them. Made sessions (`ssl_st*`) are given to Socket::handshake, which owns them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/connection_settings.h"
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
  // Errors: which of `ca_file`, `client_certificate`, `client_key` is at fault is in `param`.
  [[nodiscard]] static Result<std::shared_ptr<TlsClient>> create(const TlsSettings& settings);
  // For a connection to `host` (a name or an address, checked against the certificate unless the settings say another).
  [[nodiscard]] ssl_st* new_session(const std::string& host, uint16_t port);
  // Why the handshake of `ssl` failed, for people.
  [[nodiscard]] static std::string failure_reason(ssl_st* ssl);
  // The peer asked for a certificate, and there was none to show.
  [[nodiscard]] static bool asked_in_vain(ssl_st* ssl);

 private:
  TlsClient() = default;
  static int remember(ssl_st* ssl, ssl_session_st* session);
  Status trust(const TlsSettings& settings);
  Status show(const TlsSettings& settings);

  std::unique_ptr<ssl_ctx_st, FreeTlsContext> context_;
  std::string server_name_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<ssl_session_st, FreeTlsSession>> sessions_;
};

}  // namespace weir::net
