// A comparison out of recorded traffic alone: what was really paid, the same work all on each cloud model that was
// seen, and local and hybrid candidates from the catalogs. For `weir plan --from-ledger` without a plan file. Pure; any
// thread.
#pragma once

#include <optional>

#include "core/snapshot.h"
#include "economics/cost/comparison.h"
#include "economics/traffic/traffic.h"
#include "ledger/pricing.h"

namespace weir::plan {

// `workload`: of this traffic (to_workload). `config`: names and prices of its models; nullptr = only the catalog is
// asked. Fails with invalid_request where nothing of the traffic has a price.
[[nodiscard]] Result<Comparison> comparison_of(const Traffic& traffic, const Workload& workload, const Snapshot* config,
                                               const Catalog& catalog);

}  // namespace weir::plan
