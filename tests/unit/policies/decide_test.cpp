#include <gtest/gtest.h>

#include "policies/policy.h"

namespace weir {
namespace {

// Two local models (the second serves embeddings only), one in the EU cloud, one anywhere in the cloud.
//   assistant: personal or health → local; else small, europe, large
class Decide : public ::testing::Test {
 protected:
  Decide() {
    add_provider("gpu", "local");
    add_provider("eu", "cloud:eu");
    add_provider("us", "cloud");
    add_model("small", 0);
    add_model("vectors", 0);
    add_model("europe", 1);
    add_model("large", 2);
    snapshot.models[1].chat = false;
    snapshot.models[1].embeddings = true;
    RouteSettings route{.name = "assistant"};
    route.rules.push_back(
        {.when = {.sensitive = class_personal | class_health}, .zones = {*parse_zone("local")}, .line = 14});
    route.rules.push_back({.use = {0, 2, 3}, .line = 17});
    snapshot.routes.push_back(route);
    index_names(snapshot);
  }

  void add_provider(std::string id, std::string_view zone) {
    snapshot.providers.push_back({.id = std::move(id)});
    snapshot.providers.back().zone = *parse_zone(zone);
  }
  void add_model(std::string id, uint32_t provider) {
    snapshot.models.push_back({.id = id, .provider = provider, .name = "vendor/" + id});
  }
  Rule& rule(std::size_t i) { return snapshot.routes[0].rules[i]; }

  Plan ask(std::string_view name, ClassSet found = 0) {
    facts.requested_model = name;
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

  Snapshot snapshot;
  RequestFacts facts;
  HealthView health;
};

TEST_F(Decide, keeps_the_order_that_the_rule_gives) { EXPECT_EQ(kept(ask("assistant")), "small europe large"); }

TEST_F(Decide, sensitive_request_stays_local) {
  const auto plan = ask("assistant", class_health);
  EXPECT_EQ(kept(plan), "small");
  EXPECT_EQ(describe(plan.candidates[1], plan, snapshot), "rule 1 (line 14): health stays in local; this is cloud:eu");
}

TEST_F(Decide, naming_a_model_directly_is_no_way_around_a_sensitivity_rule) {
  for (const auto* name : {"large", "us/vendor/large"}) {
    const auto plan = ask(name, class_personal);
    EXPECT_EQ(plan.kept(), 0U);
    EXPECT_EQ(plan.refusal.code, ErrorCode::zone_refused);
    EXPECT_EQ(plan.refusal.message,
              "This request contains personal data and may go only to local, by rule 1 of route `assistant` (line 14); "
              "model `large` is in cloud. Name `small` instead.");
    EXPECT_EQ(kept(ask(name)), "large");
  }
}

TEST_F(Decide, naming_a_model_directly_is_held_by_the_strictest_of_all_routes) {
  RouteSettings other{.name = "other"};
  other.rules.push_back(
      {.when = {.sensitive = class_financial}, .zones = {*parse_zone("cloud:eu"), *parse_zone("local")}});
  other.rules.push_back({.when = {.sensitive_any = true, .models = {"other"}}, .zones = {*parse_zone("cloud:eu")}});
  snapshot.routes.push_back(other);
  index_names(snapshot);
  EXPECT_EQ(kept(ask("europe", class_financial)), "europe");
  EXPECT_EQ(kept(ask("large", class_financial)), "");
  EXPECT_EQ(kept(ask("small", class_financial)), "");
  const auto both = ask("small", class_personal | class_financial);
  EXPECT_TRUE(both.zones.empty());
  EXPECT_EQ(both.narrowed_by.size(), 3U);
  EXPECT_NE(both.refusal.message.find("contradict"), std::string::npos) << both.refusal.message;
}

TEST_F(Decide, a_rule_that_asks_for_no_classes_binds_its_own_route_alone) {
  RouteSettings only_local{.name = "private"};
  only_local.rules.push_back({.zones = {*parse_zone("local")}});
  only_local.rules.push_back({.use = {0, 3}});
  snapshot.routes.push_back(only_local);
  index_names(snapshot);
  EXPECT_EQ(kept(ask("private")), "small");
  EXPECT_EQ(kept(ask("large")), "large");
}

TEST_F(Decide, hard_rules_on_what_a_request_carries_hold_whatever_model_is_named) {
  snapshot.routes[0].rules.push_back({.when = {.has_files = true}, .zones = {*parse_zone("local")}});
  snapshot.routes[0].rules.push_back({.when = {.has_audio = true}, .zones = {*parse_zone("cloud:eu")}});
  EXPECT_EQ(kept(ask("large")), "large");
  facts.has_files = true;
  EXPECT_EQ(kept(ask("large")), "");
  EXPECT_EQ(kept(ask("small")), "small");
  facts.has_files = false;
  facts.has_audio = true;
  EXPECT_EQ(kept(ask("large")), "");
  EXPECT_EQ(kept(ask("europe")), "europe");
}

TEST_F(Decide, what_cannot_be_read_is_a_class_unless_the_route_accepts_its_kind) {
  rule(0).when = {.sensitive_any = true};
  facts.unreadable = unreadable_images | unreadable_files;
  auto plan = ask("assistant");
  EXPECT_EQ(kept(plan), "small");
  EXPECT_EQ(plan.classes, class_unreadable);
  EXPECT_EQ(kept(ask("large")), "");
  EXPECT_NE(
      ask("large").refusal.message.find("route `assistant` lets that pass with `accept_unreadable: [images, files]`"),
      std::string::npos)
      << ask("large").refusal.message;
  snapshot.routes[0].accepts = unreadable_images;
  EXPECT_EQ(kept(ask("assistant")), "small");
  EXPECT_EQ(ask("assistant").unreadable, unreadable_files);
  snapshot.routes[0].accepts = unreadable_images | unreadable_files;
  plan = ask("assistant");
  EXPECT_EQ(kept(plan), "small europe large");
  EXPECT_EQ(plan.classes, 0U);
  EXPECT_EQ(kept(ask("large")), "large");
  facts.declared = class_unreadable;  // whoever declares it knows more than the form says
  EXPECT_EQ(kept(ask("assistant")), "small");
}

TEST_F(Decide, for_a_model_that_is_named_only_what_every_route_accepts_is_accepted) {
  snapshot.routes[0].accepts = unreadable_images | unreadable_files;
  snapshot.routes.push_back({.name = "other", .accepts = unreadable_images});
  index_names(snapshot);
  facts.unreadable = unreadable_images | unreadable_files;
  EXPECT_EQ(ask("large").classes, class_unreadable);
  EXPECT_EQ(ask("large").unreadable, unreadable_files);
  facts.unreadable = unreadable_images;
  EXPECT_EQ(ask("large").classes, 0U);
}

TEST_F(Decide, a_model_that_its_server_passes_on_is_in_the_cloud) {
  snapshot.models[0].zone = *parse_zone("cloud");
  EXPECT_EQ(kept(ask("assistant", class_personal)), "");
  snapshot.models[0].zone.reset();
  EXPECT_EQ(kept(ask("assistant", class_personal)), "small");
  health.models = {{.elsewhere = true}};
  EXPECT_EQ(kept(ask("assistant", class_personal)), "");
  EXPECT_EQ(kept(ask("small", class_personal)), "");
  EXPECT_EQ(kept(ask("assistant")), "small europe large");
}

TEST_F(Decide, a_rule_after_the_one_that_names_candidates_still_narrows) {
  snapshot.routes[0].rules.push_back({.when = {.tags = {"eu"}}, .zones = {*parse_zone("cloud:eu")}});
  facts.tags = {"x", "eu"};
  EXPECT_EQ(kept(ask("assistant")), "europe");
  EXPECT_EQ(ask("assistant").matched_rules, (std::vector<int16_t>{1, 2}));
}

TEST_F(Decide, first_matching_use_wins) {
  snapshot.routes[0].rules.insert(snapshot.routes[0].rules.begin() + 1,
                                  Rule{.when = {.tokens_above = 1000}, .use = {3}, .spill_queue_ms = 5});
  facts.input_tokens = 1001;
  const auto plan = ask("assistant");
  EXPECT_EQ(kept(plan), "large");
  EXPECT_EQ(plan.spill_queue_ms, 5);
  facts.input_tokens = 1000;
  EXPECT_EQ(kept(ask("assistant")), "small europe large");
}

TEST_F(Decide, the_bounds_of_a_prompts_length_do_not_count_themselves) {
  rule(1).when.tokens_above = 1000;
  rule(1).when.tokens_below = 2000;
  for (const auto& [tokens, holds] : {std::pair{1000, false}, {1001, true}, {1999, true}, {2000, false}}) {
    facts.input_tokens = tokens;
    EXPECT_EQ(!kept(ask("assistant")).empty(), holds) << tokens;
  }
}

TEST_F(Decide, a_prompt_may_fill_a_context_to_its_last_token) {
  snapshot.models[3].context_length = 1000;
  for (const auto& [tokens, media, fits] : {std::array{1000, 0, 1}, {1001, 0, 0}, {1500, 500, 1}, {1501, 500, 0}}) {
    facts.input_tokens = tokens;
    facts.media_tokens = media;
    EXPECT_EQ(kept(ask("large")), fits != 0 ? "large" : "") << tokens << " tokens, of media " << media;
  }
}

TEST_F(Decide, unavailable_candidates_go_to_the_end_but_stay) {
  health.models = {{.available = false}};
  EXPECT_EQ(kept(ask("assistant")), "europe large small");
  EXPECT_EQ(kept(ask("small")), "small");
}

TEST_F(Decide, refuses_for_the_zone_when_a_candidate_could_have_answered_elsewhere) {
  snapshot.models[0].context_length = 4096;
  facts.input_tokens = 9000;
  const auto plan = ask("assistant", class_personal);
  EXPECT_EQ(plan.refusal.code, ErrorCode::zone_refused);
  EXPECT_EQ(
      plan.refusal.message,
      "This request contains personal data and may go only to local, by rule 1 of route `assistant` (line 14); no "
      "model there that route `assistant` names can take it (`small` takes 4096 tokens, and the prompt is estimated "
      "at 9000). Add a model in local that can, or change the rule.");
}

TEST_F(Decide, says_which_model_would_do_when_the_route_names_none_in_the_zone) {
  rule(1).use = {3};
  EXPECT_NE(ask("assistant", class_personal).refusal.message.find("Add one of `small` to the rule's `use`."),
            std::string::npos);
}

struct Lack {
  const char* name;
  void (*make)(Snapshot&, RequestFacts&);
  ErrorCode code;
  const char* param;
  const char* message;
};

class DecideLack : public Decide, public ::testing::WithParamInterface<Lack> {};

TEST_P(DecideLack, is_told_to_the_caller) {
  rule(1).use = {0};
  GetParam().make(snapshot, facts);
  const auto plan = ask("assistant");
  EXPECT_EQ(plan.refusal.code, GetParam().code);
  EXPECT_EQ(plan.refusal.param, GetParam().param);
  EXPECT_EQ(plan.refusal.message, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    all, DecideLack,
    ::testing::Values(
        Lack{"operation", [](Snapshot&, RequestFacts& f) { f.operation = Operation::embedding; },
             ErrorCode::invalid_request, "model",
             "Nothing that route `assistant` names can take this request: `small` does not serve embeddings."},
        Lack{"tools", [](Snapshot& s, RequestFacts& f) { s.models[0].tools = false, f.has_tools = true; },
             ErrorCode::invalid_request, "tools",
             "Nothing that route `assistant` names can take this request: `small` takes no tools."},
        Lack{"images", [](Snapshot& s, RequestFacts& f) { s.models[0].images = false, f.has_images = true; },
             ErrorCode::invalid_request, "messages",
             "Nothing that route `assistant` names can take this request: `small` takes no images."},
        Lack{"context", [](Snapshot& s, RequestFacts& f) { s.models[0].context_length = 10, f.input_tokens = 11; },
             ErrorCode::context_overflow, "messages",
             "Nothing that route `assistant` names can take this request: `small` takes 10 tokens, and the prompt is "
             "estimated at 11. The input is estimated at 11 tokens, and the largest context here is 10 (`small`). "
             "Shorten "
             "the prompt, or add a model that takes more to `larger_context` of route `assistant`."},
        Lack{"mixed",
             [](Snapshot& s, RequestFacts& f) {
               s.routes[0].rules[1].use = {0, 2};
               s.models[0].context_length = 10, f.input_tokens = 11;
               s.models[2].tools = false, f.has_tools = true;
             },
             ErrorCode::invalid_request, "",
             "Nothing that route `assistant` names can take this request: `small` takes 10 tokens, and the prompt is "
             "estimated at 11; `europe` takes no tools."},
        Lack{
            "nothing_named", [](Snapshot& s, RequestFacts&) { s.routes[0].rules.pop_back(); }, ErrorCode::no_target, "",
            "No rule of route `assistant` that holds for this request names models. End its rules with one that always "
            "holds: {use: [...]}."}),
    [](const auto& row) { return row.param.name; });

TEST_F(Decide, a_route_wins_over_a_model_of_the_same_name) {
  snapshot.routes.push_back({.name = "large", .rules = {{.use = {0}}}});
  index_names(snapshot);
  EXPECT_EQ(kept(ask("large")), "small");
}

TEST_F(Decide, unknown_name_says_what_exists_and_what_is_near) {
  const auto message = [&](std::string_view name) {
    facts.requested_model = name;
    const auto plan = decide(facts, snapshot, health);
    EXPECT_FALSE(plan.has_value());
    EXPECT_EQ(plan.error().code, ErrorCode::unknown_model);
    EXPECT_EQ(plan.error().param, "model");
    return plan.error().message;
  };
  EXPECT_EQ(message("asistant"),
            "`asistant` is neither a route nor a model here; did you mean `assistant`? There are: assistant, small, "
            "vectors, europe, large.");
  EXPECT_EQ(message("gpt-4o"),
            "`gpt-4o` is neither a route nor a model here. There are: assistant, small, vectors, europe, large.");
  EXPECT_NE(message("vendor/large").find("it is called `large`."), std::string::npos);
  EXPECT_NE(message("").find("The field `model` is empty."), std::string::npos);
  EXPECT_EQ(message("a\r\nb").find('\n'), std::string::npos);
  EXPECT_LT(message(std::string(100'000, 'x')).size(), 300U);
  for (int i = 0; i < 20; ++i) add_model("extra" + std::to_string(i), 0);
  EXPECT_NE(message("zzz").find("and 15 more."), std::string::npos) << message("zzz");
}

TEST_F(Decide, takes_the_settings_of_the_route_into_the_plan) {
  auto& route = snapshot.routes[0];
  route.on_stream_failure = OnStreamFailure::resume;
  route.total_ms = 1234;
  route.baseline = 3;
  const auto plan = ask("assistant");
  EXPECT_EQ(plan.on_stream_failure, OnStreamFailure::resume);
  EXPECT_EQ(plan.total_ms, 1234);
  EXPECT_EQ(plan.baseline, 3U);
  EXPECT_EQ(plan.use_rule, 1);
}

TEST(policies, each_can_be_found_by_its_name) {
  ASSERT_FALSE(policy_infos().empty());
  for (const auto& info : policy_infos()) {
    ASSERT_NE(find_policy(info.name), nullptr);
    EXPECT_EQ(find_policy(info.name)->info().name, info.name);
    EXPECT_FALSE(info.description.empty());
  }
  EXPECT_EQ(find_policy("astrology"), nullptr);
}

}  // namespace
}  // namespace weir
