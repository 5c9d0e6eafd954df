// Zero configuration: a Snapshot from what was found on the machine. Finding it (probing ports, reading variables) is
// the caller's; all here is pure. Any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/load.h"
#include "core/snapshot.h"
#include "formats/format.h"

namespace weir {

// One server or service that answered.
struct Discovered {
  std::string kind;  // of the presets table
  std::string url;   // "" = the preset's
  std::string api_key;
  ModelList list;                   // names at the provider, best first where it has an order
  std::string id;                   // "" = the kind
  std::optional<Zone> zone;         // unset = the preset's
  std::optional<Prices> prices;     // of all its models; unset = the catalog's
  std::optional<Proxy> proxy = {};  // that it is reached through
};

// Providers and models of what was found, and the default routes. Entries of an unknown kind or with a URL that is none
// are left out.
[[nodiscard]] Snapshot default_snapshot(std::span<const Discovered> found, const CatalogLookup& catalog);

// Adds the models of a provider that the Snapshot does not have yet, by their names there; remakes the default routes
// where they are in use, and the indices.
void add_discovered(Snapshot& snapshot, uint32_t provider, std::span<const std::string> names,
                    const CatalogLookup& catalog);

// The names of a list, in its order; of those that another's machine answers for.
[[nodiscard]] std::vector<std::string> names_of(const ModelList& list);
[[nodiscard]] std::vector<std::string> passed_on_by(const ModelList& list);

// The models of these names go to the cloud, whatever the zone of their provider; also those that the config lists.
void mark_passed_on(Snapshot& snapshot, uint32_t provider, std::span<const std::string> names);

// What their server tells of models, also of those that the config lists: how long a context it runs them with, where
// the config does not say; what they cannot do; which make embeddings.
void take_told(Snapshot& snapshot, uint32_t provider, const ModelList& list);

// What every model serves of a format that knows neither chat nor embeddings; 0 for the others, where it must be said.
[[nodiscard]] OperationSet sole_services(OperationSet format_serves);

// Puts `auto` and `private` in place of the routes:
//   auto     any sensitive class → local only; embeddings → one model, since vectors of two do not mix; else the local
//            chat models in their order, then one chat model of each cloud provider (the one in the middle by price,
//            and providers from cheap to dear)
//   private  the same candidates, local only
// The rule of `auto` on sensitive classes also holds whoever names a model directly (see policy.h). Baseline: the
// dearest cloud chat model, of those that cost no more than $30 per million output tokens: dearer ones are made for
// special purposes, and savings against them would flatter.
void make_default_routes(Snapshot& snapshot);

}  // namespace weir
