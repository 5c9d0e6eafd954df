// Intervals and tests that hold at every look: against values worked out by hand, and by simulation with a look after
// every value. The seeds are fixed: a failure is a change of the code.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <random>

#include "experiments/assignment.h"
#include "experiments/betting.h"
#include "experiments/median.h"
#include "experiments/mixture.h"
#include "experiments/non_inferiority.h"
#include "experiments/unbounded.h"

namespace weir::experiments {
namespace {

constexpr int streams = 1'000;
constexpr int length = 300;

// In how many of the streams the truth was outside at some look.
template <typename Stream>
int missed(const Stream& stream) {
  int count = 0;
  for (int i = 0; i < streams; ++i) {
    std::mt19937 random(static_cast<unsigned>(i));
    count += stream(random) ? 1 : 0;
  }
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  std::cout << "[ figures  ] " << test->name() << ": " << count << " of " << streams << "\n";
  return count;
}

bool outside(const Interval& interval, double truth) { return interval.low > truth || interval.high < truth; }

TEST(Sequences, proportions_are_covered_at_every_look_in_95_of_100_streams) {
  const int misses = missed([](std::mt19937& random) {
    const double truth = std::uniform_real_distribution<>(0.02, 0.98)(random);
    std::bernoulli_distribution draw(truth);
    BettingInterval interval(0, 1, 0.05);
    bool out = false;
    for (int i = 0; i < length && !out; ++i) {
      interval.add(draw(random) ? 1 : 0);
      out = outside(interval.interval(), truth);
    }
    return out;
  });
  EXPECT_LE(misses, streams / 20);
  EXPECT_GT(misses, 0) << "an interval that never misses is wider than it need be";
}

TEST(Sequences, differences_of_scores_are_covered_at_every_look) {
  const int misses = missed([](std::mt19937& random) {
    // Many ties, some wins, some losses by half.
    std::discrete_distribution<int> draw({7.0, 1.5, 1.5});
    const double values[] = {0, 1, -0.5};
    const double truth = 0.15 - 0.075;
    BettingInterval interval(-1, 1, 0.05);
    bool out = false;
    for (int i = 0; i < length && !out; ++i) {
      interval.add(values[draw(random)]);
      out = outside(interval.interval(), truth);
    }
    return out;
  });
  EXPECT_LE(misses, streams / 20);
}

TEST(Sequences, the_mean_of_expectations_is_covered_while_they_drift) {
  const int misses = missed([](std::mt19937& random) {
    std::uniform_real_distribution<> uniform;
    DriftingMean mean(0, 1);
    double expected = uniform(random);
    double sum = 0;
    bool out = false;
    for (int i = 1; i <= length && !out; ++i) {
      expected =
          uniform(random) < 0.01 ? uniform(random) : std::clamp(expected + (uniform(random) - 0.5) / 20, 0.0, 1.0);
      sum += expected;
      mean.add(uniform(random) < expected ? 1 : 0);
      out = outside(mean.interval(0.05), sum / i);
    }
    return out;
  });
  EXPECT_LE(misses, streams / 20);
}

TEST(Sequences, medians_are_covered_however_heavy_the_tail) {
  const int misses = missed([](std::mt19937& random) {
    std::cauchy_distribution<> draw(3, 2);
    Median median;
    bool out = false;
    for (int i = 0; i < length && !out; ++i) {
      median.add(draw(random));
      if (i % 10 != 0) continue;  // each look sorts
      const auto interval = median.interval(0.05);
      out = interval && outside(*interval, 3);
    }
    return out;
  });
  EXPECT_LE(misses, streams / 20);
}

TEST(Sequences, unbounded_means_are_covered_from_a_hundred_values_on) {
  const int misses = missed([](std::mt19937& random) {
    std::gamma_distribution<> draw(2, 0.5);
    UnboundedMean mean;
    bool out = false;
    for (int i = 0; i < 2 * length && !out; ++i) {
      mean.add(draw(random));
      const auto interval = mean.interval(0.05);
      EXPECT_EQ(interval.has_value(), mean.count() >= UnboundedMean::least_values);
      out = interval && outside(*interval, 1);
    }
    return out;
  });
  EXPECT_LE(misses, streams / 20);
}

TEST(Sequences, a_test_of_a_mean_at_its_bound_is_fooled_in_5_of_100_streams_at_most) {
  const int fooled = missed([](std::mt19937& random) {
    std::uniform_real_distribution<> uniform;
    MeanTest test(-1, 1, -0.05, Claim::above);
    for (int i = 0; i < 2 * length; ++i) {
      const double u = uniform(random);
      test.add(u < 0.15 ? -1 : u < 0.25 ? 1 : 0);  // mean -0.05
    }
    return test.shown(0.05);
  });
  EXPECT_LE(fooled, streams / 20);
}

TEST(Sequences, bets_pay_as_worked_out_by_hand) {
  // The first bet of the steady hand is sqrt(2 log(40) / (0.25 · 1 · log 2)) = 6.52, held down to half of all that it
  // may lose: 0.5 / 0.5 = 1. The greedy one sees no edge yet and bets nothing. A 1 against 0.5 pays 1 + 1 · 0.5.
  MeanTest test(0, 1, 0.5, Claim::above);
  test.add(1);
  EXPECT_NEAR(test.log_capital(), std::log((1.5 + 1) / 2), 1e-12);
  // Then the mean is (0.5 + 1) / 2 = 0.75 and the variance (0.25 + 0.0625) / 2 = 0.15625: the greedy one bets
  // 0.25 / (0.15625 + 0.0625) = 8/7. The steady one is held to 1 again. A 0 costs half of each.
  test.add(0);
  EXPECT_NEAR(test.log_capital(), std::log((1.5 * 0.5 + 1 - 8.0 / 14) / 2), 1e-12);
}

TEST(Sequences, evidence_is_the_mixture_that_the_header_says) {
  // Nothing seen: every part of the mixture is 1, and those that are too steep have lost their share of 5 in 18.
  EXPECT_NEAR(log_evidence_above_zero(0, 0, 1), std::log(13.0 / 18), 1e-12);
  EXPECT_NEAR(log_evidence_above_zero(0, 0, 0.01), 0, 1e-12);
  EXPECT_LT(log_evidence_above_zero(-1, 1, 1), 0);
  // More evidence for the same sum where values may fall short by less.
  EXPECT_GT(log_evidence_above_zero(2, 0.2, 0.05), log_evidence_above_zero(2, 0.2, 1));
  const double far = deviation(100, 0.05);
  EXPECT_NEAR(log_evidence_above_zero(far, 100, 1), std::log(20), 1e-6);
}

TEST(Sequences, intervals_shrink_and_never_leave_the_range) {
  BettingInterval betting(0, 1, 0.05);
  DriftingMean drifting(0, 1);
  for (int i = 0; i < 2'000; ++i) {
    const double value = i % 4 == 0 ? 1 : 0;
    betting.add(value);
    drifting.add(value);
  }
  for (const auto& interval : {betting.interval(), drifting.interval(0.05)}) {
    EXPECT_LT(interval.low, 0.25);
    EXPECT_GT(interval.high, 0.25);
    EXPECT_LT(interval.high - interval.low, 0.14);
  }
  BettingInterval ones(0, 1, 0.05);
  for (int i = 0; i < 200; ++i) ones.add(1);
  EXPECT_EQ(ones.interval().high, 1);
  EXPECT_GT(ones.interval().low, 0.9);
}

TEST(NonInferiority, equal_models_are_good_enough_after_some_hundred_pairs_and_it_says_about_how_many) {
  std::mt19937 random(11);
  std::discrete_distribution<int> draw({8.0, 1.0, 1.0});
  NonInferiority test(0.05, 0.05);
  const auto planned = test.needed();
  ASSERT_TRUE(planned);
  int pairs = 0;
  while (test.answer() == Answer::not_yet && pairs < 5'000) {
    const int drawn = draw(random);
    test.add(drawn == 0 ? 0 : drawn == 1 ? 1 : -1);
    ++pairs;
  }
  EXPECT_EQ(test.answer(), Answer::yes);
  EXPECT_EQ(test.needed(), 0);
  EXPECT_GT(pairs, *planned / 6);
  EXPECT_LT(pairs, *planned * 6);
}

TEST(NonInferiority, a_worse_model_gets_a_no_and_no_promise) {
  NonInferiority test(0.05, 0.05);
  for (int i = 0; i < 200; ++i) test.add(i % 3 == 0 ? -1 : 0);
  EXPECT_EQ(test.answer(), Answer::no);
  EXPECT_FALSE(test.needed());
}

TEST(NonInferiority, a_model_exactly_a_margin_worse_is_never_promised_much) {
  NonInferiority test(0.1, 0.05);
  for (int i = 0; i < 400; ++i) test.add(i % 10 == 0 ? -1 : 0);
  EXPECT_EQ(test.answer(), Answer::not_yet);
}

TEST(Assignment, is_even_sticky_and_different_for_each_experiment) {
  int in_both = 0;
  int in_first = 0;
  constexpr int callers = 20'000;
  for (int i = 0; i < callers; ++i) {
    const auto caller = "caller-" + std::to_string(i);
    const double place = place_of("trial", caller);
    EXPECT_EQ(place, place_of("trial", caller));
    ASSERT_GE(place, 0);
    ASSERT_LT(place, 1);
    in_first += place < 0.3 ? 1 : 0;
    in_both += place < 0.3 && place_of("other", caller) < 0.3 ? 1 : 0;
  }
  EXPECT_NEAR(in_first, callers * 0.3, callers * 0.01);
  EXPECT_NEAR(in_both, callers * 0.09, callers * 0.01);
  // The hash is part of what running experiments stand on.
  EXPECT_NE(place_of("ab", "c"), place_of("a", "bc"));
}

}  // namespace
}  // namespace weir::experiments
