// What holds for the advice to any team, with the costs of the real cost model, catalog and sizing.
#include <gtest/gtest.h>

#include "advice_worlds.h"
#include "config/load.h"
#include "policies/policy.h"

namespace weir::plan {
namespace {

using test::AnyAnswers;

struct Given {
  Economics economics;
  Advice advice;

  [[nodiscard]] MicroDollars cost() const { return economics.of(advice.verdict).monthly; }
};

Given advice_for(const Answers& answers) {
  static const Catalog prices{std::string(test::today)};
  Given out{.economics = economics_of(answers, prices), .advice = {}};
  out.advice = advise(answers, out.economics);
  return out;
}

std::string shown(const Answers& answers, const Given& given) {
  return to_json(answers, given.advice, given.economics);
}

TEST(advice_properties, more_sensitive_data_never_moves_towards_the_cloud) {
  AnyAnswers any(1);
  for (int round = 0; round < 150; ++round) {
    Answers less = any.make();
    Answers more = less;
    more.sensitive |= static_cast<ClassSet>(1 + any.upto(14));
    more.sensitive_share = less.sensitive_share + any.upto(whole_share - less.sensitive_share);
    if (more.sensitive_share == 0) more.sensitive_share = 1;
    const Given before = advice_for(less);
    const Given after = advice_for(more);
    EXPECT_GE(after.advice.verdict, before.advice.verdict) << shown(less, before) << '\n' << shown(more, after);
  }
}

TEST(advice_properties, data_that_must_stay_is_never_sent_to_the_cloud_alone) {
  AnyAnswers any(2);
  for (int round = 0; round < 150; ++round) {
    const Answers answers = any.make();
    const Given given = advice_for(answers);
    if (classes_that_stay(answers) != 0) {
      EXPECT_NE(given.advice.verdict, Verdict::cloud);
      EXPECT_GE(given.economics.of(given.advice.verdict).local_share, answers.sensitive_share);
    }
    if (answers.residency == Residency::on_premises) {
      EXPECT_EQ(given.advice.verdict, Verdict::local);
    }
  }
}

TEST(advice_properties, more_volume_never_moves_a_verdict_that_is_local_by_cost_to_the_cloud) {
  AnyAnswers any(3);
  int local_by_cost = 0;
  for (int round = 0; round < 150; ++round) {
    Answers less = any.make();
    const Given before = advice_for(less);
    const auto stays_from = before.economics.break_even;
    if (before.advice.verdict != Verdict::local || !stays_from || less.workload.requests < *stays_from) continue;
    ++local_by_cost;
    Answers more = less;
    AnyAnswers::set_volume(more, less.workload.requests * (2 + any.upto(20)), less.input_per_request(),
                           less.output_per_request());
    const Given after = advice_for(more);
    EXPECT_NE(after.advice.verdict, Verdict::cloud) << shown(less, before) << '\n' << shown(more, after);
    EXPECT_GE(after.advice.weight, before.advice.weight);
  }
  EXPECT_GT(local_by_cost, 10);
}

TEST(advice_properties, a_smaller_budget_never_leads_to_a_dearer_choice) {
  AnyAnswers any(4);
  for (int round = 0; round < 150; ++round) {
    Answers answers = any.make();
    const Given unlimited = advice_for(answers);
    MicroDollars last = most_money;
    for (MicroDollars budget = 1'000'000'000'000; budget > 1'000'000; budget = budget * 2 / 3) {
      answers.budget = budget;
      const Advice advice = advise(answers, unlimited.economics);
      const MicroDollars cost = unlimited.economics.of(advice.verdict).monthly;
      EXPECT_LE(cost, last);
      last = cost;
      // Over the budget only where nothing that is allowed keeps it; then it is the cheapest of them.
      for (const Verdict other : {Verdict::cloud, Verdict::hybrid, Verdict::local}) {
        if (!advice.standing[static_cast<std::size_t>(other)].allowed) continue;
        const MicroDollars would_cost = unlimited.economics.of(other).monthly;
        if (cost > budget) {
          EXPECT_GE(would_cost, cost);
        }
      }
    }
  }
}

TEST(advice_properties, parts_add_up_and_every_reason_has_its_number) {
  AnyAnswers any(5);
  for (int round = 0; round < 100; ++round) {
    const Answers answers = any.make();
    const Given given = advice_for(answers);
    int weight = 0;
    for (const Reason& reason : given.advice.reasons) {
      weight += reason.weight;
      const bool has_digit = reason.number.find_first_of("0123456789") != std::string::npos;
      EXPECT_TRUE(has_digit || reason.what == "budget" || reason.what == "people") << reason.what << reason.number;
    }
    EXPECT_EQ(weight, given.advice.weight);
    for (const OptionCost& option : given.economics.options) {
      EXPECT_EQ(option.monthly, option.cloud_part + option.machines_part + option.people_part);
      EXPECT_GT(option.monthly, 0);
    }
    EXPECT_EQ(given.economics.of(Verdict::local).cloud_part, 0);
    EXPECT_EQ(given.economics.of(Verdict::cloud).machines_part, 0);
  }
}

// What a request with these classes may reach by the configuration: the zones of the kept candidates.
std::vector<std::string> zones_reached(const Snapshot& snapshot, ClassSet found, const std::string& model) {
  RequestFacts facts{.requested_model = model, .found = found, .input_tokens = 100};
  std::vector<std::string> zones;
  const auto plan = decide(facts, snapshot, {});
  if (!plan) return zones;
  for (const auto& one : plan->candidates) {
    if (is_kept(one.verdict)) zones.push_back(to_string(snapshot.providers[snapshot.models[one.model].provider].zone));
  }
  return zones;
}

TEST(advice_properties, every_configuration_loads_and_keeps_the_zones) {
  AnyAnswers any(6);
  for (int round = 0; round < 200; ++round) {
    Answers answers = any.make();
    if (any.upto(3) == 0) answers.name = "a: \"b\" # c\n- d\x1b[2J {${HOME}}";
    const Given given = advice_for(answers);
    const std::string text = weir_yaml(answers, given.advice, given.economics);
    const Loaded loaded =
        load_config_text(text, "weir.yaml", {.environment = [](std::string_view name) -> std::optional<std::string> {
                           return name.ends_with("_API_KEY") ? std::optional<std::string>("k") : std::nullopt;
                         }});
    ASSERT_EQ(render_problems(loaded.problems, loaded.text), "") << text;
    for (ClassSet found = 0; found < 16; ++found) {
      for (const std::string model : {"assistant", "own", "rented"}) {
        for (const std::string& zone : zones_reached(loaded.snapshot, found, model)) {
          if ((found & classes_that_stay(answers)) != 0 || answers.residency == Residency::on_premises) {
            EXPECT_EQ(zone, "local") << text;
          }
          if (answers.residency == Residency::eu) {
            EXPECT_TRUE(zone == "local" || zone == "cloud:eu") << text;
          }
        }
      }
    }
    // Something is served.
    EXPECT_FALSE(zones_reached(loaded.snapshot, 0, "assistant").empty()) << text;
    if (given.advice.verdict != Verdict::cloud) {
      EXPECT_FALSE(zones_reached(loaded.snapshot, answers.sensitive, "assistant").empty()) << text;
    }
  }
}

}  // namespace
}  // namespace weir::plan
