// One file by GET, for commands: over the same connections, certificates and limits as providers. Blocking; any thread
// but an event loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/connection_settings.h"
#include "core/result.h"

namespace weir {

struct FetchLimits {
  std::size_t bytes = 32 * 1024 * 1024;
  int64_t ms = 30'000;
};
// Which proxy leads to an address.
using ProxyChoice = std::function<Result<std::optional<Proxy>>(const Url& url)>;

// The body of a 200. invalid_request for what is no http(s) address; up to three redirects are followed, never from
// https to http.
[[nodiscard]] Result<std::string> fetch(std::string_view url, const ProxyChoice& proxy_for,
                                        const FetchLimits& limits = {});

}  // namespace weir
