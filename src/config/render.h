// Snapshots and plans as plain text for people: tables for a terminal of `width` columns, no
// colours. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/plan.h"
#include "core/snapshot.h"

namespace weir {

// Model, provider, zone, context, prices and what it serves, in the order of the config.
[[nodiscard]] std::string render_models(const Snapshot& snapshot, std::size_t width);
// What names mean besides: keys of a provider (how many, never which), wildcards, aliases; a line each, "" for none.
[[nodiscard]] std::string render_choice(const Snapshot& snapshot);
// Route, rules, baseline and what it is for.
[[nodiscard]] std::string render_routes(const Snapshot& snapshot, std::size_t width);
// The rules of a route, one line each: `2  line 17  use small, large`.
[[nodiscard]] std::string render_rules(const RouteSettings& route, const Snapshot& snapshot);

// A plan: the rules that hold, the zones, then every candidate, kept or dropped, with its reason; or the refusal.
[[nodiscard]] std::string render_plan(const Plan& plan, const Snapshot& snapshot, std::size_t width);

}  // namespace weir
