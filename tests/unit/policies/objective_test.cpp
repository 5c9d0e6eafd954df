// Rules by task and difficulty, objectives and shares: who is asked, in which order, and what explain says.
#include "policies/objective.h"

#include <gtest/gtest.h>

#include "core/objective.h"
#include "policies/policy.h"

namespace weir {
namespace {

// small (local, free), medium ($1/$2) and large ($10/$30) in the cloud.
class Objectives : public ::testing::Test {
 protected:
  Objectives() {
    snapshot.providers = {{.id = "gpu"}, {.id = "us"}};
    snapshot.providers[0].zone = *parse_zone("local");
    snapshot.providers[1].zone = *parse_zone("cloud");
    snapshot.models = {{.id = "small", .provider = 0}, {.id = "medium", .provider = 1}, {.id = "large", .provider = 1}};
    snapshot.models[1].prices = {.input = 1'000'000, .cached = 1'000'000, .output = 2'000'000, .known = true};
    snapshot.models[2].prices = {.input = 10'000'000, .cached = 10'000'000, .output = 30'000'000, .known = true};
    objective.qualities = {
        {.of_all = 0.6, .of_task = {{"faq", 0.95}}}, {.of_all = 0.8, .of_task = {}}, {.of_all = 0.95, .of_task = {}}};
    facts.requested_model = "assistant";
    facts.input_tokens = 1000;
    facts.task = "code";
    facts.difficulty = 0.5;
  }
  Plan plan() {
    RouteSettings route{.name = "assistant"};
    route.rules.push_back({.use = {0, 1, 2}, .objective = std::make_shared<Objective>(objective), .line = 3});
    snapshot.routes = {route};
    index_names(snapshot);
    return *decide(facts, snapshot, health);
  }
  std::string order() {
    std::string ids;
    const auto made = plan();
    for (const auto& one : made.candidates) {
      if (is_kept(one.verdict)) ids += (ids.empty() ? "" : " ") + snapshot.models[one.model].id;
    }
    return ids;
  }

  Snapshot snapshot;
  Objective objective;
  RequestFacts facts;
  HealthView health;
};

TEST_F(Objectives, the_cheapest_that_is_good_enough_comes_first) {
  objective.take = Take::cheapest;
  EXPECT_EQ(order(), "small medium large");
  objective.least_quality = 0.8;
  EXPECT_EQ(order(), "medium large");
  objective.least_quality = 0.9;
  EXPECT_EQ(order(), "large");
  facts.task = "faq";
  EXPECT_EQ(order(), "small large");
}

TEST_F(Objectives, the_best_that_is_not_too_dear_comes_first) {
  objective.take = Take::best;
  EXPECT_EQ(order(), "large medium small");
  objective.most_cost = 2'000;  // $0.002; medium: 1000 tokens at $1 and 400 at $2 a million
  EXPECT_EQ(order(), "medium small");
  facts.output_tokens = 10;
  facts.input_tokens = 100;  // large: $0.0013
  EXPECT_EQ(order(), "large medium small");
}

TEST_F(Objectives, the_fastest_comes_first_and_one_that_is_not_known_yet_before_it) {
  objective.take = Take::fastest;
  EXPECT_EQ(order(), "small medium large");
  health.models = {{.service_ms = 900}, {.service_ms = 400}, {.service_ms = 600}};
  EXPECT_EQ(order(), "medium large small");
  health.models[1].expected_wait_ms = 300;
  EXPECT_EQ(order(), "large medium small");
  health.models[0].service_ms = 0;
  EXPECT_EQ(order(), "small large medium");
}

TEST_F(Objectives, weights_move_the_order) {
  objective.take = Take::weighted;
  objective.cost_weight = 1;
  objective.quality_weight = 0.1;
  EXPECT_EQ(order(), "small medium large");
  objective.quality_weight = 10;
  EXPECT_EQ(order(), "large medium small");
}

TEST_F(Objectives, what_does_not_meet_the_bounds_is_dropped_or_last) {
  objective.take = Take::cheapest;
  objective.least_quality = 0.99;
  const auto none = plan();
  EXPECT_EQ(none.kept(), 0U);
  EXPECT_EQ(none.refusal.code, ErrorCode::no_target);
  EXPECT_NE(none.refusal.message.find("objective"), std::string::npos) << none.refusal.message;
  objective.least_quality = 0.8;
  objective.unmet_last = true;
  EXPECT_EQ(order(), "medium large small");
}

TEST_F(Objectives, an_unknown_quality_does_not_meet_a_bound_and_explain_says_unknown) {
  objective.take = Take::cheapest;
  objective.least_quality = 0.5;
  objective.qualities[1] = {};
  EXPECT_EQ(order(), "small large");
  std::string all;
  for (const auto& line : explain_objective(plan(), facts, snapshot, health)) all += line + "\n";
  EXPECT_NE(all.find("medium: quality unknown"), std::string::npos) << all;
  EXPECT_NE(all.find("does not meet"), std::string::npos) << all;
}

TEST_F(Objectives, zones_hold_whatever_an_objective_wants) {
  objective.take = Take::best;
  facts.found = class_personal;
  RouteSettings route{.name = "assistant"};
  route.rules.push_back({.when = {.sensitive = class_personal}, .zones = {*parse_zone("local")}});
  route.rules.push_back({.use = {0, 1, 2}, .objective = std::make_shared<Objective>(objective)});
  snapshot.routes = {route};
  index_names(snapshot);
  const auto made = *decide(facts, snapshot, health);
  ASSERT_EQ(made.kept(), 1U);
  EXPECT_EQ(made.candidates.front().model, 0U);
}

TEST_F(Objectives, a_share_sends_what_is_at_or_above_its_threshold) {
  objective.share = ShareRule{.to = 2, .of = 0.2, .place = 0};
  facts.difficulty = 0.79;
  EXPECT_EQ(order(), "small medium large");  // nothing seen yet: from 1 - 0.2 on
  facts.difficulty = 0.8;
  EXPECT_EQ(order(), "large small medium");
  health.share_from = {0.4};
  facts.difficulty = 0.39;
  EXPECT_EQ(order(), "small medium large");
  facts.difficulty = 0.4;
  EXPECT_EQ(order(), "large small medium");
  facts.difficulty = -1;
  EXPECT_EQ(order(), "small medium large");
}

TEST_F(Objectives, estimates_are_wanted_only_where_a_rule_asks) {
  snapshot.routes = {{.name = "a", .rules = {{.use = {0}}}}};
  EXPECT_FALSE(wants_estimate(snapshot));
  snapshot.routes[0].rules[0].when.tasks = {"code"};
  EXPECT_TRUE(wants_estimate(snapshot));
  snapshot.routes[0].rules[0].when = {.difficulty_below = 0.3};
  EXPECT_TRUE(wants_estimate(snapshot));
}

TEST(WhenTask, holds_for_the_estimated_task_and_within_the_bounds) {
  RequestFacts facts;
  facts.task = "greeting";
  facts.difficulty = 0.3;
  EXPECT_TRUE(holds({.tasks = {"faq", "greeting"}}, facts));
  EXPECT_FALSE(holds({.tasks = {"faq"}}, facts));
  EXPECT_FALSE(holds({.difficulty_above = 0.3}, facts));
  EXPECT_TRUE(holds({.difficulty_above = 0.29}, facts));
  EXPECT_TRUE(holds({.difficulty_below = 0.31}, facts));
  EXPECT_FALSE(holds({.difficulty_below = 0.3}, facts));
  facts = {};
  EXPECT_FALSE(holds({.tasks = {"faq"}}, facts));
  EXPECT_FALSE(holds({.difficulty_above = 0.0}, facts));
  EXPECT_FALSE(holds({.difficulty_below = 1.0}, facts));
}

}  // namespace
}  // namespace weir
