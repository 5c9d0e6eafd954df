// Who may talk to a gateway that asks for no keys: any program on the machine, and no web page that its users happen to
// look at. A browser sends what pages ask it to, also to this machine, but it says so: in `Host` (a name that a page
// pointed here: DNS rebinding), in `Origin`, `Sec-Fetch-Site` and `Referer` (which page asked), and it asks before it
// sends what no HTML form could (a JSON content type). Programs send none of these, or an own name of this machine, and
// need nothing else. Where keys are asked for, none of this matters: no page can know one.
//
// Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace weir {

// From where a listener can be reached.
enum class Reach : uint8_t { loopback, beyond, unix_socket };

// Whom the config lets in, and by which names; see ServerSettings.
struct CallerRules {
  const std::vector<std::string>& hosts;
  const std::vector<std::string>& origins;
  const std::vector<std::string>& listen;
  std::string_view machine;  // its own name; "" = unknown
  Reach reach = Reach::loopback;
};

// What a request says of where it comes from; "" = not said.
struct CallerSigns {
  std::string_view method;
  std::string_view host;
  std::string_view target_host;  // of an absolute-form target
  std::string_view origin;
  std::string_view fetch_site;
  std::string_view fetch_mode;
  std::string_view referer;
  std::string_view content_type;
};

// Errors: forbidden (param `host`, `origin` or `sec-fetch-site`), invalid_request with status 415 (`content-type`),
// each with its mend; malformed_http for a Host that is none.
[[nodiscard]] Status check_caller(const CallerSigns& signs, const CallerRules& rules);

// The name or address in `name:port`, `[v6]:port`: lower case, without brackets and final dot. nullopt where it is no
// such thing (a user's name in it, blanks, a port that is no number).
[[nodiscard]] std::optional<std::string> host_name(std::string_view authority);
// localhost and what is below it, 127.0.0.0/8 and ::1 in every way to write them, and the unspecified addresses, which
// systems connect to loopback.
[[nodiscard]] bool is_loopback_name(const std::string& name);
// Whether a request came from this machine, as far as can be told: by a listener that nobody else reaches, and by a
// name that means this machine. Requests that a proxy passed on mostly do not, and those over Unix sockets never.
[[nodiscard]] bool from_this_machine(std::string_view host, Reach reach);
// May pages of `origin` call, by the config?
[[nodiscard]] bool origin_listed(std::string_view origin, const std::vector<std::string>& origins);

}  // namespace weir
