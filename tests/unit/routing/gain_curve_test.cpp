#include "routing/gain_curve.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weir::routing {
namespace {

GainCurve curve(std::vector<Outcome> outcomes) { return gain_curve(outcomes); }

TEST(GainCurve, of_a_perfect_order_is_as_computed_by_hand) {
  // Gains 1, 1, 0, 0: PGR is 0, 1/2, 1, 1, 1 at 0, 1/4, … The area is (0.25 + 0.75 + 1 + 1) / 4.
  const auto one = curve({{4, 0, 1}, {3, 0, 1}, {2, 1, 1}, {1, 0, 0}});
  EXPECT_DOUBLE_EQ(one.weak, 0.25);
  EXPECT_DOUBLE_EQ(one.strong, 0.75);
  ASSERT_TRUE(one.apgr && one.cpt50 && one.cpt80);
  EXPECT_DOUBLE_EQ(*one.apgr, 0.75);
  EXPECT_DOUBLE_EQ(*one.cpt50, 0.25);
  EXPECT_DOUBLE_EQ(*one.cpt80, 0.5);
}

TEST(GainCurve, of_the_worst_order_is_as_computed_by_hand) {
  const auto one = curve({{1, 0, 1}, {2, 0, 1}, {3, 1, 1}, {4, 0, 0}});
  EXPECT_DOUBLE_EQ(*one.apgr, 0.25);
  EXPECT_DOUBLE_EQ(*one.cpt50, 0.75);
  EXPECT_DOUBLE_EQ(*one.cpt80, 1.0);
}

TEST(GainCurve, goes_above_the_strong_model_where_the_weak_one_is_better) {
  // Gains 1, 1, 0, -1, and so 1 in all: PGR is 0, 1, 2, 2, 1.
  const auto one = curve({{4, 0, 1}, {3, 0, 1}, {2, 1, 1}, {1, 1, 0}});
  EXPECT_DOUBLE_EQ(*one.apgr, (0.5 + 1.5 + 2 + 1.5) / 4);
}

TEST(GainCurve, of_equal_scores_is_chance_in_whatever_order_the_rows_stand) {
  for (const int turn : {0, 1, 2, 3}) {
    std::vector<Outcome> outcomes = {{1, 0, 1}, {1, 1, 1}, {1, 0, 0}, {1, 1, 0}, {1, 0, 1}};
    std::rotate(outcomes.begin(), outcomes.begin() + turn, outcomes.end());
    EXPECT_NEAR(*curve(outcomes).apgr, 0.5, 1e-12);
  }
}

TEST(GainCurve, has_no_measure_where_there_is_no_gap) {
  for (const auto& outcomes : {std::vector<Outcome>{{2, 1, 1}, {1, 0, 0}}, {{2, 1, 0}, {1, 1, 1}}, {}}) {
    const auto one = curve(outcomes);
    EXPECT_FALSE(one.apgr || one.cpt50 || one.cpt80);
  }
}

TEST(GainCurve, gives_accuracy_between_its_points) {
  const auto one = curve({{2, 0, 1}, {1, 0, 0}});
  EXPECT_DOUBLE_EQ(one.accuracy_at(0), 0);
  EXPECT_DOUBLE_EQ(one.accuracy_at(0.25), 0.25);
  EXPECT_DOUBLE_EQ(one.accuracy_at(0.5), 0.5);
  EXPECT_DOUBLE_EQ(one.accuracy_at(1), 0.5);
}

}  // namespace
}  // namespace weir::routing
