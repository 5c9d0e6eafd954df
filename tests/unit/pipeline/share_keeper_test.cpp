// ShareKeeper: the share that a route wants is what comes out, whatever the scores are like.
#include "pipeline/share_keeper.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace weir::test {
namespace {

// How a judge's scores are spread; `at` is how far the traffic has come, 0 to 1.
using Scores = double (*)(std::minstd_rand& random, double at);

double uniform(std::minstd_rand& random) { return std::uniform_real_distribution<double>(0, 1)(random); }
double spread(std::minstd_rand& random, double) { return uniform(random); }
double nearly_all_good(std::minstd_rand& random, double) { return uniform(random) < 0.95 ? 1 : 0.1; }
double all_the_same(std::minstd_rand&, double) { return 1; }
double falling(std::minstd_rand& random, double at) { return 0.9 - 0.8 * at + 0.1 * uniform(random); }
double rising(std::minstd_rand& random, double at) { return 0.1 + 0.8 * at + 0.1 * uniform(random); }
double sudden(std::minstd_rand& random, double at) {
  return at < 0.5 ? 0.8 + 0.2 * uniform(random) : 0.2 * uniform(random);
}

TEST(ShareKeeper, the_share_is_held_within_two_points_whatever_the_scores) {
  constexpr int requests = 2'000;
  for (const Scores scores : {spread, nearly_all_good, all_the_same, falling, rising, sudden}) {
    for (const double share : {0.01, 0.05, 0.15, 0.5, 0.9}) {
      std::minstd_rand random(static_cast<unsigned>(share * 1000) + 1);
      ShareKeeper keeper;
      int escalated = 0;
      int in_second_half = 0;
      for (int i = 0; i < requests; ++i) {
        const bool poor = keeper.escalates(scores(random, static_cast<double>(i) / requests), uniform(random), share);
        escalated += poor ? 1 : 0;
        if (i >= requests / 2) in_second_half += poor ? 1 : 0;
      }
      EXPECT_NEAR(static_cast<double>(escalated) / requests, share, 0.02) << share;
      EXPECT_NEAR(static_cast<double>(in_second_half) / (requests / 2), share, 0.02) << share;
    }
  }
}

TEST(ShareKeeper, the_poorest_are_the_ones) {
  std::minstd_rand random(3);
  ShareKeeper keeper;
  double of_escalated = 0;
  double of_others = 0;
  int escalated = 0;
  constexpr int requests = 2'000;
  for (int i = 0; i < requests; ++i) {
    const double score = uniform(random);
    const bool poor = keeper.escalates(score, uniform(random), 0.2);
    escalated += poor ? 1 : 0;
    (poor ? of_escalated : of_others) += score;
  }
  EXPECT_LT(of_escalated / escalated, 0.15);
  EXPECT_GT(of_others / (requests - escalated), 0.55);
  EXPECT_NEAR(keeper.threshold(), 0.2, 0.07);
}

TEST(ShareKeeper, none_and_all_are_none_and_all) {
  ShareKeeper none;
  ShareKeeper all;
  std::minstd_rand random(5);
  for (int i = 0; i < 500; ++i) {
    EXPECT_FALSE(none.escalates(uniform(random), uniform(random), 0));
    EXPECT_TRUE(all.escalates(uniform(random), uniform(random), 1));
  }
}

}  // namespace
}  // namespace weir::test
