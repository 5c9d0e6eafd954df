#include "config/proxy_choice.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace weir {
namespace {

constexpr std::string_view written_so =
    "write http://host:port, with USER:PASSWORD@ before the host where it wants them";

tl::unexpected<Error> bad(std::string_view said_by, std::string_view what) {
  return failure({.code = ErrorCode::invalid_request,
                  .message = fmt::format("`{}` {}", said_by, what),
                  .param = std::string(said_by)});
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return out;
}

// An address of either family in 128 bits; IPv4 where IPv6 maps it, so that both spellings are one.
using Bits = std::array<unsigned char, 16>;
constexpr unsigned mapped_bits = 96;

std::optional<Bits> address_bits(const std::string& text) {
  Bits bits{};
  if (inet_pton(AF_INET6, text.c_str(), bits.data()) == 1) return bits;
  bits = {};
  bits[10] = bits[11] = 0xff;
  if (inet_pton(AF_INET, text.c_str(), bits.data() + 12) == 1) return bits;
  return std::nullopt;
}

bool same_network(const Bits& a, const Bits& b, unsigned prefix) {
  for (unsigned bit = 0; bit < prefix; ++bit) {
    const auto mask = static_cast<unsigned char>(0x80U >> (bit % 8));
    if ((a[bit / 8] & mask) != (b[bit / 8] & mask)) return false;
  }
  return true;
}

bool in_network(const Bits& host, std::string_view network) {
  const auto slash = network.find('/');
  const std::string base(network.substr(0, slash));
  const auto address = address_bits(base);
  const auto prefix = parse_integer(network.substr(slash + 1));
  const bool v6 = base.find(':') != std::string::npos;
  if (!address || !prefix || *prefix < 0 || *prefix > (v6 ? 128 : 32)) return false;
  return same_network(host, *address, static_cast<unsigned>(*prefix) + (v6 ? 0 : mapped_bits));
}

std::string_view without_end_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

// One entry of a NO_PROXY list, in small letters.
struct Entry {
  std::string_view host;
  std::string_view port;  // "" = any
};

Entry split_entry(std::string_view text) {
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return {};
    const auto rest = text.substr(close + 1);
    return {.host = text.substr(1, close - 1), .port = rest.starts_with(':') ? rest.substr(1) : rest};
  }
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) return {.host = text};
  return {.host = text.substr(0, colon), .port = text.substr(colon + 1)};
}

bool names(std::string_view text, const Url& target, std::string_view host) {
  if (text == "*") return true;
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) text.remove_prefix(scheme + 3);
  auto entry = split_entry(text);
  if (!entry.port.empty() && entry.port != std::to_string(target.port)) return false;
  const auto bits = address_bits(std::string(host));
  if (entry.host.find('/') != std::string_view::npos) return bits && in_network(*bits, entry.host);
  if (bits) return address_bits(std::string(entry.host)) == bits;
  if (entry.host.starts_with('*')) entry.host.remove_prefix(1);
  if (entry.host.starts_with('.')) entry.host.remove_prefix(1);
  entry.host = without_end_dot(entry.host);
  if (entry.host.empty()) return false;
  const bool below =
      host.ends_with(entry.host) && host.size() > entry.host.size() && host[host.size() - entry.host.size() - 1] == '.';
  return host == entry.host || below;
}

struct Variable {
  std::string name;
  std::string value;
};

// The first that is set and not empty.
std::optional<Variable> first_set(std::initializer_list<std::string_view> candidates, const Environment& environment) {
  for (const auto name : candidates) {
    if (auto value = environment(name); value && !value->empty()) return Variable{std::string(name), std::move(*value)};
  }
  return std::nullopt;
}

}  // namespace

Result<Proxy> parse_proxy(std::string_view text, std::string_view said_by) {
  Proxy proxy{.said_by = std::string(said_by)};
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return bad(said_by, fmt::format("is empty: {}", written_so));
  text = text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
  std::string scheme = "http";
  if (const auto end = text.find("://"); end != std::string_view::npos) {
    scheme = lower(text.substr(0, end));
    text.remove_prefix(end + 3);
  }
  if (scheme.starts_with("socks")) {
    return bad(said_by, "names a SOCKS proxy, which Weir does not speak: name an HTTP proxy, http://host:port");
  }
  if (scheme != "http" && scheme != "https") return bad(said_by, fmt::format("is no proxy's URL: {}", written_so));
  text = text.substr(0, text.find('/'));
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    const auto user = text.substr(0, at);
    const auto colon = user.find(':');
    const auto name = percent_decoded(user.substr(0, colon));
    const auto password = percent_decoded(colon == std::string_view::npos ? "" : user.substr(colon + 1));
    if (!name || !password) {
      return bad(said_by, "has a `%` in its user or password that begins no percent-code: write it as %25");
    }
    proxy.credentials = *name + ":" + *password;
    text.remove_prefix(at + 1);
  }
  if (!parse_url(scheme + "://" + std::string(text), proxy.url)) {
    return bad(said_by, fmt::format("is no proxy's URL: {}; in them, `/`, `@` and `:` are written %2F, %40 and %3A",
                                    written_so));
  }
  return proxy;
}

bool is_this_machine(const Url& target) {
  if (target.scheme == Url::Scheme::unix_socket) return true;
  const auto host = lower(without_end_dot(target.host));
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  const auto bits = address_bits(host);
  if (!bits) return false;
  // 0.0.0.0 and ::, which servers print as their address, reach this machine.
  return in_network(*bits, "127.0.0.0/8") || in_network(*bits, "0.0.0.0/32") || in_network(*bits, "::/127");
}

bool is_exempt(const Url& target, std::string_view no_proxy) {
  const auto host = lower(without_end_dot(target.host));
  const auto list = lower(no_proxy);
  std::string_view left = list;
  while (!left.empty()) {
    const auto end = left.find_first_of(", \t\r\n");
    if (const auto entry = left.substr(0, end); !entry.empty() && names(entry, target, host)) return true;
    left = end == std::string_view::npos ? std::string_view() : left.substr(end + 1);
  }
  return false;
}

Result<std::optional<Proxy>> environment_proxy(const Url& target, const Environment& environment) {
  if (!environment || is_this_machine(target)) return std::optional<Proxy>();
  const auto said = target.scheme == Url::Scheme::https
                        ? first_set({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}, environment)
                        : first_set({"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}, environment);
  if (!said) return std::optional<Proxy>();
  const auto exempt = first_set({"no_proxy", "NO_PROXY"}, environment);
  if (exempt && is_exempt(target, exempt->value)) return std::optional<Proxy>();
  auto proxy = parse_proxy(said->value, said->name);
  if (!proxy) return failure(proxy.error());
  return std::optional<Proxy>(std::move(*proxy));
}

}  // namespace weir
