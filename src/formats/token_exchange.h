// TokenExchange: what a TokenMaker can do besides, where its token can be exchanged for one of the provider's own
// (OAuth 2.0, RFC 7523). Providers that take the self-made one are never asked for another; where it is refused it is
// exchanged, and that one used until it ends. Safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/http.h"
#include "core/result.h"

namespace weir {

class TokenExchange {
 public:
  virtual ~TokenExchange() = default;
  // How many were exchanged so far: whether there is another one than before.
  [[nodiscard]] virtual uint64_t exchanged() const = 0;
  // Is it time to ask for one: the last one ends within minutes, or (`refused`) the provider has refused it. Says so to
  // one of those who ask at the same moment where the last one still holds, and to few a minute where asking does not
  // help: a provider that is down, or refuses whatever it gets, must not slow down each request.
  [[nodiscard]] virtual bool wants_one(int64_t wall_s, bool refused) const = 0;
  // Where tokens are exchanged; "" = nowhere.
  [[nodiscard]] virtual const std::string& place() const = 0;
  // The question, below that place.
  [[nodiscard]] virtual HttpRequest ask(int64_t wall_s) const = 0;
  // Its answer: from now on token() gives what is in it. upstream_auth: it is refused, and why; upstream_malformed;
  // upstream_server_error: not now.
  [[nodiscard]] virtual Status take(const HttpResponse& answer, int64_t wall_s) const = 0;
};

}  // namespace weir
