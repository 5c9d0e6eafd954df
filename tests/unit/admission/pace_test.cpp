// How quickly a model answers lately, and how the p95 of that is told.
#include "admission/pace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace weir {
namespace {

TEST(pace, knows_nothing_until_something_was_measured) {
  const Pace pace;
  EXPECT_EQ(pace.expected(100).first_ms, 0);
  EXPECT_EQ(pace.expected(100).whole_ms, 0);
  EXPECT_FALSE(pace.p95_ms(Pace::Form::stream, 0));
  EXPECT_TRUE(pace.loaded());
}

TEST(pace, long_prompts_have_times_of_their_own_and_the_nearest_length_stands_in) {
  Pace pace;
  pace.record({.form = Pace::Form::stream, .input_tokens = 100, .first_us = 50'000, .whole_us = 500'000});
  EXPECT_EQ(pace.expected(9'000).first_ms, 50);
  pace.record({.form = Pace::Form::stream, .input_tokens = 9'000, .first_us = 900'000, .whole_us = 1'500'000});
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

// Against the true quantile, for several spreads: within a step of the scale (a quarter).
TEST(pace, its_p95_is_within_a_quarter_of_the_true_one) {
  std::mt19937 random(3);
  for (const double sigma : {0.1, 0.5, 1.0}) {
    for (const double median_ms : {5.0, 80.0, 2'000.0, 40'000.0}) {
      Pace pace;
      std::lognormal_distribution<double> times(std::log(median_ms), sigma);
      std::vector<double> all;
      for (int i = 0; i < 900; ++i) {
        all.push_back(times(random));
        pace.record(
            {.form = Pace::Form::stream, .first_us = static_cast<int64_t>(all.back() * 1'000), .whole_us = 60'000'000});
      }
      std::sort(all.begin(), all.end());
      const auto wanted = all[all.size() * 95 / 100];
      const auto told = pace.p95_ms(Pace::Form::stream, 0);
      ASSERT_TRUE(told);
      EXPECT_GE(static_cast<double>(*told), wanted * 0.8 - 1) << median_ms << ' ' << sigma;
      EXPECT_LE(static_cast<double>(*told), wanted * 1.27 + 1) << median_ms << ' ' << sigma;
    }
  }
}

// Who waits for the p95 and then asks another never sees how long the slowest would have taken.
TEST(pace, a_p95_that_is_waited_for_does_not_become_ever_shorter) {
  std::mt19937 random(5);
  std::lognormal_distribution<double> times(std::log(200.0), 0.6);
  Pace pace;
  int hedged = 0;
  constexpr int requests = 20'000;
  for (int i = 0; i < requests; ++i) {
    const auto took_us = static_cast<int64_t>(times(random) * 1'000);
    const auto limit = pace.p95_ms(Pace::Form::stream, 0);
    if (limit && took_us > *limit * 1'000) {
      ++hedged;
      pace.record_silence(Pace::Form::stream, 0, *limit * 1'000 + 50'000);
    } else {
      pace.record({.form = Pace::Form::stream, .first_us = took_us, .whole_us = took_us});
    }
  }
  EXPECT_GT(hedged, requests / 100);
  EXPECT_LT(hedged, requests / 10);
}

TEST(pace, forms_do_not_mix_and_few_samples_tell_nothing) {
  Pace pace;
  for (int i = 0; i < 19; ++i) pace.record({.form = Pace::Form::whole, .whole_us = 100'000});
  EXPECT_FALSE(pace.p95_ms(Pace::Form::whole, 0));
  pace.record({.form = Pace::Form::whole, .whole_us = 100'000});
  EXPECT_TRUE(pace.p95_ms(Pace::Form::whole, 0));
  EXPECT_FALSE(pace.p95_ms(Pace::Form::stream, 0));
}

TEST(pace, long_prompts_have_a_p95_of_their_own_once_there_are_enough_of_them) {
  Pace pace;
  const auto record = [&](int64_t input_tokens, int64_t first_us) {
    pace.record(
        {.form = Pace::Form::stream, .input_tokens = input_tokens, .first_us = first_us, .whole_us = 9'000'000});
  };
  for (int i = 0; i < 100; ++i) record(100, 50'000);
  EXPECT_LT(*pace.p95_ms(Pace::Form::stream, 9'000), 100) << "nothing is known of such prompts: that of all";
  for (int i = 0; i < 20; ++i) record(9'000, 900'000);
  EXPECT_GE(*pace.p95_ms(Pace::Form::stream, 9'000), 900);
  EXPECT_LT(*pace.p95_ms(Pace::Form::stream, 100), 100);
  EXPECT_EQ(pace.expected(100).first_ms, 50);
}

TEST(pace, the_wait_for_a_slot_is_part_of_the_p95_and_of_no_average) {
  Pace pace;
  for (int i = 0; i < 20; ++i)
    pace.record({.form = Pace::Form::stream, .queue_us = 400'000, .first_us = 50'000, .whole_us = 100'000});
  EXPECT_GE(*pace.p95_ms(Pace::Form::stream, 0), 450);
  EXPECT_EQ(pace.expected(0).first_ms, 50);
}

TEST(pace, one_that_was_stopped_early_says_nothing_of_how_slow_it_is) {
  Pace pace;
  for (int i = 0; i < 100; ++i) pace.record({.form = Pace::Form::stream, .first_us = 500'000, .whole_us = 1'000'000});
  const auto before = *pace.p95_ms(Pace::Form::stream, 0);
  for (int i = 0; i < 800; ++i) pace.record_silence(Pace::Form::stream, 0, 20'000);
  EXPECT_EQ(*pace.p95_ms(Pace::Form::stream, 0), before);
  for (int i = 0; i < 20; ++i) pace.record_silence(Pace::Form::stream, 0, 5'000'000);
  EXPECT_GE(*pace.p95_ms(Pace::Form::stream, 0), 4'000);
}

TEST(pace, times_beyond_every_scale_are_taken) {
  Pace pace;
  for (int i = 0; i < 5'000; ++i) pace.record({.input_tokens = INT64_MAX, .first_us = 0, .whole_us = INT64_MAX / 16});
  EXPECT_TRUE(pace.p95_ms(Pace::Form::whole, 0));
  EXPECT_GT(pace.expected(INT64_MAX).whole_ms, 0);
  pace.record({.input_tokens = -5, .first_us = -7, .whole_us = 0});
  EXPECT_GE(pace.expected(-5).whole_ms, 1);
}

}  // namespace
}  // namespace weir
