#include "server/gateway_api.h"

#include "core/json.h"
#include "core/model_json.h"
#include "core/nearest.h"
#include "ledger/query.h"
#include "pipeline/stored_text.h"
#include "policies/policy.h"
#include "server/feedback_api.h"
#include "server/front_page.h"

namespace weir {
namespace {

constexpr std::string_view front_path = "/";
constexpr std::string_view models_path = "/v1/models";
constexpr std::string_view requests_path = "/v1/requests/";
constexpr int64_t ledger_patience_ms = 10'000;
constexpr int64_t latest_patience_ms = 3'000;
constexpr int64_t latest_for_us = 1'000'000;  // who reloads faster sees the same
constexpr int64_t summed_days = 30;

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
  OperationSet services = 0;
  for (const auto index : reachable_models(route, snapshot)) {
    const auto& model = snapshot.models[index];
    const auto zone = to_string(zone_of(model, snapshot));
    models.emplace_back(model.id);
    if (std::find(zones.begin(), zones.end(), zone) == zones.end()) zones.push_back(zone);
    context = std::max(context, model.context_length);
    services |= services_of(model, snapshot.providers[model.provider]);
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
  write_services(out, services);
  out.key("baseline");
  if (route.baseline)
    out.value(snapshot.models[*route.baseline].id);
  else
    out.null();
  out.end_object();
}

// What it cannot do, where that is known: from the config, the catalog, or its server's answers.
void write_lacks(json::Writer& out, const ModelSettings& model, const LearnedAbilities& learned, int64_t now_ms) {
  if (!model.chat) return;
  const bool tools = !model.tools || learned.tools_lacking(now_ms);
  const bool images = !model.images || learned.images_lacking(now_ms);
  if (!tools && !images) return;
  out.key("lacks").begin_array();
  if (tools) out.value("tools");
  if (images) out.value("images");
  out.end_array();
}

// `id`: its own, or an alias.
void write_model(json::Writer& out, uint32_t index, std::string_view id, const Deployment& deployment, int64_t now_ms,
                 int64_t created) {
  const auto& snapshot = *deployment.snapshot;
  const auto& model = snapshot.models[index];
  const auto& provider = snapshot.providers[model.provider];
  out.begin_object();
  write_common(out, id, created, provider.id);
  out.key("kind").value("model");
  if (id != model.id) out.key("alias_of").value(model.id);
  write_model_fields(out, model, provider);
  write_lacks(out, model, *deployment.learned[index], now_ms);
  out.end_object();
}

bool may_see(const KeyState* key, std::string_view name) { return key == nullptr || key->may_use(name); }

// Whoever may use a model may do so by any of its names. A wildcard is none.
bool may_see(const KeyState* key, const ModelSettings& model, std::string_view name) {
  return !model.wildcard && (may_see(key, model.id) || may_see(key, name));
}

// The model's id and its aliases, those that the key may use.
template <typename Visit>
void for_each_name(const ModelSettings& model, const KeyState* key, Visit visit) {
  if (may_see(key, model, model.id)) visit(std::string_view(model.id));
  for (const auto& alias : model.aliases) {
    if (may_see(key, model, alias)) visit(std::string_view(alias));
  }
}

}  // namespace

bool GatewayApi::is_open(std::string_view path) {
  return path == "/healthz" || path == "/readyz" || path == "/metrics";
}

bool GatewayApi::knows(std::string_view path) {
  return is_open(path) || path == front_path || path == feedback_path || path == models_path ||
         path.starts_with("/v1/models/") || path.starts_with(requests_path);
}

net::Task<Result<ApiAnswer>> GatewayApi::get(OwnRequest request, net::Cancellation& cancellation) {
  const auto path = request.path;
  const auto* const key = request.key;
  if (path == "/healthz") co_return json_answer("{\"status\":\"ok\"}");
  if (path == "/readyz") co_return ready();
  if (path == "/metrics") co_return metrics();
  if (path == front_path) co_return co_await front(request, cancellation);
  if (path == models_path) co_return models(key);
  if (path.starts_with("/v1/models/")) co_return model(path.substr(models_path.size() + 1), key);
  co_return co_await request_entry(std::string(path.substr(requests_path.size())), key, cancellation);
}

net::Task<ApiAnswer> GatewayApi::front(OwnRequest request, net::Cancellation& cancellation) {
  const bool page = request.accept.find("text/html") != std::string_view::npos;
  ApiAnswer answer{
      .head = {.content_type = page ? "text/html; charset=utf-8" : "application/json", .fields = front_page_fields()},
      .body = {}};
  if (!page) {
    answer.body = front_words(request.base_url);
    co_return answer;
  }
  if (request.sees == OwnRequest::Sees::nothing) {
    answer.body = closed_front_page(
        request.base_url,
        worker_.keys.required()
            ? "Keys are in use here: clients send theirs as `Authorization: Bearer wk-…`. What was asked and spent is "
              "shown to those with an admin key, and by `weir usage` on the machine itself."
            : "What was asked and spent is shown to browsers on the machine itself only, which call it by localhost or "
              "127.0.0.1. `weir usage` prints it there.");
    co_return answer;
  }
  const auto newest = co_await latest(cancellation);
  answer.body = front_page({.base_url = request.base_url,
                            .state = state(),
                            .deployment = *worker_.deployment,
                            .loop_ms = worker_.loop.now_us() / 1000,
                            .wall_us = wall_clock_us(),
                            .latest = newest.get()});
  co_return answer;
}

net::Task<std::shared_ptr<const Latest>> GatewayApi::latest(net::Cancellation& cancellation) {
  const auto now_us = worker_.loop.now_us();
  if (asking_latest_ || (latest_ && now_us - latest_us_ < latest_for_us)) co_return latest_;
  struct Shared {
    net::Signal* signal = nullptr;
    std::shared_ptr<const Latest> found;
  };
  const auto shared = std::make_shared<Shared>();
  net::Signal answered(worker_.loop,
                       {.deadline_us = worker_.loop.deadline_in_ms(latest_patience_ms), .cancellation = &cancellation});
  shared->signal = &answered;
  asking_latest_ = true;
  latest_us_ = now_us;
  const LatestQuery query{.summed_since_us = wall_clock_us() - summed_days * 86'400'000'000};
  worker_.ledger.run([this, query, &loop = worker_.loop, shared](Store& store) {
    auto found = store.latest(query);
    auto newest = found ? std::make_shared<const Latest>(std::move(*found)) : nullptr;
    loop.post([this, shared, newest = std::move(newest)] {
      asking_latest_ = false;
      latest_ = shared->found = newest;
      if (shared->signal != nullptr) shared->signal->fire();
    });
  });
  co_await answered;
  shared->signal = nullptr;
  co_return shared->found ? shared->found : latest_;  // rather what it was than nothing
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
  const auto now_ms = worker_.loop.now_us() / 1000;
  for (uint32_t i = 0; i < snapshot.models.size(); ++i) {
    for_each_name(snapshot.models[i], key, [&](std::string_view name) {
      write_model(out, i, name, *worker_.deployment, now_ms, process_.started_s);
    });
  }
  out.end_array();
  out.end_object();
  return json_answer(std::move(body));
}

// Ollama says it of each model; a server of one model that is up has it.
bool GatewayApi::is_loaded(std::size_t model, std::size_t of_its_provider) const {
  const auto& deployment = *worker_.deployment;
  const auto& provider = deployment.snapshot->providers[deployment.snapshot->models[model].provider];
  if (provider.zone.kind != ZoneKind::local || provider.adapter == "sandbox" || !provider.health_check) return false;
  if (deployment.breakers[model]->state(worker_.loop.now_us() / 1000) == BreakerState::down) return false;
  return provider.adapter == "ollama" ? deployment.paces[model]->loaded() : of_its_provider == 1;
}

std::vector<ModelCard> GatewayApi::cards(const KeyState* key) const {
  const auto& snapshot = *worker_.deployment->snapshot;
  std::vector<ModelCard> all;
  for (const auto& route : snapshot.routes) {
    if (!may_see(key, route.name)) continue;
    ModelCard card{.id = route.name, .owner = "weir", .description = route.description, .created = process_.started_s};
    card.tools = card.images = false;
    for (const auto index : reachable_models(route, snapshot)) {
      const auto& model = snapshot.models[index];
      card.serves |= services_of(model, snapshot.providers[model.provider]);
      card.context_length = std::max(card.context_length, model.context_length);
      card.max_output = std::max(card.max_output, model.max_output);
      card.tools = card.tools || model.tools;
      card.images = card.images || model.images;
    }
    all.push_back(card);
  }
  std::vector<std::size_t> models_of(snapshot.providers.size());
  for (const auto& model : snapshot.models) ++models_of[model.provider];
  for (std::size_t i = 0; i < snapshot.models.size(); ++i) {
    const auto& model = snapshot.models[i];
    const auto& provider = snapshot.providers[model.provider];
    const bool loaded = is_loaded(i, models_of[model.provider]);
    for_each_name(model, key, [&](std::string_view name) {
      all.push_back({.id = name,
                     .owner = provider.id,
                     .created = process_.started_s,
                     .context_length = model.context_length,
                     .max_output = model.max_output,
                     .serves = services_of(model, provider),
                     .tools = model.tools,
                     .images = model.images,
                     .loaded = loaded});
    });
  }
  return all;
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
      known != snapshot.model_by_id.end() && may_see(key, snapshot.models[known->second], id)) {
    write_model(out, known->second, id, *worker_.deployment, worker_.loop.now_us() / 1000, process_.started_s);
    return json_answer(std::move(body));
  }
  std::vector<std::string_view> names;
  for (const auto& route : snapshot.routes) {
    if (may_see(key, route.name)) names.emplace_back(route.name);
  }
  for (const auto& one : snapshot.models) {
    for_each_name(one, key, [&](std::string_view name) { names.push_back(name); });
  }
  const auto near = nearest(id, names);
  return failure(
      Error{.code = ErrorCode::unknown_model,
            .message = fmt::format("There is no route or model '{}' here{}. GET /v1/models lists them.", shortened(id),
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
                      fmt::format("There is no request '{}' in the ledger that this key may read.", shortened(id)));
  }
  auto body = entry_json(*entry);
  auto asking = feedback_on(worker_, entry->id, cancellation);
  const auto feedback = co_await std::move(asking);
  if (feedback) {
    body.pop_back();
    body += ",\"feedback\":";
    json::Writer out(body);
    append_feedback(out, *feedback);
    body += '}';
  }
  co_return json_answer(std::move(body));
}

std::string_view GatewayApi::state() const {
  if (process_.draining.load()) return "draining";
  if (worker_.ledger.stats().failing) return "ledger failing";
  return process_.ready.load() ? "ready" : "starting";
}

ApiAnswer GatewayApi::ready() const {
  const auto now = state();
  std::string body;
  json::Writer out(body);
  out.begin_object();
  out.key("status").value(now);
  out.key("config_version").value(worker_.deployment->snapshot->version);
  out.end_object();
  return {.head = {.status = now == "ready" ? 200 : 503}, .body = std::move(body)};
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
                               .up = up,
                               .keys_resting = deployment.credentials[i]->resting(now_ms)});
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
