#include "admission/budget.h"

#include <random>
#include <thread>

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr int64_t us_per_day = 86'400'000'000;
constexpr int64_t noon = 1'795'435'200'000'000;  // 2026-11-23T12:00:00Z
constexpr int64_t today = 20'780;

TEST(BudgetPeriod, is_the_utc_day_and_month) {
  struct Case {
    int64_t time_us;
    BudgetPeriod period;
  };
  for (const auto& [time_us, period] : {
           Case{0, {.day = 0, .month_start = 0, .next_month_start = 31}},
           Case{us_per_day - 1, {.day = 0, .month_start = 0, .next_month_start = 31}},
           Case{noon, {.day = today, .month_start = 20'758, .next_month_start = 20'788}},
           Case{1'709'251'199'999'999,
                {.day = 19'782, .month_start = 19'754, .next_month_start = 19'783}},  // 29 Feb 2024
           Case{1'798'761'599'999'999,
                {.day = 20'818, .month_start = 20'788, .next_month_start = 20'819}},  // 31 Dec 2026
       }) {
    const auto found = budget_period(time_us);
    EXPECT_EQ(found.day, period.day) << time_us;
    EXPECT_EQ(found.month_start, period.month_start) << time_us;
    EXPECT_EQ(found.next_month_start, period.next_month_start) << time_us;
  }
}

TEST(Budget, reservations_count_as_spent_until_they_are_settled) {
  Budget budget(100, 0);
  const auto first = budget.reserve(60, noon);
  ASSERT_TRUE(first);
  EXPECT_FALSE(budget.reserve(41, noon));
  ASSERT_TRUE(budget.reserve(40, noon));
  EXPECT_FALSE(budget.reserve(1, noon));
  budget.settle(*first, 60, 10);
  EXPECT_TRUE(budget.reserve(50, noon));
  EXPECT_FALSE(budget.reserve(1, noon));
  const auto standing = budget.standing(noon);
  EXPECT_EQ(standing.spent_today, 10);
  EXPECT_EQ(standing.reserved, 90);
}

TEST(Budget, refusal_says_which_limit_how_much_is_left_and_when_it_resets) {
  Budget day(5'000'000, 0);
  day.add_spent(today, 4'990'000);
  const auto refused = day.reserve(50'000, noon);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::budget_exceeded);
  EXPECT_EQ(refused.error().retry_after_ms, 12 * 3'600'000);
  for (const auto* part : {"$5.00 per day", "$4.99 spent", "$0.010000 left", "$0.050000", "2026-11-24T00:00:00Z"}) {
    EXPECT_NE(refused.error().message.find(part), std::string::npos) << refused.error().message;
  }
  Budget month(0, 5'000'000);
  month.add_spent(today - 10, 5'000'000);
  const auto again = month.reserve(1, noon);
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("per month"), std::string::npos);
  EXPECT_NE(again.error().message.find("2026-12-01T00:00:00Z"), std::string::npos);
}

TEST(Budget, what_was_spent_in_parts_is_added_up) {
  Budget budget(100, 0);
  budget.add_spent(today, 60);
  budget.add_spent(today, 30);
  budget.add_spent(today, -50);
  EXPECT_EQ(budget.standing(noon).spent_today, 90);
  EXPECT_FALSE(budget.reserve(11, noon));
  EXPECT_TRUE(budget.reserve(10, noon));
}

TEST(Budget, what_costs_nothing_always_fits) {
  Budget budget(10, 10);
  budget.add_spent(today, 1'000);
  EXPECT_FALSE(budget.reserve(1, noon));
  EXPECT_TRUE(budget.reserve(0, noon));
  EXPECT_TRUE(budget.reserve(-5, noon));
}

TEST(Budget, a_new_day_frees_the_day_and_a_new_month_both) {
  Budget budget(100, 250);
  for (int64_t i = 0; i < 2; ++i) {
    const auto time = noon + i * us_per_day;
    const auto day = budget.reserve(100, time);
    ASSERT_TRUE(day);
    budget.settle(*day, 100, 100);
    EXPECT_FALSE(budget.reserve(1, time));
  }
  EXPECT_TRUE(budget.reserve(50, noon + 2 * us_per_day));
  const auto over_month = budget.reserve(1, noon + 2 * us_per_day);
  ASSERT_FALSE(over_month);
  EXPECT_NE(over_month.error().message.find("month"), std::string::npos);
  EXPECT_TRUE(budget.reserve(100, noon + 8 * us_per_day));  // 1 December
}

TEST(Budget, a_request_counts_for_the_day_it_started_in) {
  Budget budget(100, 1'000);
  const auto before_midnight = budget.reserve(100, noon);
  ASSERT_TRUE(before_midnight);
  const auto tomorrow = noon + us_per_day;
  EXPECT_TRUE(budget.reserve(100, tomorrow)) << "yesterday's reservation is not today's";
  budget.settle(*before_midnight, 100, 70);
  const auto standing = budget.standing(tomorrow);
  EXPECT_EQ(standing.spent_today, 0);
  EXPECT_EQ(standing.spent_this_month, 70);
  EXPECT_EQ(standing.reserved, 100);
}

TEST(Budget, a_clock_that_steps_brings_nothing_back_and_uses_nothing_up) {
  Budget budget(100, 0);
  ASSERT_TRUE(budget.reserve(100, noon));
  const auto tomorrow = budget.reserve(70, noon + us_per_day);
  ASSERT_TRUE(tomorrow);
  EXPECT_FALSE(budget.reserve(1, noon)) << "set back over midnight: that day is used up";
  EXPECT_FALSE(budget.reserve(31, noon + us_per_day)) << "and forward again: what was reserved is known";
  // A year ahead by mistake, and right again.
  ASSERT_TRUE(budget.reserve(100, noon + 365 * us_per_day));
  budget.settle(*tomorrow, 70, 20);
  EXPECT_TRUE(budget.reserve(80, noon + us_per_day));
  EXPECT_FALSE(budget.reserve(1, noon + us_per_day));
  EXPECT_TRUE(budget.reserve(100, noon + 2 * us_per_day)) << "the days go on";
}

// The last microsecond of a day, a month, a leap February and a year, and the first of the next.
TEST(Budget, days_and_months_end_where_they_end) {
  struct Case {
    int64_t last_us;
    bool month_ends;
  };
  for (const auto& [last, month_ends] : {
           Case{noon + us_per_day / 2 - 1, false},  // 23 November 2026
           Case{1'796'083'199'999'999, true},       // 30 November 2026
           Case{1'798'761'599'999'999, true},       // 31 December 2026
           Case{1'709'164'799'999'999, false},      // 28 February 2024
           Case{1'709'251'199'999'999, true},       // 29 February 2024
       }) {
    Budget day(10, 0);
    ASSERT_TRUE(day.reserve(10, last)) << last;
    EXPECT_FALSE(day.reserve(1, last)) << last;
    EXPECT_TRUE(day.reserve(10, last + 1)) << last;
    Budget month(0, 10);
    ASSERT_TRUE(month.reserve(10, last)) << last;
    const auto next = month.reserve(1, last + 1);
    EXPECT_EQ(next.has_value(), month_ends) << last;
    // What is in the way of the next one is said, and until when.
    const auto refused = day.reserve(1, last);
    EXPECT_EQ(refused.error().retry_after_ms, 1);
  }
}

TEST(Budget, numbers_at_the_end_of_their_type_pass_no_limit) {
  constexpr auto most = std::numeric_limits<MicroDollars>::max();
  Budget budget(most, most);
  const auto first = budget.reserve(most - 1, noon);
  ASSERT_TRUE(first);
  EXPECT_FALSE(budget.reserve(2, noon));
  budget.settle(*first, most - 1, most);
  budget.settle(*first, 0, most);
  budget.add_spent(today, most);
  budget.add_spent(today - 1, most);
  EXPECT_EQ(budget.standing(noon).spent_today, most);
  EXPECT_EQ(budget.standing(noon).spent_this_month, most);
  EXPECT_FALSE(budget.reserve(1, noon));
  EXPECT_FALSE(Budget(5, 0).reserve(most, noon));
}

TEST(Budget, is_never_overrun_by_racing_requests_whose_estimates_hold) {
  constexpr MicroDollars per_day = 1'000'000;
  constexpr MicroDollars per_month = 2'500'000;
  Budget budget(per_day, per_month);
  std::array<std::atomic<int64_t>, 4> settled{};  // by day
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(t);
      for (int i = 0; i < 20'000; ++i) {
        const auto day_index = static_cast<int64_t>(i / 5'000);  // all threads pass midnight, not together
        const MicroDollars estimate = static_cast<MicroDollars>(random() % 500);
        const auto day = budget.reserve(estimate, noon + day_index * us_per_day);
        if (!day) continue;
        const MicroDollars cost = random() % 8 == 0 ? 0 : static_cast<MicroDollars>(random() % 501) * estimate / 500;
        // Before it is given back: what is counted here is at no moment more than what the budget knows of.
        settled[static_cast<std::size_t>(*day - today)] += cost;
        budget.settle(*day, estimate, cost);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  int64_t month = 0;
  for (const auto& day : settled) {
    EXPECT_LE(day, per_day);
    month += day;
  }
  EXPECT_LE(month, per_month);
  EXPECT_GT(month, per_month - 500) << "and it can be used up";
  const auto standing = budget.standing(noon + 3 * us_per_day);
  EXPECT_EQ(standing.spent_this_month, month);
  EXPECT_EQ(standing.reserved, 0);
}

}  // namespace
}  // namespace weir
