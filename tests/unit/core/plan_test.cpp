#include "core/plan.h"

#include <gtest/gtest.h>

#include "core/json.h"

namespace weir {
namespace {

// gpu (local): small; eu (cloud:eu): europe; us (cloud): large. Route `assistant` with three rules.
Snapshot snapshot_of_three() {
  Snapshot snapshot;
  for (const auto& [id, zone] : {std::pair{"gpu", "local"}, std::pair{"eu", "cloud:eu"}, std::pair{"us", "cloud"}}) {
    snapshot.providers.push_back({.id = id});
    snapshot.providers.back().zone = *parse_zone(zone);
  }
  snapshot.models = {{.id = "small", .provider = 0, .context_length = 4096},
                     {.id = "europe", .provider = 1},
                     {.id = "large", .provider = 2}};
  RouteSettings route{.name = "assistant"};
  route.rules.push_back({.when = {.sensitive = class_personal}, .zones = {*parse_zone("local")}, .line = 14});
  route.rules.push_back({.zones = {*parse_zone("local"), *parse_zone("cloud:eu")}});
  route.rules.push_back({.use = {0, 1, 2}, .line = 17});
  snapshot.routes.push_back(std::move(route));
  index_names(snapshot);
  return snapshot;
}

Plan plan_of(std::vector<Candidate> candidates) {
  Plan plan;
  plan.route = 0;
  plan.use_rule = 2;
  plan.candidates = std::move(candidates);
  plan.input_tokens = 5000;
  return plan;
}

TEST(plan, counts_what_is_kept) {
  const auto plan = plan_of({{.model = 0},
                             {.model = 1, .verdict = Verdict::unavailable},
                             {.model = 2, .verdict = Verdict::named},
                             {.model = 1, .verdict = Verdict::zone},
                             {.model = 1, .verdict = Verdict::operation},
                             {.model = 1, .verdict = Verdict::tools},
                             {.model = 1, .verdict = Verdict::images},
                             {.model = 1, .verdict = Verdict::context},
                             {.model = 1, .verdict = Verdict::repeated}});
  EXPECT_EQ(plan.kept(), 3U);
  EXPECT_EQ(Plan{}.kept(), 0U);
}

struct Reason {
  const char* name;
  Verdict verdict;
  uint32_t model;
  const char* text;
};
class PlanReason : public ::testing::TestWithParam<Reason> {};

TEST_P(PlanReason, is_one_line) {
  const auto snapshot = snapshot_of_three();
  auto plan = plan_of({{.model = GetParam().model, .verdict = GetParam().verdict, .rule = 2}});
  plan.narrowed_by = {{.route = 0, .rule = 1}, {.route = 0, .rule = 0, .classes = class_personal}};
  EXPECT_EQ(describe(plan.candidates[0], plan, snapshot), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(
    all, PlanReason,
    ::testing::Values(Reason{"kept", Verdict::kept, 0, "rule 3 (line 17) names it"},
                      Reason{"zone_for_classes", Verdict::zone, 1,
                             "rule 1 (line 14): personal stays in local; this is cloud:eu"},
                      Reason{"zone_always", Verdict::zone, 2, "rule 2: only local or cloud:eu; this is cloud"},
                      Reason{"operation", Verdict::operation, 0, "does not serve chat"},
                      Reason{"tools", Verdict::tools, 0, "takes no tools"},
                      Reason{"images", Verdict::images, 0, "takes no images"},
                      Reason{"context", Verdict::context, 0,
                             "the prompt, estimated at 5000 tokens, is longer than its context of 4096"},
                      Reason{"unavailable", Verdict::unavailable, 0,
                             "rule 3 (line 17) names it, but it is failing now: behind the others"},
                      Reason{"repeated", Verdict::repeated, 0, "already named before"}),
    [](const auto& row) { return row.param.name; });

TEST(plan, of_a_model_named_directly_says_so) {
  const auto snapshot = snapshot_of_three();
  auto plan = plan_of({{.model = 2, .verdict = Verdict::named}});
  plan.route.reset();
  EXPECT_EQ(describe(plan.candidates[0], plan, snapshot), "named by the caller");
  EXPECT_EQ(reason_line(plan, snapshot, 2, 1), "named directly; large answered, attempt 1 of 1");
  plan.candidates[0].verdict = Verdict::zone;
  plan.narrowed_by = {{.route = 0, .rule = 0, .classes = class_personal}};
  EXPECT_EQ(describe(plan.candidates[0], plan, snapshot),
            "rule 1 of assistant (line 14): personal stays in local; this is cloud");
}

TEST(plan, reason_line_says_what_narrowed_and_who_answered) {
  const auto snapshot = snapshot_of_three();
  auto plan = plan_of({{.model = 0, .rule = 2}, {.model = 1, .rule = 2}});
  EXPECT_EQ(reason_line(plan, snapshot, 0, 1), "rule 3 (line 17); small answered, attempt 1 of 2");
  EXPECT_EQ(reason_line(plan, snapshot, 1, 3), "rule 3 (line 17); europe answered, attempt 3 of 3");
  EXPECT_EQ(reason_line(plan, snapshot, 99, 1), "rule 3 (line 17); none answered, 1 attempt");
  plan.narrowed_by = {{.route = 0, .rule = 0, .classes = class_personal}};
  plan.zones = {*parse_zone("local")};
  EXPECT_EQ(reason_line(plan, snapshot, 0, 1), "rule 1 (line 14) kept local: personal; small answered, attempt 1 of 2");
  plan.narrowed_by.push_back({.route = 0, .rule = 1});
  EXPECT_EQ(reason_line(plan, snapshot, 0, 1),
            "rule 1 (line 14) and 1 more kept local: personal; small answered, attempt 1 of 2");
  plan.candidates.clear();
  EXPECT_EQ(reason_line(plan, snapshot, 0, 0),
            "rule 1 (line 14) and 1 more kept local: personal; nothing is left that may answer");
}

TEST(plan, reason_line_lets_no_foreign_byte_into_a_header) {
  auto snapshot = snapshot_of_three();
  snapshot.models[0].id = "a\r\nb\xc3\xa9";
  snapshot.routes[0].name = "x\n";
  auto plan = plan_of({{.model = 0, .rule = 2}});
  plan.narrowed_by = {{.route = 0, .rule = 0, .classes = class_personal}};
  plan.route.reset();
  const auto line = reason_line(plan, snapshot, 0, 1);
  EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; })) << line;
}

TEST(plan, as_json_can_be_read_back) {
  const auto snapshot = snapshot_of_three();
  auto plan =
      plan_of({{.model = 0, .rule = 2}, {.model = 2, .verdict = Verdict::zone, .rule = 0, .classes = class_personal}});
  plan.narrowed_by = {{.route = 0, .rule = 0, .classes = class_personal}};
  plan.zones = {*parse_zone("local")};
  plan.classes = class_personal;
  plan.matched_rules = {0, 2};
  plan.baseline = 2;
  EXPECT_EQ(
      to_json(plan, snapshot),
      R"({"route":"assistant","zones":["local"],"narrowed_by":[{"route":"assistant","rule":1,"line":14,"zones":["local"],)"
      R"("classes":["personal"]}],"classes":["personal"],"matched_rules":[1,3],"baseline":"large","candidates":[)"
      R"({"model":"small","provider":"gpu","zone":"local","kept":true,"verdict":"kept","reason":"rule 3 (line 17) names it"},)"
      R"({"model":"large","provider":"us","zone":"cloud","kept":false,"verdict":"zone","reason":"rule 1 (line 14): personal )"
      R"(stays in local; this is cloud"}]})");
  plan.candidates.clear();
  plan.narrowed_by.clear();
  plan.route.reset();
  plan.refusal = {.code = ErrorCode::no_target, .message = "nothing \"here\""};
  json::Document document;
  ASSERT_TRUE(document.parse(to_json(plan, snapshot)));
  EXPECT_TRUE(document.root()["route"].is_null());
  EXPECT_TRUE(document.root()["zones"].is_null());
  EXPECT_EQ(std::string_view(document.root()["refusal"]["code"]), "no_target");
  EXPECT_EQ(std::string_view(document.root()["refusal"]["message"]), "nothing \"here\"");
}

}  // namespace
}  // namespace weir
