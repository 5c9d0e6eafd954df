#include "core/slot_rules.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(slot_rules, who_has_nobody_else_waits_as_long_as_its_deadline_lets_it) {
  EXPECT_GT(slot_patience_ms(-1, -1, Turn::last), 3'600'000);
  EXPECT_EQ(slot_patience_ms(-1, 5'000, Turn::last), 5'000) << "what the provider says counts";
  EXPECT_EQ(slot_patience_ms(300, 5'000, Turn::last), 5'000) << "there is nobody to spill to";
  EXPECT_EQ(slot_patience_ms(-1, -1, Turn::others_follow), 10'000);
  EXPECT_EQ(slot_patience_ms(300, -1, Turn::others_follow), 300);
  EXPECT_EQ(slot_patience_ms(8'000, 5'000, Turn::others_follow), 5'000);
  EXPECT_EQ(slot_patience_ms(20'000, -1, Turn::others_follow), 10'000);
}

TEST(slot_rules, an_estimate_alone_turns_the_last_one_away_only_when_it_is_far_off) {
  EXPECT_TRUE(spills_at_once(1'001, 1'000, Turn::others_follow));
  EXPECT_FALSE(spills_at_once(1'000, 1'000, Turn::others_follow));
  EXPECT_FALSE(spills_at_once(2'000, 1'000, Turn::last));
  EXPECT_TRUE(spills_at_once(2'001, 1'000, Turn::last));
}

TEST(slot_rules, one_waits_for_those_ahead_and_for_a_slot_of_its_own) {
  EXPECT_EQ(expected_slot_wait_ms(0, 1, 2'000'000), 2'000);
  EXPECT_EQ(expected_slot_wait_ms(3, 2, 1'000'000), 2'000);
  EXPECT_EQ(expected_slot_wait_ms(3, 0, 1'000'000), 4'000);
  EXPECT_EQ(expected_slot_wait_ms(3, 2, 0), 0) << "nothing was measured yet";
}

TEST(slot_rules, a_small_count_bounds_no_queue_unless_somebody_says_so) {
  EXPECT_GE(waiting_limit(0), 10'000);
  EXPECT_EQ(waiting_limit(3), 3);
}

TEST(slot_rules, patience_for_a_provider_that_asks_for_it) {
  EXPECT_EQ(patience_ms(-1, Turn::others_follow), 2'000);
  EXPECT_GE(patience_ms(-1, Turn::last), 2'000);
  EXPECT_EQ(patience_ms(0, Turn::last), 0);
  EXPECT_EQ(patience_ms(700, Turn::others_follow), 700);
}

}  // namespace
}  // namespace weir
