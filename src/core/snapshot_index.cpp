#include "core/snapshot.h"

namespace weir {

void index_names(Snapshot& snapshot) {
  snapshot.model_by_id.clear();
  snapshot.model_by_path.clear();
  snapshot.route_by_name.clear();
  for (uint32_t i = 0; i < snapshot.models.size(); ++i) {
    const auto& model = snapshot.models[i];
    snapshot.model_by_id.emplace(model.id, i);
    snapshot.model_by_path.emplace(snapshot.providers[model.provider].id + "/" + model.name, i);
  }
  for (uint32_t i = 0; i < snapshot.routes.size(); ++i) snapshot.route_by_name.emplace(snapshot.routes[i].name, i);
}

std::optional<uint32_t> find_model(const Snapshot& snapshot, std::string_view name) {
  if (const auto found = snapshot.model_by_id.find(name); found != snapshot.model_by_id.end()) return found->second;
  if (const auto found = snapshot.model_by_path.find(name); found != snapshot.model_by_path.end()) return found->second;
  return std::nullopt;
}

}  // namespace weir
