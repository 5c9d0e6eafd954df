#include "server/gateway_api.h"

#include "core/json.h"
#include "core/model_json.h"
#include "core/nearest.h"
#include "ledger/query.h"
#include "policies/policy.h"

namespace weir {
namespace {

constexpr std::string_view models_path = "/v1/models";
constexpr std::string_view requests_path = "/v1/requests/";
constexpr int64_t ledger_patience_ms = 10'000;

ApiAnswer json_answer(std::string body) { return {.body = std::move(body)}; }

void write_common(json::Writer& out, std::string_view id, int64_t created, std::string_view owner) {
  out.key("id").value(id);
  out.key("object").value("model");
  out.key("created").value(created);
  out.key("owned_by").value(owner);
}

void write_route(json::Writer& out, const RouteSettings& route, const Snapshot& snapshot, int64_t created) {
  out.begin_object();
  write_common(out, route.name, created, "weir");
  out.key("kind").value("route");
  if (!route.description.empty()) out.key("description").value(route.description);
  std::vector<std::string> zones;
  std::vector<std::string_view> models;
  int64_t context = 0;
  for (const auto index : reachable_models(route, snapshot)) {
    const auto& model = snapshot.models[index];
    const auto zone = to_string(snapshot.providers[model.provider].zone);
    models.emplace_back(model.id);
    if (std::find(zones.begin(), zones.end(), zone) == zones.end()) zones.push_back(zone);
    context = std::max(context, model.context_length);
  }
  out.key("zone").value(fmt::format("{}", fmt::join(zones, ",")));
  out.key("models").begin_array();
  for (const auto model : models) out.value(model);
  out.end_array();
  out.key("context_length");
  if (context > 0)
    out.value(context);
  else
    out.null();
  out.key("baseline");
  if (route.baseline)
    out.value(snapshot.models[*route.baseline].id);
  else
    out.null();
  out.end_object();
}

void write_model(json::Writer& out, const ModelSettings& model, const Snapshot& snapshot, int64_t created) {
  const auto& provider = snapshot.providers[model.provider];
  out.begin_object();
  write_common(out, model.id, created, provider.id);
  out.key("kind").value("model");
  write_model_fields(out, model, provider);
  out.end_object();
}

bool may_see(const KeyState* key, std::string_view name) { return key == nullptr || key->may_use(name); }

}  // namespace

bool GatewayApi::is_open(std::string_view path) {
  return path == "/healthz" || path == "/readyz" || path == "/metrics";
}

bool GatewayApi::knows(std::string_view path) {
  return is_open(path) || path == models_path || path.starts_with("/v1/models/") || path.starts_with(requests_path);
}

net::Task<Result<ApiAnswer>> GatewayApi::get(std::string_view path, const KeyState* key,
                                             net::Cancellation& cancellation) {
  if (path == "/healthz") co_return json_answer("{\"status\":\"ok\"}");
  if (path == "/readyz") co_return ready();
  if (path == "/metrics") co_return metrics();
  if (path == models_path) co_return models(key);
  if (path.starts_with("/v1/models/")) co_return model(path.substr(models_path.size() + 1), key);
  co_return co_await request_entry(std::string(path.substr(requests_path.size())), key, cancellation);
}

Result<ApiAnswer> GatewayApi::models(const KeyState* key) const {
  const auto& snapshot = *worker_.deployment->snapshot;
  std::string body;
  json::Writer out(body);
  out.begin_object();
  out.key("object").value("list");
  out.key("data").begin_array();
  for (const auto& route : snapshot.routes) {
    if (may_see(key, route.name)) write_route(out, route, snapshot, process_.started_s);
  }
  for (const auto& one : snapshot.models) {
    if (may_see(key, one.id)) write_model(out, one, snapshot, process_.started_s);
  }
  out.end_array();
  out.end_object();
  return json_answer(std::move(body));
}

Result<ApiAnswer> GatewayApi::model(std::string_view id, const KeyState* key) const {
  const auto& snapshot = *worker_.deployment->snapshot;
  std::string body;
  json::Writer out(body);
  if (const auto route = snapshot.route_by_name.find(std::string(id));
      route != snapshot.route_by_name.end() && may_see(key, id)) {
    write_route(out, snapshot.routes[route->second], snapshot, process_.started_s);
    return json_answer(std::move(body));
  }
  if (const auto known = snapshot.model_by_id.find(std::string(id));
      known != snapshot.model_by_id.end() && may_see(key, id)) {
    write_model(out, snapshot.models[known->second], snapshot, process_.started_s);
    return json_answer(std::move(body));
  }
  std::vector<std::string_view> names;
  for (const auto& route : snapshot.routes) {
    if (may_see(key, route.name)) names.emplace_back(route.name);
  }
  for (const auto& one : snapshot.models) {
    if (may_see(key, one.id)) names.emplace_back(one.id);
  }
  const auto near = nearest(id, names);
  return failure(Error{.code = ErrorCode::unknown_model,
                       .message = fmt::format("There is no route or model '{}' here{}. GET /v1/models lists them.", id,
                                              near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
                       .param = "model"});
}

net::Task<Result<ApiAnswer>> GatewayApi::request_entry(std::string id, const KeyState* key,
                                                       net::Cancellation& cancellation) {
  struct Shared {
    net::Signal* signal = nullptr;
    Result<std::optional<Entry>> found;
  };
  const auto shared = std::make_shared<Shared>();
  net::Signal answered(worker_.loop,
                       {.deadline_us = worker_.loop.deadline_in_ms(ledger_patience_ms), .cancellation = &cancellation});
  shared->signal = &answered;
  worker_.ledger.find(id, [&loop = worker_.loop, shared](Result<std::optional<Entry>> found) {
    loop.post([shared, found = std::move(found)]() mutable {
      shared->found = std::move(found);
      if (shared->signal != nullptr) shared->signal->fire();
    });
  });
  const auto outcome = co_await answered;
  shared->signal = nullptr;
  if (outcome != net::Outcome::ready) co_return failure(ErrorCode::internal, "The ledger did not answer in time.");
  if (!shared->found) co_return failure(shared->found.error());
  const auto& entry = *shared->found;
  const bool allowed = key == nullptr || key->record.admin || (entry && entry->key_id == key->record.id);
  // Somebody else's entry and no entry look the same, so that ids cannot be probed.
  if (!entry || !allowed) {
    co_return failure(ErrorCode::not_found,
                      fmt::format("There is no request '{}' in the ledger that this key may read.", id));
  }
  co_return json_answer(entry_json(*entry));
}

ApiAnswer GatewayApi::ready() const {
  const bool ledger_failing = worker_.ledger.stats().failing;
  const bool ok = process_.ready.load() && !process_.draining.load() && !ledger_failing;
  std::string body;
  json::Writer out(body);
  out.begin_object();
  out.key("status").value(ok                         ? "ready"
                          : process_.draining.load() ? "draining"
                          : ledger_failing           ? "ledger failing"
                                                     : "starting");
  out.key("config_version").value(worker_.deployment->snapshot->version);
  out.end_object();
  return {.head = {.status = ok ? 200 : 503}, .body = std::move(body)};
}

ApiAnswer GatewayApi::metrics() const {
  const auto& deployment = *worker_.deployment;
  const auto& snapshot = *deployment.snapshot;
  const auto now_ms = worker_.loop.now_us() / 1000;
  const auto ledger = worker_.ledger.stats();
  WorldGauges world{.ledger_pending = ledger.queued,
                    .ledger_written = static_cast<uint64_t>(ledger.committed),
                    .ledger_failed = static_cast<uint64_t>(ledger.failed_commits),
                    .ledger_dropped = static_cast<uint64_t>(ledger.dropped),
                    .config_version = snapshot.version,
                    .config_reloads_failed = process_.reloads_failed.load()};
  for (std::size_t i = 0; i < snapshot.providers.size(); ++i) {
    const auto slots = deployment.slots[i]->stats();
    bool up = true;
    for (std::size_t m = 0; m < snapshot.models.size(); ++m) {
      if (snapshot.models[m].provider == i && deployment.breakers[m]->state(now_ms) == BreakerState::down) up = false;
    }
    world.providers.push_back({.provider = snapshot.providers[i].id,
                               .slots = slots.capacity,
                               .slots_held = slots.held,
                               .waiting = slots.waiting,
                               .refused_full = slots.refused_full,
                               .up = up});
  }
  for (std::size_t m = 0; m < snapshot.models.size(); ++m) {
    world.breakers.push_back({.model = snapshot.models[m].id,
                              .provider = snapshot.providers[snapshot.models[m].provider].id,
                              .state = to_string(deployment.breakers[m]->state(now_ms)),
                              .times_opened = deployment.breakers[m]->times_opened()});
  }
  return {.head = {.content_type = Metrics::content_type}, .body = process_.metrics.expose(world)};
}

}  // namespace weir
