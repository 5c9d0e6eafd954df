#include <random>

#include <gtest/gtest.h>

#include "core/snapshot.h"

namespace weir {
namespace {

constexpr Prices gpt{.input = 2'500'000, .cached = 1'250'000, .output = 10'000'000, .known = true};

TEST(TokenCost, adds_fresh_cached_and_output_tokens_and_rounds_once) {
  struct Case {
    Usage usage;
    MicroDollars cost;
  };
  for (const auto& [usage, cost] : {
           Case{{}, 0},
           Case{{.input = 1'000'000}, 2'500'000},
           Case{{.input = 1'000'000, .cached = 1'000'000}, 1'250'000},
           Case{{.input = 1'000, .cached = 400, .output = 100}, 1'500 + 500 + 1'000},
           Case{{.input = 1}, 3},                  // 2.5 → 3: half up
           Case{{.input = 1, .cached = 1}, 1},     // 1.25 → 1
           Case{{.input = 2, .cached = 1}, 4},     // 2.5 + 1.25 = 3.75 → 4, not 3 + 1
           Case{{.input = 10, .cached = 99}, 13},  // never more cached than input: 12.5 → 13
           Case{{.input = -5, .output = -5}, 0},
       }) {
    EXPECT_EQ(token_cost(gpt, usage), cost) << usage.input << "/" << usage.cached << "/" << usage.output;
  }
}

TEST(TokenCost, huge_counts_saturate_and_never_wrap) {
  const Prices dear{.input = 1'000'000'000'000, .cached = 0, .output = INT64_MAX, .known = true};
  EXPECT_EQ(token_cost(dear, {.input = INT64_MAX}), INT64_MAX);
  EXPECT_EQ(token_cost(dear, {.output = INT64_MAX}), INT64_MAX);
  EXPECT_EQ(token_cost({.input = 1'000'000}, {.input = 9'000'000'000'000}), 9'000'000'000'000);
}

TEST(TokenCost, more_tokens_or_a_higher_price_never_cost_less) {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<int64_t> price(0, 200'000'000);
  std::uniform_int_distribution<int64_t> tokens(0, 2'000'000);
  for (int i = 0; i < 20'000; ++i) {
    const Prices prices{.input = price(random), .cached = price(random), .output = price(random), .known = true};
    const Usage usage{.input = tokens(random), .cached = tokens(random), .output = tokens(random)};
    const auto cost = token_cost(prices, usage);
    auto dearer = prices;
    (i % 3 == 0 ? dearer.input : i % 3 == 1 ? dearer.cached : dearer.output) += price(random);
    EXPECT_GE(token_cost(dearer, usage), cost);
    auto longer = usage;
    longer.output += tokens(random);
    EXPECT_GE(token_cost(prices, longer), cost);
  }
}

TEST(TokenCost, is_within_half_a_micro_dollar_of_the_exact_sum) {
  std::mt19937_64 random(2);
  std::uniform_int_distribution<int64_t> price(0, 100'000'000);
  std::uniform_int_distribution<int64_t> tokens(0, 1'000'000);
  for (int i = 0; i < 20'000; ++i) {
    const Prices prices{.input = price(random), .cached = price(random), .output = price(random), .known = true};
    const int64_t input = tokens(random);
    const Usage usage{.input = input, .cached = std::min(input, tokens(random)), .output = tokens(random)};
    const int64_t exact_millionths = (usage.input - usage.cached) * prices.input / 1'000 +
                                     usage.cached * prices.cached / 1'000 + usage.output * prices.output / 1'000;
    EXPECT_NEAR(static_cast<double>(token_cost(prices, usage)), static_cast<double>(exact_millionths) / 1e3, 0.51);
  }
}

TEST(MachineCost, one_slot_costs_its_share_of_the_hour) {
  constexpr int64_t hour_us = 3'600'000'000;
  struct Case {
    MicroDollars per_hour;
    int64_t slots;
    int64_t busy_us;
    MicroDollars cost;
  };
  for (const auto& [per_hour, slots, busy_us, cost] : {
           Case{3'000'000, 1, hour_us, 3'000'000},
           Case{3'000'000, 32, hour_us, 93'750},
           Case{3'000'000, 0, hour_us, 3'000'000},  // no limit said: one request pays the machine
           Case{3'000'000, 32, 1'000'000, 26},      // 26.04
           Case{3'600'000, 2, 1'000, 1},            // 0.5 → 1: half up
           Case{3'600'000, 4, 1'000, 0},            // 0.25 → 0
           Case{0, 1, hour_us, 0},
           Case{3'000'000, 1, -1, 0},
       }) {
    EXPECT_EQ(machine_cost(per_hour, slots, busy_us), cost);
  }
  EXPECT_EQ(machine_cost(INT64_MAX, 1, INT64_MAX), INT64_MAX);
}

}  // namespace
}  // namespace weir
