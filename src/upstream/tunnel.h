// The way through a proxy: CONNECT for providers that are spoken to over TLS, which the proxy then cannot read; what is
// said where a proxy fails. Loop thread only.
#pragma once

#include <string_view>

#include "core/http.h"
#include "upstream/pool.h"

namespace weir {

// Asks the proxy that `connection` leads to for a tunnel to the provider. Errors: upstream_unreachable, client_gone.
net::Task<Status> open_tunnel(Connection& connection, const ProviderSettings& provider, net::Wait wait);

// A failure of the provider's proxy: names it, and the key or variable that says it, never its credentials.
[[nodiscard]] Error proxy_error(const ProviderSettings& provider, std::string_view why);
// Of a 407. `schemes`: the values of its Proxy-Authenticate.
[[nodiscard]] Error proxy_refusal(const ProviderSettings& provider, std::string_view schemes);

// What a request carries whose next reader is the proxy: the line with its credentials, or "".
[[nodiscard]] std::string proxy_authorization(const Proxy& proxy);
// A proxy that passes plain requests on answers in the provider's place where it does not reach it or may not: adds to
// what a provider refused with this status whom it was asked through.
void name_proxy(const ProviderSettings& provider, int status, Error& error);
// Whether requests are read and passed on by a proxy, not tunnelled.
[[nodiscard]] inline bool is_relayed(const ProviderSettings& provider) {
  return provider.proxy && provider.url.scheme == Url::Scheme::http;
}

}  // namespace weir
