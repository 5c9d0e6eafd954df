// Policy: facts → plan. A pure function: no I/O, no clock, no globals; the same inputs give the same plan, so that a
// decision can be explained, tested by the million and replayed. Safe from any thread.
#pragma once

#include <string_view>
#include <vector>

#include "core/facts.h"
#include "core/plan.h"
#include "core/result.h"
#include "core/snapshot.h"

namespace weir {

struct PolicyInfo {
  std::string_view name;
  std::string_view description;
};

class Policy {
 public:
  virtual ~Policy() = default;
  [[nodiscard]] virtual PolicyInfo info() const = 0;
  // Orders the candidates of a route and gives each its verdict. Zones are enforced after it, by `decide`.
  [[nodiscard]] virtual Plan plan(const RequestFacts& facts, const RouteSettings& route, const Snapshot& snapshot,
                                  const HealthView& health) const = 0;
};

[[nodiscard]] std::vector<PolicyInfo> policy_infos();
[[nodiscard]] const Policy* find_policy(std::string_view name);

// The whole decision, the one entry for serving, explain, replay and tests: resolves the requested name (a route, or a
// model directly), runs the route's policy, and then enforces the narrowed zones as a hard filter over whatever the policy
// returned. Errors: unknown_model (with the names that exist and the nearest). A plan in which nothing is kept carries its
// refusal in `Plan::refusal`. A client that names a model directly is held by the zones of every route-independent rule:
// see `direct_zones`.
[[nodiscard]] Result<Plan> decide(const RequestFacts& facts, const Snapshot& snapshot, const HealthView& health);

}  // namespace weir
