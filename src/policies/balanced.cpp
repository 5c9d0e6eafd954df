// The policy `balanced`: as `rules`, and candidates that are the same model in the same zone are replicas: who of them
// is asked first is decided when the request is served, by expected time and by where its conversation was
// (policies/replicas.h).
#include <memory>

#include "policies/policy.h"

namespace weir {
namespace {

class BalancedPolicy final : public Policy {
 public:
  [[nodiscard]] PolicyInfo info() const override {
    return {
        .name = "balanced",
        .description = "as `rules`; candidates of one name in one zone are replicas, the quickest of which is asked"};
  }

  [[nodiscard]] Plan plan(const RequestFacts& facts, const RouteSettings& route, const Snapshot& snapshot,
                          const HealthView& health) const override {
    return find_policy("rules")->plan(facts, route, snapshot, health);
  }
};

}  // namespace

std::unique_ptr<const Policy> make_balanced_policy() { return std::make_unique<BalancedPolicy>(); }

}  // namespace weir
