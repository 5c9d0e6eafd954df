#include "admission/rate_limit.h"

#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr int64_t start = 1'795'435'200'000'000;
constexpr int64_t second = 1'000'000;
constexpr int64_t minute = 60 * second;

TEST(RateLimit, a_minutes_worth_at_once_then_evenly) {
  RateLimit limit(60);
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(limit.take(1, start).granted) << i;
  const auto refused = limit.take(1, start);
  EXPECT_FALSE(refused.granted);
  EXPECT_EQ(refused.retry_after_us, second);
  EXPECT_FALSE(limit.take(1, start + second - 1).granted);
  EXPECT_TRUE(limit.take(1, start + second).granted);
  EXPECT_FALSE(limit.take(1, start + second).granted);
  EXPECT_TRUE(limit.take(60, start + 10 * minute).granted) << "never more than one minute's worth is saved up";
  EXPECT_FALSE(limit.take(1, start + 10 * minute).granted);
}

TEST(RateLimit, none_grants_everything) {
  RateLimit limit(0);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(limit.take(INT64_MAX, start).granted);
}

TEST(RateLimit, what_is_more_than_a_minutes_worth_never_fits_and_takes_nothing) {
  RateLimit limit(1'000);
  const auto refused = limit.take(1'001, start);
  EXPECT_FALSE(refused.granted);
  EXPECT_EQ(refused.retry_after_us, 0);
  EXPECT_TRUE(limit.take(1'000, start).granted);
}

TEST(RateLimit, what_is_given_back_can_be_taken_again_and_debts_are_waited_for) {
  RateLimit limit(600);
  ASSERT_TRUE(limit.take(600, start).granted);
  limit.give_back(100);
  EXPECT_TRUE(limit.take(100, start).granted);
  EXPECT_FALSE(limit.take(1, start).granted);
  limit.give_back(-50);  // it took more than estimated: five seconds' worth
  EXPECT_EQ(limit.take(1, start).retry_after_us, 5 * second + second / 10);
}

TEST(RateLimit, waiting_as_long_as_told_is_enough) {
  std::mt19937_64 random(3);
  for (const int64_t per_minute : {1, 7, 60, 999, 1'000'000, 100'000'000}) {
    RateLimit limit(per_minute);
    int64_t now = start;
    for (int i = 0; i < 500; ++i) {
      const auto amount = 1 + static_cast<int64_t>(random()) % std::max<int64_t>(per_minute / 3, 1);
      const auto wanted = std::abs(amount) % per_minute + (per_minute == 1 ? 1 : 0);
      const auto answer = limit.take(wanted, now);
      if (answer.granted) continue;
      ASSERT_GT(answer.retry_after_us, 0);
      now += answer.retry_after_us;
      EXPECT_TRUE(limit.take(wanted, now).granted) << per_minute << " " << wanted;
    }
  }
}

TEST(RateLimit, racing_takers_get_no_more_than_the_limit) {
  RateLimit limit(10'000);
  std::atomic<int64_t> granted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        // As the clock of each thread goes on, at most 1/60 of a minute's worth comes in.
        if (limit.take(1, start + i * 100).granted) ++granted;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_GE(granted, 10'000);
  EXPECT_LE(granted, 10'000 + 10'000 / 60 + 1);
}

TEST(RateLimit, absurd_debts_end_within_a_day) {
  RateLimit limit(1);
  ASSERT_TRUE(limit.take(1, start).granted);
  limit.give_back(INT64_MIN + 1);
  const auto refused = limit.take(1, start);
  EXPECT_FALSE(refused.granted);
  EXPECT_LE(refused.retry_after_us, 1'441 * minute);
}

}  // namespace
}  // namespace weir
