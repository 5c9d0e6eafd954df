// Rules that say what may enter a zone only without something, and rules that refuse.
#include <gtest/gtest.h>

#include "policies/policy.h"
#include "worlds.h"

namespace weir {
namespace {

const Zone local_zone{.kind = ZoneKind::local};
const Zone cloud_zone{.kind = ZoneKind::cloud};
const Zone cloud_eu{.kind = ZoneKind::cloud, .region = "eu"};

// Models `near` (local), `far` (cloud) and `eu` (cloud:eu), on the route `r` in that order, after `rules`.
Snapshot world(std::vector<Rule> rules) {
  Snapshot s;
  const std::pair<const char*, Zone> places[] = {{"near", local_zone}, {"far", cloud_zone}, {"eu", cloud_eu}};
  for (const auto& [name, zone] : places) {
    const auto index = static_cast<uint32_t>(s.providers.size());
    s.providers.push_back({.id = name, .zone = zone});
    s.models.push_back({.id = name, .provider = index, .name = name});
    s.model_by_id.emplace(name, index);
  }
  rules.push_back({.use = {0, 1, 2}});
  s.routes.push_back({.name = "r", .rules = std::move(rules)});
  s.route_by_name.emplace("r", 0);
  return s;
}

Rule redact(When when, std::vector<Zone> zones) { return {.when = std::move(when), .redact = std::move(zones)}; }

const Candidate& of(const Plan& plan, uint32_t model) {
  return *std::find_if(plan.candidates.begin(), plan.candidates.end(),
                       [&](const Candidate& one) { return one.model == model; });
}

TEST(redaction, is_asked_of_the_zones_that_the_rule_names) {
  const auto s = world({redact({.sensitive_any = true}, {cloud_eu})});
  const auto plan = decide({.requested_model = "r", .found = class_personal}, s, {});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->kept(), 3U);
  EXPECT_EQ(of(*plan, 0).redact, 0U);
  EXPECT_EQ(of(*plan, 1).redact, 0U);
  EXPECT_EQ(of(*plan, 2).redact, class_personal);
  EXPECT_NE(describe(of(*plan, 2), *plan, s).find("redacted: personal by rule 1"), std::string::npos);
  EXPECT_NE(to_json(*plan, s).find(R"("redact":["personal"])"), std::string::npos);
  const auto clean = decide({.requested_model = "r"}, s, {});
  for (const auto& one : clean->candidates) EXPECT_EQ(one.redact, 0U);
}

TEST(redaction, is_the_union_of_all_rules_that_hold) {
  const auto s = world({redact({.sensitive = class_personal}, {cloud_zone}),
                        redact({.sensitive = class_secret, .confidence = Confidence::high}, {cloud_zone})});
  const RequestFacts facts{.requested_model = "r", .found = class_personal | class_secret};
  const auto plan = decide(facts, s, {});
  EXPECT_EQ(of(*plan, 1).redact, class_personal | class_secret);
  const auto wish = redaction_for(*plan, cloud_zone, facts, s);
  EXPECT_EQ(wish.any, class_personal);
  EXPECT_EQ(wish.high, class_secret);
  EXPECT_EQ(redaction_for(*plan, local_zone, facts, s).classes(), 0U);
}

TEST(redaction, of_what_was_not_found_fails_closed) {
  const auto s = world({redact({.sensitive_any = true}, {cloud_zone})});
  const RequestFacts cases[] = {
      {.requested_model = "r", .declared = class_health},
      {.requested_model = "r", .found = class_personal, .declared = class_health},
      {.requested_model = "r", .unreadable = unreadable_images},
      {.requested_model = "r", .found = class_personal, .unreadable = unreadable_files},
  };
  for (const auto& facts : cases) {
    const auto plan = decide(facts, s, {});
    EXPECT_EQ(plan->kept(), 1U);
    EXPECT_EQ(of(*plan, 1).verdict, Verdict::redaction);
    RequestFacts direct = facts;
    direct.requested_model = "far";
    const auto refused = decide(direct, s, {});
    EXPECT_EQ(refused->kept(), 0U);
    EXPECT_EQ(refused->refusal.code, ErrorCode::zone_refused);
    EXPECT_NE(refused->refusal.message.find("cannot be taken out"), std::string::npos);
  }
  const auto both = decide({.requested_model = "r", .found = class_health, .declared = class_health}, s, {});
  EXPECT_EQ(both->kept(), 3U);
}

TEST(redaction, never_widens_what_zones_allow) {
  const auto s = world(
      {{.when = {.sensitive = class_secret}, .zones = {local_zone}}, redact({.sensitive_any = true}, {cloud_zone})});
  const auto plan = decide({.requested_model = "r", .found = class_secret}, s, {});
  EXPECT_EQ(plan->kept(), 1U);
  EXPECT_EQ(of(*plan, 1).verdict, Verdict::zone);
  test::Dice dice(11);
  for (int round = 0; round < 20'000; ++round) {
    auto random = test::random_snapshot(dice);
    const auto facts = test::random_facts(dice, random);
    for (auto& route : random.routes) {
      for (auto& rule : route.rules) {
        if (dice.one_in(3)) rule.redact = {cloud_zone};
        rule.block = dice.one_in(12);
      }
    }
    const auto one = decide(facts, random, test::random_health(dice, random));
    if (!one) continue;
    for (const auto& candidate : one->candidates) {
      if (!is_kept(candidate.verdict)) continue;
      EXPECT_FALSE(one->blocked_by);
      if (!candidate.elsewhere) {
        EXPECT_TRUE(test::oracle_allows(facts, random, candidate.model));
      }
      EXPECT_EQ(redaction_for(*one, zone_of(candidate, random), facts, random).classes(), candidate.redact);
    }
  }
}

TEST(block, refuses_in_every_zone_and_for_models_named_directly) {
  const auto s = world({{.when = {.sensitive = class_secret}, .block = true, .line = 7}});
  for (const auto* name : {"r", "near", "far"}) {
    const auto plan = decide({.requested_model = name, .found = class_secret | class_personal}, s, {});
    EXPECT_EQ(plan->kept(), 0U);
    EXPECT_EQ(plan->refusal.code, ErrorCode::content_blocked);
    EXPECT_NE(plan->refusal.message.find("secret data"), std::string::npos) << plan->refusal.message;
    EXPECT_NE(plan->refusal.message.find("line 7"), std::string::npos);
    EXPECT_EQ(plan->candidates.front().verdict, Verdict::blocked);
    EXPECT_EQ(decide({.requested_model = name, .found = class_personal}, s, {})->kept(), name[0] == 'r' ? 3U : 1U);
  }
}

}  // namespace
}  // namespace weir
