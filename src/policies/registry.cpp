#include <array>
#include <memory>

#include "policies/policy.h"

namespace weir {

#define POLICY(name) std::unique_ptr<const Policy> make_##name##_policy();
#include "policies/policies.def"
#undef POLICY

namespace {

const auto& table() {
  static const std::array policies = {
#define POLICY(name) make_##name##_policy(),
#include "policies/policies.def"
#undef POLICY
  };
  return policies;
}

}  // namespace

std::vector<PolicyInfo> policy_infos() {
  std::vector<PolicyInfo> infos;
  for (const auto& policy : table()) infos.push_back(policy->info());
  return infos;
}

const Policy* find_policy(std::string_view name) {
  for (const auto& policy : table()) {
    if (policy->info().name == name) return policy.get();
  }
  return nullptr;
}

}  // namespace weir
