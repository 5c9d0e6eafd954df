// Which proxy a provider is reached through: what a config or the usual variables (`HTTPS_PROXY`, `HTTP_PROXY`,
// `ALL_PROXY`, `NO_PROXY`, of which the ones in small letters win) say, read as curl reads them. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/values.h"
#include "core/connection_settings.h"
#include "core/result.h"

namespace weir {

// `http://USER:PASSWORD@host:3128`, also without a scheme. Errors say what is wrong and never repeat the text, which
// may hold a password. `said_by` is the key or variable.
[[nodiscard]] Result<Proxy> parse_proxy(std::string_view text, std::string_view said_by);

// Loopback, and Unix sockets: no variable sends what is meant for this machine to another.
[[nodiscard]] bool is_this_machine(const Url& target);

// Whether a NO_PROXY list names the target: names (with all below them), addresses, networks (`10.0.0.0/8`), each with
// a port where it is meant for that alone; `*` is any.
[[nodiscard]] bool is_exempt(const Url& target, std::string_view no_proxy);

// What the variables say for `target`; nullopt: it is reached directly.
[[nodiscard]] Result<std::optional<Proxy>> environment_proxy(const Url& target, const Environment& environment);

}  // namespace weir
