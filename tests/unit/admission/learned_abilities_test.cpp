#include "admission/learned_abilities.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr int64_t minute = 60'000;

TEST(learned_abilities, the_largest_context_of_the_last_minutes_is_asked_for) {
  LearnedAbilities model;
  EXPECT_EQ(model.context_for(0, minute), 0);
  EXPECT_EQ(model.context_for(8'192, minute), 8'192);
  EXPECT_EQ(model.context_for(0, 2 * minute), 8'192);
  EXPECT_EQ(model.context_for(32'768, 3 * minute), 32'768);
  EXPECT_EQ(model.context_for(8'192, 4 * minute), 32'768);
  EXPECT_EQ(model.context_for(0, 7 * minute), 32'768);
  EXPECT_EQ(model.context_for(8'192, 8 * minute), 8'192) << "nobody needed the larger one for five minutes";
}

TEST(learned_abilities, a_server_that_was_away_runs_with_its_own_context) {
  LearnedAbilities model;
  EXPECT_EQ(model.context_for(8'192, minute), 8'192);
  model.forget();
  EXPECT_EQ(model.context_for(0, minute), 0);
}

TEST(learned_abilities, what_a_server_lacks_is_believed_for_ten_minutes) {
  LearnedAbilities model;
  model.lacks(Ability::images, minute);
  EXPECT_TRUE(model.images_lacking(10 * minute));
  EXPECT_FALSE(model.tools_lacking(10 * minute));
  EXPECT_FALSE(model.images_lacking(12 * minute));
}

}  // namespace
}  // namespace weir
