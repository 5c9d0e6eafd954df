// The policy `rules`: the first rule that names candidates and whose condition holds gives them, in its order.
#include <memory>

#include "policies/objective.h"
#include "policies/policy.h"

namespace weir {
namespace {

class RulesPolicy final : public Policy {
 public:
  [[nodiscard]] PolicyInfo info() const override {
    return {.name = "rules", .description = "the first rule with `use` that matches gives the candidates, in order"};
  }

  [[nodiscard]] Plan plan(const RequestFacts& facts, const RouteSettings& route, const Snapshot& snapshot,
                          const HealthView& health) const override {
    Plan plan;
    for (std::size_t i = 0; i < route.rules.size(); ++i) {
      const Rule& rule = route.rules[i];
      if (rule.use.empty() || !holds(rule.when, facts, route.accepts)) continue;
      plan.use_rule = static_cast<int16_t>(i);
      plan.spill_queue_ms = rule.spill_queue_ms;
      plan.candidates.reserve(rule.use.size());
      for (const uint32_t model : rule.use) {
        plan.candidates.push_back({.model = model, .verdict = Verdict::kept, .rule = plan.use_rule});
      }
      plan.objective = rule.objective;
      if (rule.objective) apply_objective(plan, rule, facts, snapshot, health);
      break;
    }
    return plan;
  }
};

}  // namespace

std::unique_ptr<const Policy> make_rules_policy() { return std::make_unique<RulesPolicy>(); }

}  // namespace weir
