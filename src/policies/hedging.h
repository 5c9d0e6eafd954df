// Hedging: whether another candidate is asked when the first is silent (`hedge` of a route), as far as the request and
// its plan say. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/facts.h"
#include "core/hedge_rules.h"
#include "core/plan.h"
#include "core/request.h"
#include "core/snapshot.h"

namespace weir {

// Null: one candidate is asked at a time.
[[nodiscard]] const HedgeRules* hedge_rules_of(const Plan& plan, const Snapshot& snapshot);
// Why such a request is asked of one at a time whatever the route says, as the rest of a sentence; "" = it need not be.
[[nodiscard]] std::string_view why_never_hedged(const Request& request, const RequestFacts& facts, const Plan& plan);
// The next candidate behind `first` that is as good a choice: not one that is kept for when all else fails, and with
// nothing to be taken out for either. By place.
[[nodiscard]] std::optional<std::size_t> second_choice(const Plan& plan, std::size_t first);
// For people; "" where the route says nothing of it.
[[nodiscard]] std::string explain_hedge(const Request& request, const RequestFacts& facts, const Plan& plan,
                                        const Snapshot& snapshot);

}  // namespace weir
