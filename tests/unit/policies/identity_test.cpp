#include "policies/policy.h"

namespace weir {
namespace {

RequestFacts facts_with(ClassSet found, ClassSet declared) {
  RequestFacts facts;
  facts.found = found;
  facts.declared = declared;
  return facts;
}

TEST(identity_class, is_part_of_any_only_where_the_rule_or_the_caller_says_so) {
  const When any{.sensitive_any = true};
  const When both{.sensitive = class_identity, .sensitive_any = true};
  const When alone{.sensitive = class_identity};
  const RequestFacts found = facts_with(class_identity, 0);
  EXPECT_FALSE(holds(any, found, 0));
  EXPECT_TRUE(holds(both, found, 0));
  EXPECT_TRUE(holds(alone, found, 0));
  EXPECT_TRUE(holds(any, facts_with(0, class_identity), 0));
  EXPECT_TRUE(holds(any, facts_with(class_identity | class_personal, 0), 0));
  EXPECT_FALSE(holds(alone, facts_with(class_personal, 0), 0));
}

}  // namespace
}  // namespace weir
