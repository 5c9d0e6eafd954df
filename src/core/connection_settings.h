// How a connection to a provider is made: over which proxy, and what TLS believes and shows. Values, made when the
// config is loaded; what comes from files is here as text, so that what was checked is what is used. Any thread.
#pragma once

#include <compare>
#include <memory>
#include <string>

#include "core/http.h"

namespace weir {

// PEM texts.
struct TlsSettings {
  enum class Verify : uint8_t { peer, nothing };
  enum class Trust : uint8_t { given, system_and_given };

  Verify verify = Verify::peer;
  Trust trust = Trust::given;  // counts where authorities are given
  std::string authorities;     // "" = the system's
  std::string certificate;     // ours, with its chain; "" = none
  std::string key;             // of it; never logged
  std::string server_name;     // that the peer's certificate must have; "" = the host that is asked

  auto operator<=>(const TlsSettings&) const = default;
};
using SharedTlsSettings = std::shared_ptr<const TlsSettings>;  // null: as `TlsSettings{}`

// The same by content. Cheap for two of one load.
[[nodiscard]] inline bool same_tls(const SharedTlsSettings& a, const SharedTlsSettings& b) {
  return a == b || (a && b && *a == *b);
}

// A company's proxy on the way to a provider.
struct Proxy {
  Url url;                  // http or https, without a path
  std::string credentials;  // `NAME:PASSWORD`; "" = none. Never logged, and sent to the proxy alone
  std::string said_by;      // whom to change: `proxy`, or the variable that names it
  SharedTlsSettings tls;    // of an https proxy

  bool operator==(const Proxy& other) const {
    return url == other.url && credentials == other.credentials && said_by == other.said_by && same_tls(tls, other.tls);
  }
};

// `proxy.example.com:3128`: for people.
[[nodiscard]] inline std::string place_of(const Proxy& proxy) { return authority_of(proxy.url); }

}  // namespace weir
