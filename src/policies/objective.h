// What a rule's objective makes of its models for one request: estimated cost, expected time, quality, and the order
// that follows. Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/facts.h"
#include "core/objective.h"
#include "core/plan.h"
#include "core/snapshot.h"

namespace weir {

// What is known of one model of the rule's `use`, for one request.
struct Prospect {
  uint32_t model = 0;
  std::optional<MicroDollars> cost;   // estimated; unset: no price is known
  std::optional<int64_t> latency_ms;  // as answers came of late, with the wait; unset: not known yet
  std::optional<double> quality;      // unset: the config does not say
  bool meets = true;                  // the bounds of the objective
};

// By place in `rule.use`. `rule.objective` is not null.
[[nodiscard]] std::vector<Prospect> prospects_of(const Rule& rule, const RequestFacts& facts, const Snapshot& snapshot,
                                                 const HealthView& health);
// Puts the candidates of the plan, which are those of `rule.use` in that order, into the order of the objective, and
// drops those that do not meet its bounds.
void apply_objective(Plan& plan, const Rule& rule, const RequestFacts& facts, const Snapshot& snapshot,
                     const HealthView& health);
// The difficulty from which on requests go to the share's model: what the traffic of late says, else 1 - its part.
[[nodiscard]] double share_threshold(const ShareRule& share, const HealthView& health);
// Lines for people: the objective, and what is known of each model. Empty where the plan has none.
[[nodiscard]] std::vector<std::string> explain_objective(const Plan& plan, const RequestFacts& facts,
                                                         const Snapshot& snapshot, const HealthView& health);
// Does any rule of the snapshot ask for the task or the difficulty of a request?
[[nodiscard]] bool wants_estimate(const Snapshot& snapshot);

}  // namespace weir
