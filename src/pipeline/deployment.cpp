#include "pipeline/deployment.h"

namespace weir {
namespace {

// The breaker that `previous` had for the same provider and model, or a new one.
std::shared_ptr<CircuitBreaker> breaker_for(const ModelSettings& model, const Snapshot& snapshot,
                                            const Deployment* previous) {
  if (previous != nullptr) {
    const auto& old = *previous->snapshot;
    const auto known = old.model_by_id.find(model.id);
    if (known != old.model_by_id.end()) {
      const auto& same = old.models[known->second];
      if (same.name == model.name && old.providers[same.provider].url == snapshot.providers[model.provider].url) {
        return previous->breakers[known->second];
      }
    }
  }
  return std::make_shared<CircuitBreaker>(BreakerSettings{});
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

}  // namespace

void Deployment::observe(int64_t now_ms, HealthView& view) const {
  view.models.resize(breakers.size());
  for (std::size_t i = 0; i < breakers.size(); ++i) {
    view.models[i] = {.available = breakers[i]->available(now_ms),
                      .expected_wait_ms = slots[snapshot->models[i].provider]->expected_wait_ms()};
  }
}

std::shared_ptr<const Deployment> make_deployment(std::shared_ptr<const Snapshot> snapshot, const Deployment* previous,
                                                  Metrics& metrics) {
  const Snapshot& config = *snapshot;
  auto deployment = std::make_shared<Deployment>(
      Deployment{.snapshot = std::move(snapshot), .guards = GuardSet(config.guards), .labels = metrics.bind(config)});
  for (const auto& provider : config.providers) {
    deployment->slots.push_back(slots_for(provider, previous));
    deployment->adapters.push_back(find_provider(provider.adapter));
  }
  for (const auto& model : config.models) {
    deployment->breakers.push_back(breaker_for(model, config, previous));
  }
  return deployment;
}

}  // namespace weir
