// What is known of a model by its name alone: made at config load, asked when a caller names a model that only a
// wildcard stands for.
#pragma once

#include "config/load.h"

namespace weir {

// Prices, context and longest answer from the catalog where the entry says none; the zone `cloud` for what a local
// server passes on; chat or embeddings where the entry serves both.
[[nodiscard]] ModelResolver model_resolver(CatalogLookup catalog);

}  // namespace weir
