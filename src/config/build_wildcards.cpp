// What stands for many models, and what is asked only of large ones.
#include <algorithm>

#include "config/build.h"
#include "config/wildcard_models.h"
#include "core/wildcard.h"

namespace weir {

ModelResolver model_resolver(CatalogLookup catalog) {
  return [catalog = std::move(catalog)](ModelSettings& model, const ProviderSettings& provider) {
    const bool ours = !model.zone || model.zone->kind == ZoneKind::local;
    if (ours && is_passed_on(provider, model.name)) model.zone = Zone{.kind = ZoneKind::cloud};
    if (model.chat && model.embeddings) {
      const bool embeds = is_embedding_name(model.name);
      model.chat = !embeds;
      model.embeddings = embeds;
      if (embeds) model.also = 0;
    }
    const Preset* preset = find_preset(provider.kind);
    if (!catalog || preset == nullptr || preset->catalog.empty()) return;
    auto entry = catalog(preset->catalog, model.name);
    if (!entry) return;
    if (!model.prices.known) {
      const auto tiers = model.prices.tier_percent;
      model.prices = entry->prices;
      model.prices.tier_percent = tiers;
      model.prices_as_of = std::move(entry->as_of);
      model.price_by_rule = entry->by_rule;
    }
    if (model.context_length == 0) model.context_length = entry->context_length;
    if (model.max_output == 0) model.max_output = entry->max_output;
    model.deprecated = entry->deprecated;
  };
}

namespace config {

// One of the models of a wildcard that a rule names: from now on it has an entry of its own.
std::optional<uint32_t> Builder::by_wildcard(std::string_view name) {
  const auto wildcard = find_wildcard(snapshot_, name);
  auto model = wildcard ? model_by_wildcard(snapshot_, *wildcard, name) : std::nullopt;
  if (!model) return std::nullopt;
  const auto index = static_cast<uint32_t>(snapshot_.models.size());
  for (const auto& one : {model->id, std::string(name)}) {
    if (const auto known = model_index_.find(one); known != model_index_.end()) return known->second;
  }
  for (const auto& one : {model->id, std::string(name)}) {
    model_index_.emplace(one, index);
    name_lines_.emplace(one, 0);
  }
  snapshot_.models.push_back(std::move(*model));
  return index;
}

void Builder::larger_context(const RouteDoc& doc, RouteSettings& out) {
  for (const auto& name : doc.larger_context) {
    const auto model = model_of(name, "larger_context");
    if (!model) continue;
    auto& known = out.larger_context;
    if (std::find(known.begin(), known.end(), *model) != known.end()) {
      reading_.error(name.at, "`" + name.value + "` is named twice in `larger_context`", "keep the first");
    } else {
      known.push_back(*model);
    }
  }
}

}  // namespace config
}  // namespace weir
