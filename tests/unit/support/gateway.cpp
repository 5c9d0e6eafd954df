#include "support/gateway.h"

#include "config/load.h"
#include "formats/format.h"

namespace weir::test {
namespace {

std::string request(std::string_view model, std::string_view text, std::string_view more) {
  std::string quoted;
  json::Writer(quoted).value(text);
  return fmt::format(R"({{"model":"{}","messages":[{{"role":"user","content":{}}}]{}}})", model, quoted, more);
}

}  // namespace

std::string chat(std::string_view model, std::string_view text, std::string_view more) {
  return request(model, text, more);
}

std::string chat_stream(std::string_view model, std::string_view text, std::string_view more) {
  return request(model, text, fmt::format(R"(,"stream":true{})", more));
}

Gateway::Gateway()
    : ledger(std::make_unique<Writer>(std::make_unique<FakeStore>(store))),
      worker(std::make_unique<Worker>(loop, dialer, keys, *ledger, metrics.shard(0),
                                      Logger::to_string(LogFormat::text, LogLevel::trace, log), 0)),
      pipeline(std::make_unique<Pipeline>(*worker)) {
  worker->answers = &answers;
}

Gateway::~Gateway() { worker->pool.clear(); }

ScriptedUpstream& Gateway::upstream(const std::string& name, ScriptedUpstream::Over over) {
  auto& place = upstreams_[name];
  place = std::make_unique<ScriptedUpstream>(loop, over);
  return *place;
}

void Gateway::serve(std::string yaml) {
  for (auto at = yaml.find('@'); at != std::string::npos; at = yaml.find('@', at + 1)) {
    auto end = at + 1;
    while (end < yaml.size() && (std::isalnum(static_cast<unsigned char>(yaml[end])) != 0 || yaml[end] == '_')) ++end;
    const auto known = upstreams_.find(yaml.substr(at + 1, end - at - 1));
    if (known != upstreams_.end()) yaml.replace(at, end - at, known->second->url());
  }
  auto loaded = load_config_text(yaml, "weir.yaml", {.environment = {}, .catalog = {}, .read_file = disk_files()});
  for (const auto& problem : loaded.problems) {
    if (problem.weight == Weight::error) {
      throw std::runtime_error(fmt::format("{}: {}\n{}", problem.line, problem.message, yaml));
    }
  }
  auto snapshot = std::make_shared<Snapshot>(std::move(loaded.snapshot));
  snapshot->version = ++version_;
  std::map<std::string, CacheRules> cached;
  for (const auto& route : snapshot->routes) {
    if (route.cache) cached.emplace(route.name, *route.cache);
  }
  answers.set(cached);
  const auto before = worker->deployment;
  auto next = make_deployment(std::move(snapshot), before.get(), metrics);
  if (!before) {
    worker->deployment = std::move(next);
    return;
  }
  worker->deploy(std::move(next));
  wait(1);
}

net::Task<void> Gateway::serve_one(std::string id, std::string body, AskOptions options, Answer& answer) {
  if (options.begin_after_ms > 0) co_await loop.sleep(options.begin_after_ms);
  const auto began = now_ms();
  auto downstream = std::make_shared<ScriptedDownstream>(loop);
  downstream->ms_per_piece = options.ms_per_piece;
  const auto leave = [](std::shared_ptr<ScriptedDownstream> who, int64_t ms,
                        ScriptedDownstream::Who side) -> net::Task<void> { co_await who->leave_after(ms, side); };
  if (options.leave_after_ms < 0) downstream->cancellation().request();
  if (options.leave_after_ms > 0) {
    net::spawn(leave(downstream, options.leave_after_ms, ScriptedDownstream::Who::client));
  }
  if (options.shut_down_after_ms > 0) {
    net::spawn(leave(downstream, options.shut_down_after_ms, ScriptedDownstream::Who::gateway));
  }
  Incoming incoming{.face = &client_face(options.format),
                    .operation = options.operation,
                    .request_id = id,
                    .key = options.key,
                    .body = std::move(body),
                    .declared_classes = options.sensitive,
                    .tags = options.tags,
                    .cache_control = options.cache_control,
                    .batch = options.batch};
  co_await pipeline->serve(std::move(incoming), *downstream);
  answer = downstream->answer;
  answer.took_ms = now_ms() - began;
}

std::vector<Served> Gateway::ask_all(const std::vector<std::pair<std::string, AskOptions>>& requests) {
  std::vector<Served> served(requests.size());
  std::vector<std::string> ids;
  std::size_t waiting = requests.size();
  const auto one = [&](std::size_t i) -> net::Task<void> {
    co_await serve_one(ids[i], requests[i].first, requests[i].second, served[i].answer);
    if (--waiting > 0) co_return;
    co_await loop.sleep(1);  // the upstreams notice what became of their connections
    loop.stop();
  };
  for (std::size_t i = 0; i < requests.size(); ++i) ids.push_back(fmt::format("req_{}", ++next_id_));
  loop.post([&] {
    for (std::size_t i = 0; i < requests.size(); ++i) net::spawn(one(i));
  });
  loop.run();
  EXPECT_TRUE(ledger->flush());
  const std::lock_guard lock(store->mutex);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    int entries = 0;
    for (const auto& entry : store->entries) {
      if (entry.id != ids[i]) continue;
      served[i].entry = entry;
      ++entries;
    }
    EXPECT_EQ(entries, 1) << "every request has one entry in the ledger, however it ended";
  }
  return served;
}

Served Gateway::ask(std::string body, const AskOptions& options) {
  return ask_all({{std::move(body), options}}).front();
}

void Gateway::run(net::Task<void> work) {
  const auto main = [&](net::Task<void> inner) -> net::Task<void> {
    co_await std::move(inner);
    loop.stop();
  };
  loop.post([&] { net::spawn(main(std::move(work))); });
  loop.run();
}

void Gateway::wait(int64_t ms) {
  const auto sleep = [&]() -> net::Task<void> { co_await loop.sleep(ms); };
  run(sleep());
}

std::string Gateway::metrics_text() const { return metrics.expose({}); }

CircuitBreaker& Gateway::breaker(std::string_view model) const {
  return *deployment().breakers.at(find_model(*deployment().snapshot, model).value());
}

Slots& Gateway::slots(std::string_view provider) const {
  const auto& providers = deployment().snapshot->providers;
  for (std::size_t i = 0; i < providers.size(); ++i) {
    if (providers[i].id == provider) return *deployment().slots[i];
  }
  throw std::runtime_error("no such provider: " + std::string(provider));
}

}  // namespace weir::test
