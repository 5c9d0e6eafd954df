// Prompts that are long: who is asked, in which order, and what a caller is told.
#include <gtest/gtest.h>

#include "policies/policy.h"
#include "worlds.h"

namespace weir {
namespace {

// small (8k, local) and medium (16k, local) by the rule; big (200k, cloud) and huge (1M, local) for what is longer.
class Context : public ::testing::Test {
 protected:
  Context() {
    snapshot.providers = {{.id = "gpu"}, {.id = "us"}};
    snapshot.providers[0].zone = *parse_zone("local");
    snapshot.providers[1].zone = *parse_zone("cloud");
    add("small", 0, 8'000);
    add("medium", 0, 16'000);
    add("big", 1, 200'000);
    add("huge", 0, 1'000'000);
    RouteSettings route{.name = "assistant"};
    route.rules.push_back({.when = {.sensitive = class_personal}, .zones = {*parse_zone("local")}, .line = 14});
    route.rules.push_back({.use = {0, 1}, .line = 17});
    route.larger_context = {2, 3};
    snapshot.routes.push_back(route);
    index_names(snapshot);
  }
  void add(std::string id, uint32_t provider, int64_t context) {
    snapshot.models.push_back({.id = id, .provider = provider, .name = id, .context_length = context});
  }
  Plan ask(int64_t tokens, ClassSet found = 0, std::string_view name = "assistant") {
    facts.requested_model = name;
    facts.input_tokens = tokens;
    facts.found = found;
    auto plan = decide(facts, snapshot, health);
    EXPECT_TRUE(plan.has_value());
    return *plan;
  }
  std::string kept(const Plan& plan) {
    std::string ids;
    for (const auto& one : plan.candidates) {
      if (is_kept(one.verdict)) ids += (ids.empty() ? "" : " ") + snapshot.models[one.model].id;
    }
    return ids;
  }
  std::string why(const Plan& plan, std::string_view id) {
    for (const auto& one : plan.candidates) {
      if (snapshot.models[one.model].id == id) return describe(one, plan, snapshot);
    }
    return "absent";
  }

  Snapshot snapshot;
  RequestFacts facts;
  HealthView health;
};

TEST_F(Context, of_a_short_prompt_leaves_the_larger_ones_alone) {
  const auto plan = ask(100);
  EXPECT_EQ(kept(plan), "small medium");
  EXPECT_EQ(why(plan, "big"), "in `larger_context`: asked when the prompt turns out too long for the others");
}

TEST_F(Context, that_hardly_holds_an_answer_goes_behind_one_that_does) {
  const auto plan = ask(7'900);
  EXPECT_EQ(kept(plan), "medium small");
  EXPECT_EQ(why(plan, "small"),
            "rule 2 (line 17) names it, but its context of 8000 hardly holds an answer beside the 7900 tokens of the "
            "prompt: behind the others");
  facts.output_tokens = 50;
  EXPECT_EQ(kept(ask(7'900)), "small medium") << "fifty tokens fit";
}

TEST_F(Context, that_cannot_hold_the_prompt_gives_way_to_the_larger_ones) {
  EXPECT_EQ(kept(ask(15'900)), "big huge medium");
  EXPECT_EQ(kept(ask(17'000)), "big huge");
  EXPECT_EQ(why(ask(17'000), "big"), "in `larger_context`: the prompt is too long for those that the rules name");
  EXPECT_EQ(kept(ask(300'000)), "huge");
}

TEST_F(Context, larger_ones_obey_the_zones) {
  EXPECT_EQ(kept(ask(17'000, class_personal)), "huge");
  snapshot.routes[0].larger_context = {2};
  const auto plan = ask(17'000, class_personal);
  EXPECT_EQ(plan.kept(), 0U);
  EXPECT_EQ(plan.refusal.code, ErrorCode::zone_refused);
}

TEST_F(Context, larger_ones_help_no_request_that_fails_for_another_reason) {
  snapshot.models[0].tools = snapshot.models[1].tools = false;
  facts.has_tools = true;
  const auto plan = ask(100);
  EXPECT_EQ(plan.kept(), 0U);
  EXPECT_EQ(plan.refusal.code, ErrorCode::invalid_request);
  EXPECT_EQ(plan.refusal.param, "tools");
}

TEST_F(Context, failing_models_with_room_are_not_what_larger_ones_are_for) {
  health.models.resize(2);
  health.models[0].available = health.models[1].available = false;
  EXPECT_EQ(kept(ask(100)), "small medium");
}

TEST_F(Context, is_named_in_the_refusal_with_what_would_help) {
  snapshot.routes[0].larger_context.clear();
  const auto plan = ask(17'000);
  EXPECT_EQ(plan.refusal.code, ErrorCode::context_overflow);
  EXPECT_EQ(plan.refusal.message,
            "Nothing that route `assistant` names can take this request: `small` takes 8000 tokens, and the prompt is "
            "estimated at 17000; `medium` takes 16000 tokens, and the prompt is estimated at 17000. The input is "
            "estimated at 17000 tokens, and the largest context here is 16000 (`medium`). Shorten the prompt, or add "
            "`big` (200000) or `huge` (1000000) to `larger_context` of route `assistant`.");
  const auto nobody = ask(2'000'000);
  EXPECT_NE(nobody.refusal.message.find("or add a model that takes more to `larger_context`"), std::string::npos);
  const auto direct = ask(17'000, 0, "small");
  EXPECT_EQ(
      direct.refusal.message,
      "Model `small` takes 8000 tokens, and the prompt is estimated at 17000. The input is estimated at 17000 "
      "tokens, and the largest context here is 8000 (`small`). Shorten the prompt, or use `big` (200000) or `huge` "
      "(1000000).");
}

TEST_F(Context, hint_names_nothing_outside_the_zones) {
  const auto plan = ask(100, class_personal);
  facts.input_tokens = 17'000;
  snapshot.routes[0].larger_context.clear();
  const auto hint = larger_context_hint(plan, facts, snapshot);
  EXPECT_EQ(hint.find("`big` (200000)"), std::string::npos) << hint;
}

TEST_F(Context, of_embeddings_needs_no_room_for_an_answer) {
  facts.operation = Operation::embedding;
  for (auto& model : snapshot.models) model.embeddings = true;
  EXPECT_EQ(kept(ask(7'900)), "small medium");
}

TEST(larger_context, leads_nowhere_that_the_rules_keep_a_request_from) {
  std::size_t reached = 0;
  std::size_t held = 0;
  for (uint64_t seed = 0; seed < 3'000; ++seed) {
    test::Dice dice(seed);
    auto snapshot = test::random_snapshot(dice);
    for (auto& route : snapshot.routes) {
      for (uint32_t i = 0; i < snapshot.models.size(); ++i) {
        if (dice.one_in(2)) route.larger_context.push_back(i);
      }
    }
    const auto facts = test::random_facts(dice, snapshot);
    const auto health = test::random_health(dice, snapshot);
    const auto plan = decide(facts, snapshot, health);
    if (!plan) continue;
    for (const auto& candidate : plan->candidates) {
      const bool larger = is_kept(candidate.verdict) && plan->route && candidate.rule < 0;
      if (!larger && candidate.verdict != Verdict::reserved) continue;
      ++(larger ? reached : held);
      ASSERT_TRUE(test::oracle_allows(facts, snapshot, candidate.model)) << "seed " << seed;
    }
  }
  EXPECT_GT(reached, 20U);
  EXPECT_GT(held, 50U);
}

}  // namespace
}  // namespace weir
