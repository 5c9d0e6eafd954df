#include "server/caller_check.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/http.h"

namespace weir {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<in6_addr> v6_of(const std::string& name) {
  in6_addr address{};
  const auto plain = name.substr(0, name.find('%'));
  return inet_pton(AF_INET6, plain.c_str(), &address) == 1 ? std::optional(address) : std::nullopt;
}

// As resolvers read it, so also 127.1 and 0x7f000001.
std::optional<uint32_t> v4_of(const std::string& name) {
  in_addr address{};
  if (name.empty() || name.front() < '0' || name.front() > '9') return std::nullopt;
  return inet_aton(name.c_str(), &address) != 0 ? std::optional(ntohl(address.s_addr)) : std::nullopt;
}

bool is_address(const std::string& name) { return v4_of(name) || v6_of(name); }

bool is_loopback_v4(uint32_t address) { return address >> 24U == 127 || address == 0; }

// Names below these belong to nobody on the internet, so that no page can own one: what containers call their host by,
// for one.
bool is_private_name(std::string_view name, Reach reach) {
  if (name.ends_with(".internal")) return true;
  if (reach != Reach::beyond) return false;
  // Reached from other machines, also by the names of a local network.
  const bool one_label = name.find('.') == std::string_view::npos;
  return one_label || name.ends_with(".local") || name.ends_with(".home.arpa");
}

// The host part of `HOST:PORT`, as host_name() gives it.
std::string listen_name(std::string_view address) {
  if (address.starts_with("unix:")) return {};
  return host_name(address).value_or("");
}

bool host_allowed(const std::string& name, const CallerRules& rules) {
  const auto& hosts = rules.hosts;
  const auto same = [&](const std::string& listed) {
    return listed == "*" || host_name(listed).value_or(lower(listed)) == name;
  };
  if (std::any_of(hosts.begin(), hosts.end(), same)) return true;
  if (is_loopback_name(name)) return true;
  if (rules.reach == Reach::beyond && is_address(name)) return true;  // what is no name cannot be pointed elsewhere
  if (!rules.machine.empty() && name == lower(rules.machine)) return true;
  const auto& listen = rules.listen;
  return is_private_name(name, rules.reach) ||
         std::any_of(listen.begin(), listen.end(), [&](const auto& address) { return listen_name(address) == name; });
}

// For messages: what a client wrote, kept short and printable.
std::string shown(std::string_view text) {
  std::string out(text.substr(0, 80));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

Status check_host(std::string_view authority, const CallerRules& rules) {
  const auto name = host_name(authority);
  if (!name) {
    return failure(Error{.code = ErrorCode::malformed_http,
                         .message = fmt::format("'{}' is no host. Expected NAME or NAME:PORT.", shown(authority)),
                         .param = "host"});
  }
  if (host_allowed(*name, rules)) return {};
  return failure(
      Error{.code = ErrorCode::forbidden,
            .message = fmt::format(
                "This gateway asks for no keys, so it answers only to the names of its own machine, and '{}' is none: "
                "a web page may have pointed it here. Call it by localhost or 127.0.0.1, add the name to "
                "`server.hosts`, or make a key with `weir keys create --name NAME`.",
                shown(*name)),
            .param = "host"});
}

struct Origin {
  std::string scheme;
  std::string name;
  std::string_view port;
};

std::string_view port_of(std::string_view authority, std::string_view scheme) {
  const auto colon = authority.rfind(':');
  const bool has = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos &&
                   colon + 1 < authority.size();
  if (has) return authority.substr(colon + 1);
  return scheme == "https" ? "443" : "80";
}

// `https://name:port`, of which only the origin is looked at; nullopt for `null` and the like.
std::optional<Origin> parse_origin(std::string_view text) {
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const auto rest = text.substr(scheme_end + 3);
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  auto name = host_name(authority);
  if (!name) return std::nullopt;
  Origin origin{.scheme = lower(text.substr(0, scheme_end)), .name = std::move(*name)};
  origin.port = port_of(authority, origin.scheme);
  return origin;
}

bool same_origin(const Origin& origin, std::string_view host) {
  return (origin.scheme == "http" || origin.scheme == "https") && host_name(host) == origin.name &&
         port_of(host, origin.scheme) == origin.port;
}

// From another server on this machine: no page of the internet, but what may be sent without asking is refused to it
// as well.
bool is_local_page(const Origin& origin) {
  return (origin.scheme == "http" || origin.scheme == "https") && is_loopback_name(origin.name);
}

enum class Page : uint8_t { none, listed, other };

Result<Page> check_page(const CallerSigns& signs, const CallerRules& rules) {
  if (!signs.origin.empty()) {
    if (origin_listed(signs.origin, rules.origins)) return Page::listed;
    const auto origin = parse_origin(signs.origin);
    if (origin && (same_origin(*origin, signs.host) || is_local_page(*origin))) return Page::other;
    return failure(
        Error{.code = ErrorCode::forbidden,
              .message = fmt::format("Web pages of '{}' may not use this gateway, which asks for no keys. To let them, "
                                     "add that origin to `server.cors`.",
                                     shown(signs.origin)),
              .param = "origin"});
  }
  if (signs.fetch_site.empty()) return Page::none;
  const bool visit = signs.fetch_mode == "navigate" && (signs.method == "GET" || signs.method == "HEAD");
  if (signs.fetch_site != "cross-site" || visit) return Page::other;
  if (origin_listed("*", rules.origins)) return Page::listed;
  return failure(Error{.code = ErrorCode::forbidden,
                       .message = "A web page of another site sent this request (Sec-Fetch-Site: cross-site), and this "
                                  "gateway asks for no keys. To let that page in, add its origin to `server.cors`.",
                       .param = "sec-fetch-site"});
}

// What an HTML form or a script without permission can send as it likes.
bool sent_without_asking(std::string_view content_type) {
  auto type = lower(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  constexpr std::array simple{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"};
  return std::find(simple.begin(), simple.end(), type) != simple.end();
}

}  // namespace

std::optional<std::string> host_name(std::string_view authority) {
  constexpr std::string_view never("@/\\?#,\"<> \t", 11);
  if (authority.empty() || authority.find_first_of(never) != std::string_view::npos) return std::nullopt;
  std::string_view name = authority;
  std::string_view port;
  if (authority.front() == '[') {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    name = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!port.empty() && port.front() != ':') return std::nullopt;
    if (!v6_of(std::string(name))) return std::nullopt;
  } else if (const auto colon = authority.find(':'); colon != std::string_view::npos) {
    name = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (!port.empty() && !is_port(port.substr(1))) return std::nullopt;
  if (name.size() > 1 && name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name == ".") return std::nullopt;
  return lower(name);
}

bool is_loopback_name(const std::string& name) {
  if (name == "localhost" || name.ends_with(".localhost") || name == "localhost.localdomain") return true;
  if (const auto v4 = v4_of(name)) return is_loopback_v4(*v4);
  const auto v6 = v6_of(name);
  if (!v6) return false;
  if (IN6_IS_ADDR_V4MAPPED(&*v6)) {
    const auto& bytes = v6->s6_addr;
    return bytes[12] == 127 || (bytes[12] == 0 && bytes[13] == 0 && bytes[14] == 0 && bytes[15] == 0);
  }
  return IN6_IS_ADDR_LOOPBACK(&*v6) || IN6_IS_ADDR_UNSPECIFIED(&*v6);
}

bool from_this_machine(std::string_view host, Reach reach) {
  const auto name = host_name(host);
  return reach == Reach::loopback && name && is_loopback_name(*name);
}

bool origin_listed(std::string_view origin, const std::vector<std::string>& origins) {
  return std::any_of(origins.begin(), origins.end(),
                     [&](const auto& one) { return one == "*" || equals_ignoring_case(one, origin); });
}

Status check_caller(const CallerSigns& signs, const CallerRules& rules) {
  // A Unix socket has no name, and no page can reach one.
  const bool any_name = rules.reach == Reach::unix_socket;
  for (const auto host : {signs.host, signs.target_host}) {
    if (any_name || host.empty()) continue;
    if (auto allowed = check_host(host, rules); !allowed) return allowed;
  }
  if (signs.method == "OPTIONS") return {};  // asks for permission, which the answer gives or not
  const auto page = check_page(signs, rules);
  if (!page) return failure(page.error());
  if (signs.method != "POST" || *page == Page::listed || !sent_without_asking(signs.content_type)) return {};
  const auto referer = parse_origin(signs.referer);
  if (*page == Page::none && (!referer || same_origin(*referer, signs.host))) return {};
  return failure(Error{.code = ErrorCode::invalid_request,
                       .message = "This request comes from a browser, which sends such bodies for every page without "
                                  "asking. Send `Content-Type: application/json`.",
                       .param = "content-type",
                       .http_status = 415});
}

}  // namespace weir
