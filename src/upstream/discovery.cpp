#include "upstream/discovery.h"

#include "providers/provider.h"
#include "upstream/exchange.h"

namespace weir {
namespace {

constexpr std::size_t max_answer = 16 * 1024 * 1024;

net::Task<Result<std::vector<std::string>>> ask(UpstreamPool& pool, const ProviderSettings& provider,
                                                int64_t deadline_us) {
  const auto* const adapter = find_provider(provider.adapter);
  if (adapter == nullptr) co_return failure(ErrorCode::internal, "unknown adapter " + provider.adapter);
  Exchange exchange(pool, provider);
  const auto request = adapter->list_models(provider);
  if (auto sent = co_await exchange.send(request, deadline_us, nullptr); !sent) co_return failure(sent.error());
  const auto status = exchange.status();
  auto body = co_await exchange.read_all(max_answer);
  if (!body) co_return failure(body.error());
  if (status != 200) co_return failure(adapter->classify({status, exchange.headers(), std::move(*body)}));
  co_return adapter->decode_models(std::move(*body));
}

}  // namespace

std::vector<Result<std::vector<std::string>>> discover_models(std::span<const ProviderSettings> providers,
                                                              int64_t timeout_ms) {
  std::vector<Result<std::vector<std::string>>> answers(providers.size());
  if (providers.empty()) return answers;
  net::EventLoop loop;
  Dialer dialer;
  UpstreamPool pool(loop, dialer);
  std::size_t waiting = providers.size();
  const auto deadline = loop.deadline_in_ms(timeout_ms);
  const auto run_one = [&](std::size_t i) -> net::Task<void> {
    answers[i] = co_await ask(pool, providers[i], deadline);
    if (--waiting == 0) loop.stop();
  };
  loop.post([&] {
    for (std::size_t i = 0; i < providers.size(); ++i) net::spawn(run_one(i));
  });
  loop.run();
  return answers;
}

}  // namespace weir
