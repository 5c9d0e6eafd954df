// Each config of examples/ does what its first lines promise.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/cache_rules.h"
#include "core/escalation.h"
#include "core/hedge_rules.h"
#include "core/lesson_rules.h"
#include "loading.h"
#include "policies/policy.h"

namespace weir::test {
namespace {

class Example : public ::testing::Test {
 protected:
  Snapshot load(const std::string& name) {
    World world;
    world.variables["EU_LLM_KEY"] = "k";
    world.variables["OPENAI_API_KEY"] = "k";
    auto surroundings = world.surroundings();
    surroundings.read_file = disk_files();
    auto loaded = load_config(WEIR_SOURCE "/examples/" + name + ".yaml", surroundings);
    EXPECT_EQ(problems_of(loaded), "") << name;
    return std::move(loaded.snapshot);
  }

  // The ids of what is kept, in order; or the refusal's code.
  static std::string answer(const Snapshot& snapshot, const RequestFacts& facts) {
    const auto plan = decide(facts, snapshot, {});
    if (!plan) return std::string(to_string(plan.error().code));
    std::string out;
    for (const auto& one : plan->candidates) {
      if (is_kept(one.verdict)) out += (out.empty() ? "" : " ") + snapshot.models[one.model].id;
    }
    return out.empty() ? std::string(to_string(plan->refusal.code)) : out;
  }
};

TEST_F(Example, laptop_keeps_sensitive_data_and_sends_long_prompts_out) {
  const auto s = load("laptop");
  EXPECT_EQ(answer(s, {.requested_model = "assistant"}), "small large");
  EXPECT_EQ(answer(s, {.requested_model = "assistant", .input_tokens = 7000}), "large small");
  EXPECT_EQ(answer(s, {.requested_model = "assistant", .found = class_secret}), "small");
  EXPECT_EQ(answer(s, {.requested_model = "large", .found = class_personal}), "zone_refused");
  EXPECT_EQ(answer(s, {.operation = Operation::embedding, .requested_model = "assistant"}), "vectors");
}

TEST_F(Example, team_uses_its_own_machines_first_and_keeps_project_names_in) {
  const auto s = load("team");
  const auto project = *s.classes.find("custom:project");
  EXPECT_EQ(answer(s, {.requested_model = "assistant"}), "small medium fast");
  EXPECT_EQ(answer(s, {.requested_model = "assistant", .tags = {"hard"}}), "medium large");
  EXPECT_EQ(answer(s, {.requested_model = "assistant", .declared = project}), "small medium");
  EXPECT_EQ(answer(s, {.requested_model = "fast", .found = project}), "zone_refused");
  EXPECT_EQ(answer(s, {.requested_model = "assistant", .has_images = true}), "large");
  EXPECT_EQ(answer(s, {.requested_model = "batch", .input_tokens = 5000}), "medium");
  EXPECT_EQ(answer(s, {.operation = Operation::embedding, .requested_model = "embed", .found = class_health}),
            "vectors");
  EXPECT_EQ(s.routes[s.route_by_name.at("assistant")].on_stream_failure, OnStreamFailure::resume);
}

TEST_F(Example, shop_escalates_a_twentieth_and_keeps_what_customers_say_of_themselves) {
  const auto s = load("shop");
  EXPECT_EQ(answer(s, {.requested_model = "shop"}), "small large");
  EXPECT_EQ(answer(s, {.requested_model = "shop", .found = class_personal}), "small");
  const auto plan = decide({.requested_model = "shop"}, s, {});
  ASSERT_TRUE(plan && plan->escalate);
  EXPECT_EQ(plan->escalate->share, 0.05);
  ASSERT_TRUE(s.routes.front().lessons);
  EXPECT_EQ(s.routes.front().lessons->keep_ms, 90LL * 24 * 3'600'000);
}

TEST_F(Example, chatbot_answers_the_easy_at_home_and_sends_the_hard_out) {
  const auto s = load("chatbot");
  EXPECT_EQ(answer(s, {.requested_model = "assistant", .task = "greeting"}), "small fast");
  EXPECT_EQ(answer(s, {.requested_model = "assistant", .task = "maths"}), "large small");
  EXPECT_EQ(answer(s, {.requested_model = "assistant", .task = "translation"}), "fast large small");
  EXPECT_EQ(answer(s, {.requested_model = "assistant", .found = class_personal, .task = "maths"}), "small");
  EXPECT_EQ(answer(s, {.requested_model = "overflow", .difficulty = 0.9}), "large small");
  EXPECT_EQ(answer(s, {.requested_model = "overflow", .difficulty = 0.1}), "small large");
}

TEST_F(Example, clinic_never_lets_patient_data_out) {
  const auto s = load("clinic");
  const auto study = *s.classes.find("custom:study");
  EXPECT_EQ(answer(s, {.requested_model = "office"}), "ward europe");
  for (const auto one : std::vector<ClassSet>{class_personal, class_health, class_secret, study}) {
    EXPECT_EQ(answer(s, {.requested_model = "office", .found = one}), "ward");
    EXPECT_EQ(answer(s, {.requested_model = "europe", .found = one}), "zone_refused");
    EXPECT_EQ(answer(s, {.requested_model = "office", .found = one, .input_tokens = 15'000}), "zone_refused");
  }
  EXPECT_EQ(answer(s, {.requested_model = "letters"}), "ward");
  EXPECT_EQ(s.guards.word_lists.at(0).words.size(), 5U);
}

TEST_F(Example, game_answers_in_time_and_saves_the_cloud_when_money_runs_out) {
  const auto s = load("game");
  EXPECT_EQ(answer(s, {.requested_model = "character"}), "talk1 talk2 fast");
  EXPECT_EQ(answer(s, {.requested_model = "character", .tags = {"report"}}), "talk1 talk2");
  EXPECT_EQ(answer(s, {.requested_model = "character", .found = class_personal}), "talk1 talk2");
  EXPECT_EQ(answer(s, {.requested_model = "character", .budget_left = 0.19}), "talk1 talk2");
  EXPECT_EQ(answer(s, {.requested_model = "character", .budget_left = 0.2}), "talk1 talk2 fast");
  const auto& route = s.routes[s.route_by_name.at("character")];
  EXPECT_EQ(route.policy, "balanced");
  EXPECT_EQ(route.cache->ttl_ms, 600'000);
  EXPECT_EQ(route.hedge->after_ms, 600);
}

TEST_F(Example, hr_lets_no_applicant_out_and_nothing_of_applications) {
  const auto s = load("hr");
  EXPECT_EQ(answer(s, {.requested_model = "jobs"}), "large desk");
  for (const auto one : std::vector<ClassSet>{class_personal, class_identity, class_special, class_health}) {
    EXPECT_EQ(answer(s, {.requested_model = "jobs", .found = one}), "desk");
    EXPECT_EQ(answer(s, {.requested_model = "large", .found = one}), "zone_refused");
  }
  EXPECT_EQ(answer(s, {.requested_model = "jobs", .has_files = true}), "desk");
  EXPECT_EQ(answer(s, {.requested_model = "applications"}), "desk");
  EXPECT_FALSE(s.routes[s.route_by_name.at("applications")].store_responses);
}

TEST_F(Example, coding_sends_secrets_out_as_placeholders_alone) {
  const auto s = load("coding");
  EXPECT_EQ(answer(s, {.requested_model = "code"}), "large shed-coder");
  const RequestFacts secret{.requested_model = "code", .found = class_secret};
  EXPECT_EQ(answer(s, secret), "large shed-coder");
  EXPECT_EQ(decide(secret, s, {})->candidates.front().redact, class_secret);
  EXPECT_EQ(answer(s, {.requested_model = "code", .found = class_health}), "shed-coder");
  EXPECT_EQ(answer(s, {.requested_model = "code", .declared = class_secret}), "shed-coder");
  EXPECT_EQ(answer(s, {.requested_model = "vault", .found = class_secret}), "content_blocked");
}

}  // namespace
}  // namespace weir::test
