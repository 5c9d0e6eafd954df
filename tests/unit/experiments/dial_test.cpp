// The dial's promise and the canary's behaviour, by simulation. The seeds are fixed.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <random>

#include "experiments/canary.h"
#include "experiments/dial.h"

namespace weir::experiments {
namespace {

// How a local model's quality moves from request to request.
struct Drift {
  std::string_view name;
  double least = 0;  // where it begins: anything between
  double most = 0;
  double step = 0;  // of a random walk
  double jump = 0;  // chance of another quality altogether
};

struct Simulated {
  int routes = 0;
  int broken = 0;        // quality was below the bound at some moment
  int fixed_broken = 0;  // the same of a fixed share of one half, at the end
  int windows = 0;       // of 1,000 requests
  int windows_below = 0;
  double saved = 0;  // of the large model's cost, comparisons paid
  double share = 0;
  double best_share = 0;  // had it known the qualities
};

// 10,000 requests, one in ten compared, a large model that is right nine times in ten.
Simulated simulate(const Drift& drift, int routes) {
  constexpr double keep = 0.95;
  constexpr double large = 0.9;
  constexpr double sample = 0.1;
  constexpr int requests = 10'000;
  constexpr int window = 1'000;
  Simulated all{.routes = routes};
  std::uniform_real_distribution<> uniform;
  std::normal_distribution<> normal;
  for (int route = 0; route < routes; ++route) {
    std::mt19937 random(static_cast<unsigned>(route));
    Dial dial({.keep = keep});
    double small = drift.least + (drift.most - drift.least) * uniform(random);
    double given = 0;  // quality, in expectation
    double possible = 0;
    double fixed = 0;
    double window_given = 0;
    double cost = 0;
    bool broken = false;
    for (int i = 0; i < requests; ++i) {
      small = std::clamp(small + normal(random) * drift.step, 0.3, 0.95);
      if (uniform(random) < drift.jump) small = 0.4 + 0.55 * uniform(random);
      const double share = dial.share();
      const double quality = (1 - share) * large + share * small;
      given += quality;
      window_given += quality;
      possible += large;
      fixed += (large + small) / 2;
      broken = broken || given < keep * possible;
      all.share += share / requests;
      const double gap = large - small;
      all.best_share += (gap <= (1 - keep) * large ? 1 : (1 - keep) * large / gap) / requests;
      const bool local = uniform(random) < share;
      if (!local) cost += 1;
      if (uniform(random) < sample) {
        if (local) cost += 1;
        const bool large_right = uniform(random) < large;
        // Mostly right on the same questions.
        const bool together = small <= large && uniform(random) < 0.4;
        const bool small_right = together ? large_right && uniform(random) < small / large : uniform(random) < small;
        static_cast<void>(dial.add({small_right ? 1.0 : 0.0, large_right ? 1.0 : 0.0, share}, 1));
      }
      if (i % window != window - 1) continue;
      ++all.windows;
      all.windows_below += window_given < keep * large * window ? 1 : 0;
      window_given = 0;
    }
    all.broken += broken ? 1 : 0;
    all.fixed_broken += fixed < keep * possible ? 1 : 0;
    all.saved += 1 - cost / requests;
  }
  all.saved /= routes;
  all.share /= routes;
  all.best_share /= routes;
  return all;
}

void tell(const Drift& drift, const Simulated& all) {
  std::cout << "[ figures  ] " << drift.name << ": below the bound at some moment in " << all.broken << " of "
            << all.routes << " routes (a fixed 50 %: " << all.fixed_broken << "), " << all.windows_below << " of "
            << all.windows << " windows; saved " << all.saved << " (a fixed 50 %: 0.5), share " << all.share
            << ", the best possible " << all.best_share << "\n";
}

TEST(Dial, keeps_its_promise_on_a_thousand_routes_whose_quality_drifts) {
  const Drift drift{.name = "drifting and jumping", .least = 0.6, .most = 0.95, .step = 0.002, .jump = 1e-4};
  const auto all = simulate(drift, 1'000);
  tell(drift, all);
  EXPECT_LE(all.broken, all.routes / 20);
  EXPECT_LT(all.windows_below, all.windows / 20);
  EXPECT_GT(all.fixed_broken, all.routes / 2) << "the test is too easy: a fixed half would do as well";
  EXPECT_GT(all.saved, 0.05);
}

TEST(Dial, gives_a_model_that_stays_good_most_of_the_requests) {
  const Drift drift{.name = "as good, and steady", .least = 0.9, .most = 0.9};
  const auto all = simulate(drift, 40);
  tell(drift, all);
  EXPECT_EQ(all.broken, 0);
  EXPECT_GT(all.saved, 0.5) << "less than a fixed half would save";
}

TEST(Dial, gives_a_poor_model_little_more_than_what_needs_no_evidence) {
  const Drift drift{.name = "poor, and steady", .least = 0.6, .most = 0.6};
  const auto all = simulate(drift, 40);
  tell(drift, all);
  EXPECT_EQ(all.broken, 0);
  EXPECT_LT(all.share, 0.16);
}

TEST(Dial, begins_with_what_needs_no_evidence_and_moves_in_steps_with_a_reason) {
  Dial dial({.keep = 0.95});
  EXPECT_DOUBLE_EQ(dial.share(), 0.05);
  double before = dial.share();
  int moves = 0;
  for (int i = 0; i < 3'000; ++i) {
    const auto move = dial.add({1, 1, dial.share()});
    if (!move) continue;
    ++moves;
    EXPECT_EQ(move->from, before);
    EXPECT_GT(move->to, move->from);
    EXPECT_FALSE(move->reason.empty());
    before = move->to;
  }
  EXPECT_GT(moves, 5);
  EXPECT_DOUBLE_EQ(dial.share(), 1);
}

TEST(Dial, falls_within_some_comparisons_when_the_local_model_breaks) {
  Dial dial({.keep = 0.9});
  for (int i = 0; i < 3'000; ++i) static_cast<void>(dial.add({1, 1, dial.share()}));
  ASSERT_DOUBLE_EQ(dial.share(), 1);
  int until = 0;
  while (dial.share() > 0.1 && until < 100) {
    static_cast<void>(dial.add({0, 1, dial.share()}));
    ++until;
  }
  EXPECT_LE(until, 20);
}

TEST(Dial, comes_back_from_a_restart_with_what_it_knew) {
  Dial before({.keep = 0.95});
  Dial after({.keep = 0.95});
  std::mt19937 random(5);
  std::bernoulli_distribution right(0.9);
  for (int i = 0; i < 1'500; ++i) {
    const Pair pair{right(random) ? 1.0 : 0.0, right(random) ? 1.0 : 0.0, before.share()};
    static_cast<void>(before.add(pair));
    after.remember(pair);
  }
  after.set(before.share());
  EXPECT_DOUBLE_EQ(after.allowed(0), before.allowed(0));
  EXPECT_EQ(after.recent(), before.recent());
}

TEST(Dial, held_by_hand_does_not_rise_and_still_falls) {
  Dial dial({.keep = 0.9});
  for (int i = 0; i < 1'000; ++i) static_cast<void>(dial.add({1, 1, dial.share()}));
  dial.hold(0.2);
  for (int i = 0; i < 200; ++i) static_cast<void>(dial.add({1, 1, dial.share()}));
  EXPECT_DOUBLE_EQ(dial.share(), 0.2);
  for (int i = 0; i < 60; ++i) static_cast<void>(dial.add({0, 1, dial.share()}));
  EXPECT_LE(dial.share(), 0.1);
  dial.release();
  for (int i = 0; i < 2'500; ++i) static_cast<void>(dial.add({1, 1, dial.share()}));
  EXPECT_GT(dial.share(), 0.2);
}

TEST(Dial, more_comparisons_under_way_never_allow_more) {
  Dial dial({.keep = 0.95});
  std::mt19937 random(9);
  std::bernoulli_distribution right(0.88);
  for (int i = 0; i < 800; ++i) {
    static_cast<void>(dial.add({right(random) ? 1.0 : 0.0, right(random) ? 1.0 : 0.0, dial.share()}));
    if (i % 50 != 0) continue;
    double last = 1;
    for (const int64_t under_way : {0, 1, 4, 16, 64}) {
      EXPECT_LE(dial.allowed(under_way), last);
      last = dial.allowed(under_way);
    }
  }
}

// ---- canaries ----

Outcome answer(bool ok, double score, int64_t ms) { return {.ok = ok, .score = score, .duration_us = ms * 1'000}; }

struct Flown {
  CanaryState state = CanaryState::growing;
  int answers = 0;
  double share = 0;
  std::string reason;
};

Flown fly(unsigned seed, const CanaryGoal& goal, double quality, double errors, int64_t ms) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<> uniform;
  Canary canary(goal);
  Flown flown;
  for (int i = 0; i < 20'000 && canary.state() == CanaryState::growing; ++i) {
    canary.of_others(answer(uniform(random) >= 0.01, uniform(random) < 0.9 ? 1 : 0, 90 + i % 20));
    if (uniform(random) >= canary.share()) continue;
    ++flown.answers;
    const bool ok = uniform(random) >= errors;
    if (const auto move = canary.of_canary(answer(ok, uniform(random) < quality ? 1 : 0, ms + i % 20))) {
      flown.reason = move->reason;
    }
  }
  flown.state = canary.state();
  flown.share = canary.share();
  return flown;
}

TEST(Canary, one_that_answers_nonsense_rolls_back_within_some_dozen_answers) {
  const auto flown = fly(1, {}, 0, 0.01, 90);
  EXPECT_EQ(flown.state, CanaryState::rolled_back);
  EXPECT_EQ(flown.share, 0);
  EXPECT_LT(flown.answers, 60);
  EXPECT_NE(flown.reason.find("score"), std::string::npos) << flown.reason;
}

TEST(Canary, one_that_fails_rolls_back) {
  const auto flown = fly(2, {}, 0.9, 0.6, 90);
  EXPECT_EQ(flown.state, CanaryState::rolled_back);
  EXPECT_NE(flown.reason.find("fail"), std::string::npos) << flown.reason;
}

TEST(Canary, one_that_is_slow_rolls_back) {
  const auto flown = fly(3, {}, 0.9, 0.01, 400);
  EXPECT_EQ(flown.state, CanaryState::rolled_back);
  EXPECT_NE(flown.reason.find("as long"), std::string::npos) << flown.reason;
}

TEST(Canary, one_that_is_as_good_takes_over_and_seldom_rolls_back) {
  int rolled_back = 0;
  int done = 0;
  for (unsigned seed = 0; seed < 40; ++seed) {
    const auto flown = fly(seed, {.margin = 0.1}, 0.9, 0.01, 90);
    rolled_back += flown.state == CanaryState::rolled_back ? 1 : 0;
    done += flown.state == CanaryState::done ? 1 : 0;
  }
  EXPECT_LE(rolled_back, 2);
  EXPECT_GT(done, 30);
}

TEST(Canary, a_share_is_taken_only_where_what_is_not_excluded_stays_within_the_margin) {
  Canary canary({.margin = 0.05, .steps = {0.05, 1}, .least_at_step = 1});
  for (int i = 0; i < 1'000; ++i) canary.of_others(answer(true, 1, 100));
  // Some good answers do not exclude that it is twice the margin worse.
  for (int i = 0; i < 60; ++i) EXPECT_FALSE(canary.of_canary(answer(true, 1, 100)));
  std::optional<CanaryMove> move;
  for (int i = 0; i < 2'000 && !move; ++i) move = canary.of_canary(answer(true, 1, 100));
  ASSERT_TRUE(move);
  EXPECT_EQ(move->to, 1);
  EXPECT_EQ(move->state, CanaryState::done);
}

}  // namespace
}  // namespace weir::experiments
