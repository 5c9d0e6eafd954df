// Snapshots and plans as plain text for people: tables whose columns align, ASCII only, no colours. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/plan.h"
#include "core/snapshot.h"

namespace weir {

// Rows under a heading; columns as wide as their widest cell, at most 48. Columns whose heading begins with `>` are set
// to the right.
[[nodiscard]] std::string render_table(const std::vector<std::string_view>& headings,
                                       const std::vector<std::vector<std::string>>& rows);

// MODEL PROVIDER ZONE CONTEXT $IN/1M $OUT/1M SERVES, in the order of the config.
[[nodiscard]] std::string render_models(const Snapshot& snapshot);
// ROUTE, what it does, BASELINE.
[[nodiscard]] std::string render_routes(const Snapshot& snapshot);
// PROVIDER KIND ZONE ADDRESS MODELS: what was found or configured. No credentials.
[[nodiscard]] std::string render_providers(const Snapshot& snapshot);
// The rules of a route, one line each: `2  line 17  use small, large`.
[[nodiscard]] std::string render_rules(const RouteSettings& route, const Snapshot& snapshot);

// A plan: the rules that hold, the zones, then every candidate, kept or dropped, with its reason; or the refusal.
[[nodiscard]] std::string render_plan(const Plan& plan, const Snapshot& snapshot);

}  // namespace weir
