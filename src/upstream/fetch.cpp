#include "upstream/fetch.h"

#include "upstream/exchange.h"

namespace weir {
namespace {

constexpr int most_redirects = 3;

struct Answer {
  int status = 0;
  std::string location;
  std::string body;
};

net::Task<Result<Answer>> ask(UpstreamPool& pool, const ProviderSettings& server, const HttpRequest& request,
                              const FetchLimits& limits, int64_t deadline_us) {
  Exchange exchange(pool, server);
  const ExchangeWaits waits{.deadline_us = deadline_us};
  const auto sent = co_await exchange.send(request, waits, nullptr);
  if (!sent) co_return failure(sent.error());
  Answer answer{.status = exchange.status()};
  answer.location = exchange.headers().get("location");
  auto body = co_await exchange.read_all(limits.bytes);
  if (!body) co_return failure(body.error());
  answer.body = std::move(*body);
  co_return answer;
}

Result<Answer> get_once(const Url& url, std::optional<Proxy> proxy, const FetchLimits& limits) {
  net::EventLoop loop;
  Dialer dialer;
  UpstreamPool pool(loop, dialer);
  ProviderSettings server{.id = url.host, .url = url, .proxy = std::move(proxy)};
  // The path carries all of it: `url.path` would be put before it.
  HttpRequest request{.method = "GET", .path = url.path.empty() ? "/" : url.path};
  server.url.path.clear();
  request.headers.add("Accept", "application/json, text/plain, */*");
  request.headers.add("User-Agent", "weir");
  Result<Answer> answer = failure(ErrorCode::internal, "Nothing was fetched.");
  const auto deadline = loop.deadline_in_ms(limits.ms);
  const auto run = [&]() -> net::Task<void> {
    answer = co_await ask(pool, server, request, limits, deadline);
    loop.stop();
  };
  loop.post([&] { net::spawn(run()); });
  loop.run();
  return answer;
}

}  // namespace

Result<std::string> fetch(std::string_view address, const ProxyChoice& proxy_for, const FetchLimits& limits) {
  std::string at(address);
  for (int redirects = 0; redirects <= most_redirects; ++redirects) {
    Url url;
    if (!(at.starts_with("http://") || at.starts_with("https://")) || !parse_url(at, url)) {
      return failure(ErrorCode::invalid_request, fmt::format("`{}` is no http:// or https:// address", at));
    }
    auto proxy = proxy_for(url);
    if (!proxy) return failure(std::move(proxy.error()));
    auto answer = get_once(url, std::move(*proxy), limits);
    if (!answer) return failure(std::move(answer.error()));
    if (answer->status == 200) return std::move(answer->body);
    const bool moved = answer->status >= 301 && answer->status <= 308 && !answer->location.empty();
    if (!moved) return failure(ErrorCode::upstream_rejected, fmt::format("{} answered {}", at, answer->status));
    auto next = answer->location.starts_with('/')
                    ? fmt::format("{}{}", at.substr(0, at.find('/', at.find("://") + 3)), answer->location)
                    : answer->location;
    if (at.starts_with("https://") && !next.starts_with("https://")) {
      return failure(ErrorCode::upstream_rejected, fmt::format("{} leads away from https", at));
    }
    at = std::move(next);
  }
  return failure(ErrorCode::upstream_rejected, fmt::format("{} leads from one address to the next", address));
}

}  // namespace weir
