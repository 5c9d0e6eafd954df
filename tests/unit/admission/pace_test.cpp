// How quickly a model answers lately.
#include "admission/pace.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace weir {
namespace {

TEST(pace, knows_nothing_until_something_was_measured) {
  const Pace pace;
  EXPECT_EQ(pace.expected(100).first_ms, 0);
  EXPECT_EQ(pace.expected(100).whole_ms, 0);
  EXPECT_TRUE(pace.loaded());
}

TEST(pace, long_prompts_have_times_of_their_own_and_the_nearest_length_stands_in) {
  Pace pace;
  pace.record({.input_tokens = 100, .first_us = 50'000, .whole_us = 500'000});
  EXPECT_EQ(pace.expected(9'000).first_ms, 50);
  pace.record({.input_tokens = 9'000, .first_us = 900'000, .whole_us = 1'500'000});
  EXPECT_EQ(pace.expected(9'000).first_ms, 900);
  EXPECT_EQ(pace.expected(9'000).whole_ms, 1'500);
  EXPECT_EQ(pace.expected(100).first_ms, 50);
  EXPECT_EQ(pace.expected(1'000'000).first_ms, 900);
}

TEST(pace, follows_what_changes) {
  Pace pace;
  for (int i = 0; i < 50; ++i) pace.record({.input_tokens = 1, .whole_us = 100'000});
  for (int i = 0; i < 50; ++i) pace.record({.input_tokens = 1, .whole_us = 2'000'000});
  EXPECT_GT(pace.expected(1).whole_ms, 1'900);
}

TEST(pace, times_beyond_every_scale_are_taken) {
  Pace pace;
  for (int i = 0; i < 5'000; ++i) pace.record({.input_tokens = INT64_MAX, .first_us = 0, .whole_us = INT64_MAX / 16});
  EXPECT_GT(pace.expected(INT64_MAX).whole_ms, 0);
  pace.record({.input_tokens = -5, .first_us = -7, .whole_us = 0});
  EXPECT_GE(pace.expected(-5).whole_ms, 1);
}

}  // namespace
}  // namespace weir
