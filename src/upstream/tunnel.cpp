#include "upstream/tunnel.h"

#include <fmt/format.h>

#include "core/base64.h"

namespace weir {
namespace {

constexpr std::size_t read_size = 4 * 1024;
constexpr std::size_t max_head = 64 * 1024;

// The values of all lines of that name.
std::string all_of(const net::MessageHead& head, std::string_view name) {
  std::string out;
  for (const auto& header : head.headers) {
    if (equals_ignoring_case(header.name, name)) out += std::string(header.value) + ", ";
  }
  return out;
}

Status refused(const net::MessageHead& head, const ProviderSettings& provider) {
  if (head.status == 407) return failure(proxy_refusal(provider, all_of(head, "proxy-authenticate")));
  const std::string_view meaning = head.status == 403   ? "it does not let Weir through to this provider"
                                   : head.status == 404 ? "is it a proxy?"
                                   : head.status == 405 ? "it does not open tunnels"
                                   : head.status >= 500 ? "it does not reach this provider"
                                                        : "it opened no tunnel";
  return failure(proxy_error(provider, fmt::format("answered {}: {}", head.status, meaning)));
}

// One read of the answer to CONNECT; false while it is not there.
Result<bool> take_answer(Connection& connection, const ProviderSettings& provider, std::size_t& scanned) {
  for (;;) {
    const auto length = net::HttpParser::find_head(connection.buffer.unused(), scanned);
    if (!length) return failure(proxy_error(provider, "did not answer CONNECT in HTTP"));
    scanned = connection.buffer.size();
    if (*length == 0) {
      if (scanned > max_head) return failure(proxy_error(provider, "sent a head of more than 64 KiB"));
      return false;
    }
    net::MessageHead head;
    if (!connection.parser.parse_head(connection.buffer.unused().substr(0, *length), head)) {
      return failure(proxy_error(provider, "did not answer CONNECT in HTTP"));
    }
    if (head.status > 299) {
      if (auto no = refused(head, provider); !no) return failure(no.error());
    }
    connection.buffer.consume(*length);
    scanned = 0;
    if (head.status < 200) continue;  // an interim answer
    // In TLS the server waits for our first word: these bytes are the proxy's own.
    if (!connection.buffer.empty()) {
      return failure(proxy_error(provider, "sent more than its answer to CONNECT: the tunnel cannot be trusted"));
    }
    return true;
  }
}

}  // namespace

std::string proxy_authorization(const Proxy& proxy) {
  if (proxy.credentials.empty()) return {};
  return "Proxy-Authorization: Basic " + encode_base64(proxy.credentials) + "\r\n";
}

void name_proxy(const ProviderSettings& provider, int status, Error& error) {
  if (!is_relayed(provider) || (status != 403 && status != 502 && status != 503 && status != 504)) return;
  error.message += fmt::format(" (It was asked through the proxy {}, from `{}`.)", place_of(*provider.proxy),
                               provider.proxy->said_by);
}

Error proxy_error(const ProviderSettings& provider, std::string_view why) {
  const auto& proxy = *provider.proxy;
  return {.code = ErrorCode::upstream_unreachable,
          .message = fmt::format("{} cannot be reached: its proxy {} (from `{}`) {}", provider.id, place_of(proxy),
                                 proxy.said_by, why)};
}

Error proxy_refusal(const ProviderSettings& provider, std::string_view schemes) {
  bool basic = schemes.empty();
  for (std::size_t at = 0; at + 5 <= schemes.size(); ++at) {
    basic = basic || equals_ignoring_case(schemes.substr(at, 5), "basic");
  }
  if (!basic) {
    return proxy_error(provider, "answered 407: it takes no user and password (Basic), and Weir speaks nothing else");
  }
  return proxy_error(provider,
                     provider.proxy->credentials.empty()
                         ? "answered 407: it wants a user and a password; write them into it, http://USER:PASSWORD@…"
                         : "answered 407: it refuses the user or the password written there");
}

net::Task<Status> open_tunnel(Connection& connection, const ProviderSettings& provider, net::Wait wait) {
  const auto target = authority_of(provider.url);
  auto& out = connection.outgoing;
  out = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n" + proxy_authorization(*provider.proxy) + "\r\n";
  const auto written = co_await connection.socket.write_all(out, {}, wait);
  out.clear();
  auto status = written.status;
  std::size_t scanned = 0;
  while (status == net::IoStatus::ok) {
    const auto got = co_await connection.socket.read_some(connection.buffer.room(read_size), wait);
    status = got.status;
    if (status != net::IoStatus::ok) break;
    connection.buffer.commit(got.bytes);
    const auto taken = take_answer(connection, provider, scanned);
    if (!taken) co_return failure(taken.error());
    if (*taken) co_return Status{};
  }
  if (status == net::IoStatus::cancelled) co_return failure(ErrorCode::client_gone, "cancelled");
  if (status == net::IoStatus::timed_out) {
    co_return failure(proxy_error(provider,
                                  "did not open a tunnel in time; `timeouts.connect` of this provider says "
                                  "how long Weir waits"));
  }
  co_return failure(proxy_error(provider, "closed the connection before it answered CONNECT"));
}

}  // namespace weir
