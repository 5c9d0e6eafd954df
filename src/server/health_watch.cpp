#include "server/health_watch.h"

#include <algorithm>

#include "formats/ollama/loaded.h"
#include "upstream/exchange.h"

namespace weir {
namespace {

constexpr int64_t check_every_ms = 1'000;
constexpr int64_t check_timeout_ms = 2'000;
constexpr std::size_t max_answer = 4 * 1024 * 1024;
constexpr int silences_to_be_down = 3;  // a server may be slow to answer once; a refused connection counts at once

enum class Health : uint8_t { good, silent, bad };

struct Finding {
  Health health = Health::good;
  std::string why;  // it is not good
};

// The list of models is read as well: it may say by now that another's machine answers for one.
void learn_zones(Worker& worker, const Deployment& deployment, std::size_t index, std::string body) {
  const auto list = deployment.formats[index]->model->read_models(std::move(body));
  if (!list || deployment.snapshot->providers[index].zone.kind != ZoneKind::local) return;
  for (const auto& listed : list->models) {
    if (!listed.passed_on) continue;
    for (std::size_t m = 0; m < deployment.snapshot->models.size(); ++m) {
      const auto& model = deployment.snapshot->models[m];
      const bool known = zone_of(model, *deployment.snapshot).kind != ZoneKind::local;
      if (model.provider != index || model.name != listed.name || known) continue;
      if (deployment.elsewhere[m]->exchange(true)) continue;
      worker.log.warn("a local server passes a model on to another's machine; it counts as cloud from now on",
                      {{"model", model.id}, {"provider", deployment.snapshot->providers[index].id}});
    }
  }
}

net::Task<Finding> check(Worker& worker, const Deployment& deployment, std::size_t index, net::Cancellation& stop) {
  const auto& provider = deployment.snapshot->providers[index];
  auto request = deployment.formats[index]->model->list_models(deployment.working(index, worker.loop.now_us() / 1000));
  const bool asks_list = provider.health_path.empty() && !request.path.empty();
  if (!provider.health_path.empty()) request.path = provider.health_path;
  if (request.path.empty()) request.path.push_back('/');  // without a list of models: any answer is one
  Exchange exchange(worker.pool, provider);
  const ExchangeWaits waits{.deadline_us = worker.loop.deadline_in_ms(check_timeout_ms)};
  const auto sent = co_await exchange.send(request, waits, &stop);
  if (!sent) {
    Finding finding{.health = Health::bad, .why = sent.error().message};
    if (sent.error().code == ErrorCode::upstream_timeout) finding.health = Health::silent;
    co_return finding;
  }
  const int status = exchange.status();
  auto body = co_await exchange.read_all(max_answer);
  if (status == 200 && body && asks_list) learn_zones(worker, deployment, index, std::move(*body));
  // 4xx means that it is alive and dislikes the question: it may well answer the real ones.
  Finding finding;
  if (status >= 500) finding = {.health = Health::bad, .why = fmt::format("it answered HTTP {}", status)};
  co_return finding;
}

// Which of its models a server has in memory: the others take their time to load. Only Ollama tells.
net::Task<void> learn_loaded(Worker& worker, const Deployment& deployment, std::size_t index, net::Cancellation& stop) {
  const auto& provider = deployment.snapshot->providers[index];
  if (provider.adapter != "ollama") co_return;
  const auto request = ollama_provider::ask_loaded(deployment.working(index, worker.loop.now_us() / 1000));
  Exchange exchange(worker.pool, provider);
  const ExchangeWaits waits{.deadline_us = worker.loop.deadline_in_ms(check_timeout_ms)};
  const auto sent = co_await exchange.send(request, waits, &stop);
  if (!sent || exchange.status() != 200) co_return;
  auto body = co_await exchange.read_all(max_answer);
  if (!body) co_return;
  const auto loaded = ollama_provider::read_loaded(std::move(*body));
  if (!loaded) co_return;
  for (std::size_t m = 0; m < deployment.snapshot->models.size(); ++m) {
    const auto& model = deployment.snapshot->models[m];
    if (model.provider != index) continue;
    deployment.paces[m]->set_loaded(std::any_of(loaded->begin(), loaded->end(), [&](const std::string& name) {
      return ollama_provider::is_same_model(name, model.name);
    }));
  }
}

}  // namespace

net::Task<void> watch_health(Worker& worker, net::Cancellation& stop) {
  std::unordered_map<std::string, int> silences;
  while (!stop.requested()) {
    const auto deployment = worker.deployment;
    const auto& snapshot = *deployment->snapshot;
    for (std::size_t i = 0; i < snapshot.providers.size() && !stop.requested(); ++i) {
      if (!snapshot.providers[i].health_check) continue;
      const auto finding = co_await check(worker, *deployment, i, stop);
      const auto health = finding.health;
      if (health == Health::good) co_await learn_loaded(worker, *deployment, i, stop);
      if (stop.requested()) co_return;
      auto& silent = silences[snapshot.providers[i].id];
      // One that does a thing at a time is silent while it works on a request of ours: whether that will end, the
      // request's own timeouts say.
      const bool at_work = deployment->slots[i]->held() > 0;
      silent = health == Health::silent && !at_work ? silent + 1 : 0;
      const bool down = health == Health::bad || silent >= silences_to_be_down;
      for (std::size_t m = 0; m < snapshot.models.size(); ++m) {
        if (snapshot.models[m].provider != i) continue;
        auto& breaker = *deployment->breakers[m];
        const auto now_ms = worker.loop.now_us() / 1000;
        const bool was_down = breaker.state(now_ms) == BreakerState::down;
        if (down == was_down) continue;
        if (down) {
          breaker.mark_down();
        } else if (health == Health::good) {
          breaker.mark_up(now_ms);
          deployment->learned[m]->forget();
        } else {
          continue;
        }
        const auto& provider = snapshot.providers[i].id;
        const auto& model = snapshot.models[m].id;
        if (down) {
          worker.log.info("local server is down", {{"provider", provider}, {"model", model}, {"why", finding.why}});
        } else {
          worker.log.info("local server is up", {{"provider", provider}, {"model", model}});
        }
      }
    }
    co_await worker.loop.sleep(check_every_ms, &stop);
  }
}

}  // namespace weir
