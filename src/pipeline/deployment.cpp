#include "pipeline/deployment.h"

#include "core/hedge_rules.h"
#include "policies/objective.h"

namespace weir {
namespace {

// Where `previous` had the same model of the same server.
std::optional<uint32_t> known_before(const ModelSettings& model, const Snapshot& snapshot, const Deployment* previous) {
  if (previous == nullptr) return std::nullopt;
  const auto& old = *previous->snapshot;
  const auto known = old.model_by_id.find(model.id);
  if (known == old.model_by_id.end()) return std::nullopt;
  const auto& same = old.models[known->second];
  const auto& was = old.providers[same.provider];
  const auto& is = snapshot.providers[model.provider];
  // What failed on another way to the server says nothing of this one.
  const bool unmoved =
      same.name == model.name && was.url == is.url && was.proxy == is.proxy && same_tls(was.tls, is.tls);
  return unmoved ? std::optional(known->second) : std::nullopt;
}

std::shared_ptr<Slots> slots_for(const ProviderSettings& provider, const Deployment* previous) {
  const SlotSettings settings{.capacity = provider.slots, .queue_limit = provider.queue_limit};
  if (previous != nullptr) {
    const auto& old = previous->snapshot->providers;
    for (std::size_t i = 0; i < old.size(); ++i) {
      if (old[i].id != provider.id) continue;
      previous->slots[i]->configure(settings);
      return previous->slots[i];
    }
  }
  return std::make_shared<Slots>(settings);
}

// Keys of the same server: what it said of one holds after a reload.
const Credentials* credentials_before(const ProviderSettings& provider, const Deployment* previous) {
  if (previous == nullptr) return nullptr;
  const auto& old = previous->snapshot->providers;
  for (std::size_t i = 0; i < old.size(); ++i) {
    if (old[i].id == provider.id && old[i].url == provider.url) return previous->credentials[i].get();
  }
  return nullptr;
}

// The one that the route has already, where it still says the same.
std::shared_ptr<HedgeMeter> hedge_meter_for(const RouteSettings& route, const Deployment* previous) {
  if (!route.hedge) return nullptr;
  if (previous != nullptr) {
    const auto known = previous->snapshot->route_by_name.find(route.name);
    auto before = known == previous->snapshot->route_by_name.end() ? nullptr : previous->hedges[known->second];
    if (before && before->share() == route.hedge->share) return before;
  }
  return std::make_shared<HedgeMeter>(route.hedge->share);
}

bool has_redacting_rule(const RouteSettings& route) {
  return std::any_of(route.rules.begin(), route.rules.end(), [](const Rule& rule) { return !rule.redact.empty(); });
}

}  // namespace

void Deployment::observe(int64_t now_ms, HealthView& view, const Observer& of) const {
  view.models.resize(breakers.size());
  for (std::size_t i = 0; i < breakers.size(); ++i) {
    const auto expected = paces[i]->expected(of.input_tokens);
    view.models[i] = {.available = breakers[i]->available(now_ms),
                      .elsewhere = elsewhere[i]->load(std::memory_order_relaxed),
                      .expected_wait_ms = slots[snapshot->models[i].provider]->expected_wait_ms(of.urgency),
                      .limited_ms = breakers[i]->limited_ms(now_ms),
                      .lacks_tools = learned[i]->tools_lacking(now_ms),
                      .lacks_images = learned[i]->images_lacking(now_ms),
                      .first_token_ms = expected.first_ms,
                      .service_ms = expected.whole_ms,
                      .loaded = paces[i]->loaded()};
  }
  shares.observe(view.share_from);
}

std::shared_ptr<const Deployment> make_deployment(std::shared_ptr<const Snapshot> snapshot, const Deployment* previous,
                                                  Metrics& metrics, const std::string& data_folder,
                                                  std::string* estimator_fault) {
  const Snapshot& config = *snapshot;
  auto deployment = std::make_shared<Deployment>(
      Deployment{.snapshot = std::move(snapshot), .guards = GuardSet(config.guards), .labels = metrics.bind(config)});
  deployment->turns = previous != nullptr ? previous->turns : std::make_shared<TurnMemory>();
  deployment->placeholder_sessions = previous != nullptr && previous->placeholder_sessions
                                         ? previous->placeholder_sessions
                                         : std::make_shared<PlaceholderSessions>();
  deployment->shares = ShareMeters(config, previous == nullptr ? nullptr : &previous->shares);
  for (const auto& route : config.routes) {
    deployment->hedges.push_back(hedge_meter_for(route, previous));
    deployment->redacts = deployment->redacts || has_redacting_rule(route);
  }
  if (wants_estimate(config)) {
    std::string fault;
    deployment->estimator =
        data_folder.empty() ? routing::shipped_estimator() : routing::estimator_of(data_folder, fault);
    if (estimator_fault != nullptr) *estimator_fault = std::move(fault);
  }
  for (const auto& provider : config.providers) {
    deployment->slots.push_back(slots_for(provider, previous));
    deployment->credentials.push_back(std::make_shared<Credentials>(provider, credentials_before(provider, previous)));
    deployment->formats.push_back(find_format(provider.adapter));
  }
  for (const auto& model : config.models) {
    const auto before = known_before(model, config, previous);
    deployment->breakers.push_back(before ? previous->breakers[*before]
                                          : std::make_shared<CircuitBreaker>(BreakerSettings{}));
    deployment->elsewhere.push_back(before ? previous->elsewhere[*before] : std::make_shared<std::atomic<bool>>(false));
    deployment->paces.push_back(before ? previous->paces[*before] : std::make_shared<Pace>());
    deployment->learned.push_back(before ? previous->learned[*before] : std::make_shared<LearnedAbilities>());
  }
  return deployment;
}

}  // namespace weir
