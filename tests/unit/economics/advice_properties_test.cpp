// What holds for the advice to any team, with the costs of the real cost model, catalog and sizing.
#include <gtest/gtest.h>

#include <set>

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
  auto costed = economics_of(answers, prices);
  EXPECT_TRUE(costed) << costed.error().message;
  Given out{.economics = std::move(costed).value_or(Economics{}), .advice = {}};
  out.advice = advise(answers, out.economics);
  return out;
}

std::string shown(const Answers& answers, const Given& given) {
  return to_json(answers, given.advice, given.economics);
}

// The verdict follows from the costs and needs that the report shows, for any team.
TEST(advice_properties, no_cheaper_choice_meets_what_the_verdict_meets) {
  AnyAnswers any(1);
  int dearer_for_a_need = 0;
  for (int round = 0; round < 300; ++round) {
    const Answers answers = any.make();
    const Given given = advice_for(answers);
    const auto& [economics, advice] = given;
    const MicroDollars cost = to_cents(given.cost());
    for (const Verdict other : all_verdicts) {
      if (to_cents(economics.of(other).monthly) >= cost) continue;
      ++dearer_for_a_need;
      const bool misses_one = std::any_of(advice.needs.begin(), advice.needs.end(), [&](const Need& need) {
        return need.met_by(advice.verdict) && !need.met_by(other);
      });
      EXPECT_TRUE(misses_one) << to_string(other) << '\n' << shown(answers, given);
    }
    if (advice.needs.empty()) {
      EXPECT_EQ(advice.verdict, advice.choice.cheapest) << shown(answers, given);
    }
  }
  EXPECT_GT(dearer_for_a_need, 30);
}

// Words and tables are of one mind: a sentence names no amount that a table does not have.
TEST(advice_properties, every_amount_of_a_sentence_stands_in_a_table) {
  AnyAnswers any(9);
  const auto amounts_of = [](std::string_view text) {
    std::vector<std::string> out;
    for (auto at = text.find('$'); at != std::string_view::npos; at = text.find('$', at)) {
      auto end = text.find_first_not_of("0123456789,.", at + 1);
      if (end == std::string_view::npos) end = text.size();
      while (end > at + 1 && (text[end - 1] == ',' || text[end - 1] == '.')) --end;
      out.emplace_back(text.substr(at, end - at));
      at = end;
    }
    return out;
  };
  for (int round = 0; round < 150; ++round) {
    const Answers answers = any.make();
    const Given given = advice_for(answers);
    std::set<std::string> in_tables;
    for (const Section& section : to_report(answers, given.advice, given.economics).sections) {
      for (const Block& block : section.blocks) {
        const auto* const table = std::get_if<Table>(&block);
        if (table == nullptr) continue;
        for (const auto& row : table->rows) {
          for (const auto& cell : row) {
            for (auto& amount : amounts_of(cell)) in_tables.insert(std::move(amount));
          }
        }
      }
    }
    std::vector<std::string> sentences = given.advice.because;
    sentences.push_back(given.advice.summary);
    sentences.push_back(given.advice.stage_reason);
    sentences.push_back(given.advice.next_reason);
    for (const auto& sentence : sentences) {
      for (const auto& amount : amounts_of(sentence)) {
        EXPECT_TRUE(in_tables.contains(amount)) << amount << " in: " << sentence << '\n' << shown(answers, given);
      }
    }
    EXPECT_TRUE(given.advice.summary.starts_with(given.advice.verdict == Verdict::cloud    ? "Cloud:"
                                                 : given.advice.verdict == Verdict::hybrid ? "Hybrid:"
                                                                                           : "Local:"));
  }
}

TEST(advice_properties, more_sensitive_data_never_brings_in_the_cloud) {
  AnyAnswers any(10);
  for (int round = 0; round < 100; ++round) {
    Answers less = any.make();
    Answers more = less;
    more.sensitive |= static_cast<ClassSet>(1 + any.upto(14));
    more.sensitive_share = less.sensitive_share + any.upto(whole_share - less.sensitive_share);
    if (more.sensitive_share == 0) more.sensitive_share = 1;
    const Given before = advice_for(less);
    const Given after = advice_for(more);
    if (before.advice.verdict != Verdict::cloud) {
      EXPECT_NE(after.advice.verdict, Verdict::cloud) << shown(less, before) << '\n' << shown(more, after);
    }
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
      EXPECT_LE(to_cents(cost), last);
      last = to_cents(cost);
      // Over the budget only where nothing that is allowed keeps it; then it is the cheapest of them.
      for (const Verdict other : all_verdicts) {
        const bool lawful = std::all_of(advice.needs.begin(), advice.needs.end(), [&](const Need& need) {
          return need.strength != Strength::law || need.met_by(other);
        });
        if (lawful && cost > budget) {
          EXPECT_GE(to_cents(unlimited.economics.of(other).monthly), to_cents(cost));
        }
      }
    }
  }
}

TEST(advice_properties, parts_add_up_and_every_assumption_has_its_value_and_its_source) {
  AnyAnswers any(5);
  for (int round = 0; round < 100; ++round) {
    const Answers answers = any.make();
    const Given given = advice_for(answers);
    for (const Assumption& one : given.economics.assumptions) {
      EXPECT_FALSE(one.what.empty() || one.value.empty() || one.from.empty()) << one.what << one.value << one.from;
    }
    for (const OptionCost& option : given.economics.options.values) {
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
