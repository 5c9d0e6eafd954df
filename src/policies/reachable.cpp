#include "policies/policy.h"

namespace weir {

std::vector<uint32_t> reachable_models(const RouteSettings& route, const Snapshot& snapshot) {
  const auto plan = decide({.requested_model = route.name}, snapshot, {});
  std::vector<uint32_t> models;
  for (const auto& rule : route.rules) {
    for (const auto index : rule.use) {
      const bool kept_away = plan && !plan->zones.empty() && !any_allows(plan->zones, zone_of(index, snapshot));
      if (!kept_away && std::find(models.begin(), models.end(), index) == models.end()) models.push_back(index);
    }
  }
  return models;
}

}  // namespace weir
