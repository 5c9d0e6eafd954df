// Rules that ask how sure the guards are: a number with a wrong check digit need not keep a request at home.
#include <gtest/gtest.h>

#include "policies/policy.h"

namespace weir {
namespace {

TEST(confidence, of_a_finding_counts_where_a_rule_asks_for_it) {
  struct Case {
    ClassSet found, below_medium, below_high;
    Confidence least;
    bool holds;
  };
  const Case cases[] = {
      {class_personal, 0, 0, Confidence::high, true},
      {class_personal, 0, class_personal, Confidence::high, false},
      {class_personal, 0, class_personal, Confidence::medium, true},
      {class_personal, class_personal, class_personal, Confidence::medium, false},
      {class_personal, class_personal, class_personal, Confidence::low, true},
      {class_personal | class_secret, class_personal, class_personal, Confidence::high, true},
      {0, 0, 0, Confidence::low, false},
  };
  for (const auto& one : cases) {
    RequestFacts facts;
    facts.found = one.found;
    facts.below_medium = one.below_medium;
    facts.below_high = one.below_high;
    const When when{.sensitive_any = true, .confidence = one.least};
    EXPECT_EQ(holds(when, facts), one.holds);
    const When named{.sensitive = class_personal | class_secret, .confidence = one.least};
    EXPECT_EQ(holds(named, facts), one.holds);
  }
}

TEST(confidence, of_what_a_caller_declares_and_of_what_cannot_be_read_is_full) {
  const When when{.sensitive_any = true, .confidence = Confidence::high};
  RequestFacts declared;
  declared.declared = class_personal;
  EXPECT_TRUE(holds(when, declared));
  RequestFacts unread;
  unread.unreadable = unreadable_files;
  EXPECT_TRUE(holds(when, unread));
  EXPECT_FALSE(holds(when, unread, unreadable_files));
}

}  // namespace
}  // namespace weir
