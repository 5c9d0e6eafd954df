// Properties of every decision, over random configs and requests. Each failure prints the seed that repeats it.
#include <gtest/gtest.h>

#include <map>

#include "policies/policy.h"
#include "worlds.h"

namespace weir::test {
namespace {

constexpr uint64_t worlds = 100'000;

std::map<uint32_t, bool> kept_models(const Plan& plan) {
  std::map<uint32_t, bool> kept;
  for (const auto& candidate : plan.candidates) {
    kept[candidate.model] = kept[candidate.model] || is_kept(candidate.verdict);
  }
  return kept;
}

std::vector<uint32_t> order_of_kept(const Plan& plan) {
  std::vector<uint32_t> order;
  for (const auto& candidate : plan.candidates) {
    if (is_kept(candidate.verdict)) order.push_back(candidate.model);
  }
  return order;
}

TEST(privacy, no_plan_keeps_a_candidate_outside_the_allowed_zones) {
  std::size_t kept = 0, dropped = 0, refused = 0;
  for (uint64_t seed = 0; seed < worlds; ++seed) {
    Dice dice(seed);
    const auto snapshot = random_snapshot(dice);
    const auto facts = random_facts(dice, snapshot);
    const auto plan = decide(facts, snapshot, random_health(dice, snapshot));
    ASSERT_TRUE(plan.has_value()) << "seed " << seed;
    for (const auto& candidate : plan->candidates) {
      const bool allowed = oracle_allows(facts, snapshot, candidate.model);
      // What the plan shows as its zones is what the rules together allow, no more and no less.
      const auto zone = zone_of(candidate, snapshot);
      ASSERT_EQ(plan->narrowed_by.empty() || any_allows(plan->zones, zone), allowed) << "seed " << seed;
      if (is_kept(candidate.verdict)) {
        ASSERT_TRUE(allowed) << "seed " << seed << ": " << to_json(*plan, snapshot);
        ++kept;
      } else {
        // Never stricter than the rules either: what is dropped for its zone is truly not allowed.
        ASSERT_EQ(candidate.verdict == Verdict::zone, !allowed) << "seed " << seed << ": " << to_json(*plan, snapshot);
        ++dropped;
      }
    }
    refused += plan->refusal.code == ErrorCode::zone_refused ? 1 : 0;
  }
  // The worlds are worth something only if each of these happens often.
  EXPECT_GT(kept, worlds / 5);
  EXPECT_GT(dropped, worlds / 5);
  EXPECT_GT(refused, worlds / 50);
}

TEST(privacy, a_policy_that_ignores_zones_is_overruled) {
  class Reckless final : public Policy {
   public:
    [[nodiscard]] PolicyInfo info() const override { return {.name = "reckless", .description = "names all"}; }
    [[nodiscard]] Plan plan(const RequestFacts&, const RouteSettings&, const Snapshot& snapshot,
                            const HealthView&) const override {
      Plan plan;
      plan.zones = {Zone{.kind = ZoneKind::cloud}};
      plan.narrowed_by = {};
      for (uint32_t i = 0; i < snapshot.models.size() + 2; ++i) plan.candidates.push_back({.model = i});
      return plan;
    }
  };
  const Reckless reckless;
  for (uint64_t seed = 0; seed < worlds / 10; ++seed) {
    Dice dice(seed);
    const auto snapshot = random_snapshot(dice);
    auto facts = random_facts(dice, snapshot);
    facts.requested_model = snapshot.routes.front().name;
    const auto plan = plan_route(reckless, 0, facts, snapshot, {});
    ASSERT_EQ(plan.candidates.size(), snapshot.models.size());
    for (const auto model : order_of_kept(plan)) {
      ASSERT_TRUE(oracle_allows(facts, snapshot, model)) << "seed " << seed;
    }
  }
}

TEST(privacy, a_rule_more_never_widens_the_zones) {
  for (uint64_t seed = 0; seed < worlds / 4; ++seed) {
    Dice dice(seed);
    auto snapshot = random_snapshot(dice);
    const auto facts = random_facts(dice, snapshot);
    const auto before = decide(facts, snapshot, {});
    // Before, after or between the others, on any route; it narrows, and may name candidates only at the end, where it
    // cannot take over from one that named them before.
    auto& rules = dice.pick(snapshot.routes).rules;
    auto& changed = const_cast<std::vector<Rule>&>(rules);
    Rule rule{.when = random_when(dice), .zones = {*parse_zone(dice.pick(zones))}};
    changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(dice.roll(changed.size() + 1)), rule);
    const auto after = decide(facts, snapshot, {});
    for (uint32_t model = 0; model < snapshot.models.size(); ++model) {
      const auto was = kept_models(*before);
      const auto is = kept_models(*after);
      if (is.count(model) == 1 && is.at(model)) {
        ASSERT_TRUE(was.at(model)) << "seed " << seed << " model " << model;
      }
    }
  }
}

TEST(privacy, declaring_classes_only_narrows) {
  std::size_t narrowed = 0;
  for (uint64_t seed = 0; seed < worlds / 2; ++seed) {
    Dice dice(seed);
    auto snapshot = random_snapshot(dice);
    // Classes choose candidates too (`use`); whether they narrow is seen where the same candidates are named.
    for (auto& route : snapshot.routes) {
      for (auto& rule : route.rules) {
        if (!rule.use.empty()) rule.when.sensitive = 0, rule.when.sensitive_any = false;
      }
    }
    auto facts = random_facts(dice, snapshot);
    facts.declared = 0;
    const auto before = decide(facts, snapshot, {});
    facts.declared = ClassSet{1} << dice.roll(5);
    const auto after = decide(facts, snapshot, {});
    const auto was = kept_models(*before);
    for (const auto& [model, kept] : kept_models(*after)) {
      if (kept) {
        ASSERT_TRUE(was.at(model)) << "seed " << seed << " model " << model;
      }
    }
    narrowed += after->kept() < before->kept() ? 1 : 0;
  }
  EXPECT_GT(narrowed, worlds / 400);
}

TEST(privacy, what_is_declared_counts_as_much_as_what_is_found) {
  for (uint64_t seed = 0; seed < worlds / 10; ++seed) {
    Dice dice(seed);
    const auto snapshot = random_snapshot(dice);
    auto facts = random_facts(dice, snapshot);
    facts.found &= ~ClassSet{class_identity};  // part of `any` where it is declared: identity_test.cpp
    facts.declared &= ~ClassSet{class_identity};
    const auto together = decide(facts, snapshot, {});
    std::swap(facts.found, facts.declared);
    const auto swapped = decide(facts, snapshot, {});
    ASSERT_EQ(to_json(*together, snapshot), to_json(*swapped, snapshot)) << "seed " << seed;
  }
}

TEST(decisions, are_the_same_for_the_same_input) {
  for (uint64_t seed = 0; seed < worlds / 10; ++seed) {
    Dice dice(seed);
    const auto snapshot = random_snapshot(dice);
    const Snapshot copy = snapshot;
    const auto facts = random_facts(dice, snapshot);
    const auto health = random_health(dice, snapshot);
    const auto first = decide(facts, snapshot, health);
    const auto second = decide(facts, copy, health);
    ASSERT_EQ(to_json(*first, snapshot), to_json(*second, copy)) << "seed " << seed;
  }
}

TEST(decisions, account_for_every_model_that_is_named) {
  for (uint64_t seed = 0; seed < worlds / 10; ++seed) {
    Dice dice(seed);
    const auto snapshot = random_snapshot(dice);
    const auto facts = random_facts(dice, snapshot);
    const auto health = random_health(dice, snapshot);
    const auto plan = decide(facts, snapshot, health);
    if (plan->route && plan->use_rule >= 0) {
      const auto& rule = snapshot.routes[*plan->route].rules[static_cast<std::size_t>(plan->use_rule)];
      ASSERT_EQ(plan->candidates.size(), rule.use.size()) << "seed " << seed;
    }
    bool fell_behind = false, dropped = false;
    for (const auto& candidate : plan->candidates) {
      ASSERT_FALSE(describe(candidate, *plan, snapshot).empty()) << "seed " << seed;
      // Kept, then unavailable, then dropped.
      ASSERT_FALSE(dropped && is_kept(candidate.verdict)) << "seed " << seed;
      ASSERT_FALSE(fell_behind && candidate.verdict == Verdict::kept) << "seed " << seed;
      ASSERT_EQ(candidate.verdict == Verdict::unavailable,
                is_kept(candidate.verdict) && !health.of(candidate.model).available)
          << "seed " << seed;
      fell_behind = fell_behind || candidate.verdict == Verdict::unavailable;
      dropped = dropped || !is_kept(candidate.verdict);
    }
    ASSERT_EQ(plan->kept() == 0, !plan->refusal.message.empty()) << "seed " << seed;
  }
}

TEST(decisions, give_reasons_that_fit_a_header) {
  for (uint64_t seed = 0; seed < worlds / 10; ++seed) {
    Dice dice(seed);
    const auto snapshot = random_snapshot(dice);
    const auto facts = random_facts(dice, snapshot);
    const auto plan = decide(facts, snapshot, {});
    const auto line = reason_line(*plan, snapshot, static_cast<uint32_t>(dice.roll(8)), 1);
    ASSERT_FALSE(line.empty());
    ASSERT_TRUE(std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c <= '~'; })) << line;
  }
}

}  // namespace
}  // namespace weir::test
