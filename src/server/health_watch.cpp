#include "server/health_watch.h"

#include "upstream/exchange.h"

namespace weir {
namespace {

constexpr int64_t check_every_ms = 1'000;
constexpr int64_t check_timeout_ms = 2'000;
constexpr std::size_t max_answer = 4 * 1024 * 1024;
constexpr int silences_to_be_down = 3;  // a busy server may be slow to answer; a refused connection counts at once

enum class Health : uint8_t { good, silent, bad };

net::Task<Health> check(Worker& worker, const Deployment& deployment, std::size_t index, net::Cancellation& stop) {
  const auto& provider = deployment.snapshot->providers[index];
  auto request = deployment.adapters[index]->list_models(provider);
  if (!provider.health_path.empty()) request.path = provider.health_path;
  Exchange exchange(worker.pool, provider);
  const auto sent = co_await exchange.send(request, worker.loop.deadline_in_ms(check_timeout_ms), &stop);
  if (!sent) co_return sent.error().code == ErrorCode::upstream_timeout ? Health::silent : Health::bad;
  const int status = exchange.status();
  co_await exchange.read_all(max_answer);
  // 4xx means that it is alive and dislikes the question: it may well answer the real ones.
  co_return status < 500 ? Health::good : Health::bad;
}

}  // namespace

net::Task<void> watch_health(Worker& worker, net::Cancellation& stop) {
  std::unordered_map<std::string, int> silences;
  while (!stop.requested()) {
    const auto deployment = worker.deployment;
    const auto& snapshot = *deployment->snapshot;
    for (std::size_t i = 0; i < snapshot.providers.size() && !stop.requested(); ++i) {
      if (!snapshot.providers[i].health_check) continue;
      const auto health = co_await check(worker, *deployment, i, stop);
      if (stop.requested()) co_return;
      auto& silent = silences[snapshot.providers[i].id];
      silent = health == Health::silent ? silent + 1 : 0;
      const bool down = health == Health::bad || silent >= silences_to_be_down;
      for (std::size_t m = 0; m < snapshot.models.size(); ++m) {
        if (snapshot.models[m].provider != i) continue;
        auto& breaker = *deployment->breakers[m];
        const auto now_ms = worker.loop.now_us() / 1000;
        const bool was_down = breaker.state(now_ms) == BreakerState::down;
        if (down == was_down) continue;
        if (down)
          breaker.mark_down();
        else if (health == Health::good)
          breaker.mark_up(now_ms);
        worker.log.info(down ? LogName("local server is down") : LogName("local server is up"),
                        {{"provider", snapshot.providers[i].id}, {"model", snapshot.models[m].id}});
      }
    }
    co_await worker.loop.sleep(check_every_ms, &stop);
  }
}

}  // namespace weir
