#include "net/tls.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>

namespace weir::net {
namespace {

// What a client session was opened for; kept with the SSL object so that a ticket that comes later finds its place.
struct Peer {
  TlsClient* client;
  std::string name;
  bool asked_in_vain = false;
};

void free_peer(void*, void* data, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Peer*>(data); }

int peer_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, free_peer);
  return index;
}

// Nobody is asked for a passphrase: there may be no terminal, and nobody at it.
int no_passphrase(char*, int, int, void*) { return -1; }

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

Owned<BIO> reader_of(const std::string& text) {
  return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Owned<X509> next_certificate(BIO* pem) { return Owned<X509>(PEM_read_bio_X509(pem, nullptr, no_passphrase, nullptr)); }

tl::unexpected<Error> at_fault(std::string_view param, std::string message) {
  ERR_clear_error();
  return failure({.code = ErrorCode::internal, .message = std::move(message), .param = std::string(param)});
}

std::string date_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unknown date";
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts)};
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
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
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

Result<std::shared_ptr<TlsClient>> TlsClient::create(const TlsSettings& settings) {
  std::shared_ptr<TlsClient> client(new TlsClient());
  client->server_name_ = settings.server_name;
  client->context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const context = client->context_.get();
  if (context == nullptr) return failure(ErrorCode::internal, "TLS cannot be set up: " + last_error());
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  if (auto good = client->trust(settings); !good) return failure(good.error());
  if (auto good = client->show(settings); !good) return failure(good.error());
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &TlsClient::remember);
  return client;
}

Status TlsClient::trust(const TlsSettings& settings) {
  SSL_CTX* const context = context_.get();
  const bool given = !settings.authorities.empty();
  const bool system = !given || settings.trust == TlsSettings::Trust::system_and_given;
  if (system && SSL_CTX_set_default_verify_paths(context) != 1) {
    return failure(ErrorCode::internal, "the system's authorities cannot be used: " + last_error());
  }
  if (given) {
    const auto pem = reader_of(settings.authorities);
    ERR_clear_error();
    int count = 0;
    while (const auto certificate = next_certificate(pem.get())) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
      ++count;
    }
    const auto why = ERR_GET_REASON(ERR_peek_last_error());
    if (count == 0) return at_fault("ca_file", "holds no certificate in PEM");
    if (why != PEM_R_NO_START_LINE) return at_fault("ca_file", fmt::format("is damaged behind certificate {}", count));
    ERR_clear_error();
  }
  if (settings.verify == TlsSettings::Verify::peer) SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return {};
}

Status TlsClient::show(const TlsSettings& settings) {
  SSL_CTX* const context = context_.get();
  if (settings.certificate.empty()) {
    SSL_CTX_set_client_cert_cb(context, [](SSL* ssl, X509**, EVP_PKEY**) {
      if (auto* const peer = static_cast<Peer*>(SSL_get_ex_data(ssl, peer_index()))) peer->asked_in_vain = true;
      return 0;
    });
    return {};
  }
  const auto chain = reader_of(settings.certificate);
  const auto certificate = next_certificate(chain.get());
  if (!certificate) return at_fault("client_certificate", "holds no certificate in PEM");
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) {
    return at_fault("client_certificate", "expired on " + date_of(X509_get0_notAfter(certificate.get())));
  }
  if (X509_cmp_current_time(X509_get0_notBefore(certificate.get())) > 0) {
    return at_fault("client_certificate", "begins only on " + date_of(X509_get0_notBefore(certificate.get())));
  }
  if (SSL_CTX_use_certificate(context, certificate.get()) != 1) {
    return at_fault("client_certificate", "cannot be used: " + last_error());
  }
  while (const auto next = next_certificate(chain.get())) SSL_CTX_add1_chain_cert(context, next.get());

  const auto pem = reader_of(settings.key);
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(pem.get(), nullptr, no_passphrase, nullptr));
  if (!key) {
    const bool encrypted = settings.key.find("ENCRYPTED") != std::string::npos;
    return at_fault("client_key", encrypted ? "is encrypted, and there is nobody to ask for its passphrase"
                                            : "holds no private key in PEM");
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1 || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return at_fault("client_key", "does not belong to the certificate");
  }
  ERR_clear_error();
  return {};
}

int TlsClient::remember(ssl_st* ssl, ssl_session_st* session) {
  const auto* const peer = static_cast<Peer*>(SSL_get_ex_data(ssl, peer_index()));
  if (peer == nullptr) return 0;
  const std::lock_guard lock(peer->client->mutex_);
  peer->client->sessions_[peer->name].reset(session);
  return 1;  // the reference is ours now
}

ssl_st* TlsClient::new_session(const std::string& asked_host, uint16_t port) {
  const auto& host = server_name_.empty() ? asked_host : server_name_;
  SSL* const ssl = SSL_new(context_.get());
  SSL_set_connect_state(ssl);
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl, host.c_str());
    SSL_set1_host(ssl, host.c_str());
  }
  auto peer = std::make_unique<Peer>(Peer{.client = this, .name = asked_host + ":" + std::to_string(port)});
  const std::lock_guard lock(mutex_);
  if (const auto known = sessions_.find(peer->name); known != sessions_.end())
    SSL_set_session(ssl, known->second.get());
  SSL_set_ex_data(ssl, peer_index(), peer.release());
  return ssl;
}

std::string TlsClient::failure_reason(ssl_st* ssl) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) {
    const bool unknown =
        verified == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY || verified == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
        verified == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT || verified == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
    return std::string(X509_verify_cert_error_string(verified)) +
           (unknown ? "; `ca_file` names further authorities to trust" : "");
  }
  return ERR_peek_last_error() != 0 ? last_error() : "the peer closed during the TLS handshake";
}

bool TlsClient::asked_in_vain(ssl_st* ssl) {
  const auto* const peer = static_cast<Peer*>(SSL_get_ex_data(ssl, peer_index()));
  return peer != nullptr && peer->asked_in_vain;
}

}  // namespace weir::net
