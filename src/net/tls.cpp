#include "net/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace weir::net {
namespace {

// What a client session was opened for; kept with the SSL object so that a ticket that comes later finds its place.
struct Peer {
  TlsClient* client;
  std::string name;
};

void free_peer(void*, void* data, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Peer*>(data); }

int peer_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, free_peer);
  return index;
}

std::string last_error() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

}  // namespace

void FreeTlsContext::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
void FreeTlsSession::operator()(ssl_session_st* session) const { SSL_SESSION_free(session); }

Result<std::shared_ptr<TlsServer>> TlsServer::load(const std::string& certificate, const std::string& key) {
  std::unique_ptr<ssl_ctx_st, FreeTlsContext> context(SSL_CTX_new(TLS_server_method()));
  if (!context) return failure(ErrorCode::internal, "TLS cannot be set up: " + last_error());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    return failure(ErrorCode::internal, "The certificate " + certificate + " cannot be used: " + last_error());
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return failure(ErrorCode::internal, "The key " + key + " cannot be used: " + last_error());
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    return failure(ErrorCode::internal, "The key " + key + " does not belong to " + certificate);
  }
  SSL_CTX_set_alpn_select_cb(
      context.get(),
      [](SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in, unsigned in_length,
         void*) {
        static constexpr unsigned char http11[] = "\x08http/1.1";
        unsigned char* chosen = nullptr;
        const int found = SSL_select_next_proto(&chosen, out_length, http11, sizeof http11 - 1, in, in_length);
        *out = chosen;
        return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
      },
      nullptr);
  return std::shared_ptr<TlsServer>(new TlsServer(std::move(context)));
}

ssl_st* TlsServer::new_session() const {
  SSL* const ssl = SSL_new(context_.get());
  SSL_set_accept_state(ssl);
  return ssl;
}

Result<std::shared_ptr<TlsClient>> TlsClient::create(const std::string& ca_file, Verify verify) {
  std::shared_ptr<TlsClient> client(new TlsClient());
  client->context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = client->context_.get();
  if (context == nullptr) return failure(ErrorCode::internal, "TLS cannot be set up: " + last_error());
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  if (verify == Verify::peer) {
    const bool loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                        : SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) == 1;
    if (!loaded)
      return failure(ErrorCode::internal, "The authorities in " + ca_file + " cannot be used: " + last_error());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &TlsClient::remember);
  return client;
}

int TlsClient::remember(ssl_st* ssl, ssl_session_st* session) {
  const auto* const peer = static_cast<Peer*>(SSL_get_ex_data(ssl, peer_index()));
  if (peer == nullptr) return 0;
  const std::lock_guard lock(peer->client->mutex_);
  peer->client->sessions_[peer->name].reset(session);
  return 1;  // the reference is ours now
}

ssl_st* TlsClient::new_session(const std::string& host, uint16_t port) {
  SSL* const ssl = SSL_new(context_.get());
  SSL_set_connect_state(ssl);
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl, host.c_str());
    SSL_set1_host(ssl, host.c_str());
  }
  auto peer = std::make_unique<Peer>(Peer{this, host + ":" + std::to_string(port)});
  const std::lock_guard lock(mutex_);
  if (const auto known = sessions_.find(peer->name); known != sessions_.end())
    SSL_set_session(ssl, known->second.get());
  SSL_set_ex_data(ssl, peer_index(), peer.release());
  return ssl;
}

std::string TlsClient::failure_reason(ssl_st* ssl) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) return X509_verify_cert_error_string(verified);
  return ERR_peek_last_error() != 0 ? last_error() : "the peer closed during the TLS handshake";
}

}  // namespace weir::net
