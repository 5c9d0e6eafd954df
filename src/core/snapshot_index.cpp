#include <algorithm>

#include "core/snapshot.h"
#include "core/wildcard.h"

namespace weir {

void index_names(Snapshot& snapshot) {
  snapshot.model_by_id.clear();
  snapshot.model_by_path.clear();
  snapshot.route_by_name.clear();
  snapshot.wildcards.clear();
  for (uint32_t i = 0; i < snapshot.models.size(); ++i) {
    const auto& model = snapshot.models[i];
    snapshot.model_by_id.emplace(model.id, i);
    if (model.wildcard) {
      snapshot.wildcards.push_back(i);
    } else {
      snapshot.model_by_path.emplace(snapshot.providers[model.provider].id + "/" + model.name, i);
    }
  }
  for (uint32_t i = 0; i < snapshot.models.size(); ++i) {
    for (const auto& alias : snapshot.models[i].aliases) snapshot.model_by_id.emplace(alias, i);
  }
  std::stable_sort(snapshot.wildcards.begin(), snapshot.wildcards.end(),
                   [&](uint32_t a, uint32_t b) { return snapshot.models[a].id.size() > snapshot.models[b].id.size(); });
  for (uint32_t i = 0; i < snapshot.routes.size(); ++i) snapshot.route_by_name.emplace(snapshot.routes[i].name, i);
}

std::optional<uint32_t> find_model(const Snapshot& snapshot, std::string_view name) {
  // What holds a star is no name of anything.
  if (name.find('*') != std::string_view::npos) return std::nullopt;
  if (const auto found = snapshot.model_by_id.find(name); found != snapshot.model_by_id.end()) return found->second;
  if (const auto found = snapshot.model_by_path.find(name); found != snapshot.model_by_path.end()) return found->second;
  return snapshot.wildcards.empty() ? std::nullopt : find_wildcard(snapshot, name);
}

}  // namespace weir
