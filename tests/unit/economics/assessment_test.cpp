// The reference cases of examples/plans, to the dollar, and what a whole assessment says.
#include "economics/cost/assessment.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "comparisons.h"
#include "core/json.h"

namespace weir::plan {
namespace {

constexpr MicroDollars dollar = 1'000'000;

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::filesystem::path examples() { return std::filesystem::path(WEIR_SOURCE) / "examples/plans"; }

struct Case {
  Comparison comparison;
  Assessment found;

  [[nodiscard]] std::size_t at(std::string_view name) const {
    for (std::size_t i = 0; i < comparison.options.size(); ++i) {
      if (comparison.options[i].name == name) return i;
    }
    ADD_FAILURE() << "no option " << name;
    return 0;
  }
  [[nodiscard]] const OptionResult& option(std::string_view name) const { return found.options[at(name)]; }
  [[nodiscard]] MicroDollars monthly(std::string_view name) const { return option(name).quote.total(); }
};

Case example(const std::string& name) {
  Case out;
  out.comparison = comparison_of_text(file_text(examples() / (name + ".yaml")));
  out.found = assess(out.comparison);
  return out;
}

TEST(reference_case, one_million_requests) {
  const auto one = example("one-million");
  EXPECT_EQ(one.option("cloud").quote.of(Item::input), 15'000 * dollar);
  EXPECT_EQ(one.option("cloud").quote.of(Item::output), 30'000 * dollar);
  EXPECT_EQ(one.monthly("cloud"), 45'000 * dollar);
  EXPECT_EQ(one.option("local").quote.of(Item::machines), 4'320 * dollar);
  EXPECT_EQ(one.monthly("local"), 7'820 * dollar);
  EXPECT_EQ(one.option("local").saved_tenths, 826);
  EXPECT_EQ(one.monthly("hybrid 80/20"), 16'820 * dollar);
  EXPECT_EQ(one.option("hybrid 80/20").parts[1].quote.total(), 9'000 * dollar);
  EXPECT_EQ(one.option("hybrid 80/20").saved_tenths, 626);
  EXPECT_EQ(one.option("local").against_first->requests(), 173'778);  // $7,820 / $0.045 = 173,777.8
  for (const auto& claim : one.found.claims) EXPECT_TRUE(claim.follows) << claim.why;
}

TEST(reference_case, break_even_of_a_machine) {
  const auto one = example("break-even");
  EXPECT_EQ(one.option("machine").against_first->requests(), 111'112);
  EXPECT_EQ(one.option("machine").against_first->stays_from(), 111'112);
  EXPECT_TRUE(one.found.claims.at(0).follows);
}

TEST(reference_case, the_online_shop_as_told_and_as_it_follows) {
  const auto one = example("e-commerce");
  EXPECT_EQ(one.monthly("all cloud"), 23'500 * dollar);
  EXPECT_EQ(one.monthly("hybrid as told"), 3'500 * dollar);
  EXPECT_EQ(one.option("hybrid as told").saved, 20'000 * dollar);
  EXPECT_EQ(one.option("hybrid 95/5").parts[1].quote.total(), 1'175 * dollar);
  EXPECT_EQ(one.option("hybrid 95/5").saved, 19'325 * dollar);
  const auto& claims = one.found.claims;
  ASSERT_EQ(claims.size(), 4U);
  EXPECT_TRUE(claims[0].follows);
  EXPECT_TRUE(claims[1].follows);
  EXPECT_FALSE(claims[2].follows);
  EXPECT_NE(claims[2].why.find("5 % of the requests at the prices of all cloud cost $1,175"), std::string::npos)
      << claims[2].why;
  EXPECT_FALSE(claims[3].follows);
}

TEST(reference_case, the_rule_of_thumb_does_not_follow) {
  const auto one = example("rule-of-thumb");
  EXPECT_EQ(one.option("local").against_first->requests(), 7'820'000);  // $7,820 / $0.001
  ASSERT_EQ(one.found.claims.size(), 1U);
  const auto& claim = one.found.claims[0];
  EXPECT_FALSE(claim.follows);
  EXPECT_EQ(claim.computed, 7'820'000);
  EXPECT_NE(claim.why.find("would have to cost $0.01564"), std::string::npos) << claim.why;
  EXPECT_NE(claim.why.find("where it costs $0.001"), std::string::npos) << claim.why;
}

TEST(reference_case, the_staircase_is_crossed_again_and_again) {
  const auto one = example("staircase");
  EXPECT_EQ(one.option("local").against_first->ahead.size(), 4U);
  ASSERT_EQ(one.found.months.size(), 24U);
  EXPECT_EQ(one.found.months[10].costs.requests, 404'555);
  EXPECT_EQ(one.found.months[10].costs.quotes[1].machines, 2);
}

TEST(reference_case, the_workstation_pays_for_itself_in_a_year) {
  const auto one = example("workstation");
  EXPECT_EQ(one.option("workstation").quote.of(Item::amortisation), 75 * dollar);
  EXPECT_EQ(one.option("workstation").quote.of(Item::electricity), 30'600'000);
  EXPECT_EQ(one.option("workstation").payback_tenths, 120);
}

TEST(reference_case, one_card_and_what_spills_from_it) {
  const auto one = example("one-gpu");
  const auto& spilling = one.option("one L4, rest gpt-4o");
  EXPECT_EQ(spilling.quote.machines, 1);
  EXPECT_GT(spilling.quote.spilled, 0);
  EXPECT_EQ(one.option("8B on L4").quote.spilled, 0);
  EXPECT_GT(one.option("8B on L4").quote.machines, 1);
}

// Each file: a comment that says what it shows, no problem, JSON that is JSON, and sums that are exact.
TEST(examples, every_plan_reads_and_adds_up) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(examples())) {
    ++files;
    const auto text = file_text(entry.path());
    EXPECT_TRUE(text.starts_with("# ")) << entry.path();
    const auto read = read_plan(text, entry.path().filename(), test_book());
    ASSERT_TRUE(read.comparison) << render_problems(read.problems, text);
    EXPECT_TRUE(read.problems.empty()) << render_problems(read.problems, text);
    const auto found = assess(*read.comparison);
    json::Document document;
    ASSERT_TRUE(document.parse(to_json(found, *read.comparison))) << entry.path();
    for (const auto option : document.root()["options"].get_array()) {
      int64_t sum = 0;
      for (const auto line : option["breakdown_micro_usd"].get_object()) sum += line.value.get_int64();
      EXPECT_EQ(sum, option["monthly_micro_usd"].get_int64().value());
      int64_t parts = 0;
      for (const auto part : option["parts"].get_array()) parts += part["monthly_micro_usd"].get_int64();
      if (option["parts"].get_array().size() > 0) {
        EXPECT_EQ(parts, option["monthly_micro_usd"].get_int64().value());
      }
    }
  }
  EXPECT_GE(files, 7);
}

TEST(assessment, an_input_that_changes_moves_totals_and_break_even) {
  const auto one = example("break-even");
  const auto row = [&](std::string_view input, int64_t change) {
    for (const auto& each : one.found.variations) {
      if (each.input == input && each.change == change) return each;
    }
    ADD_FAILURE() << input;
    return VariationRow{};
  };
  EXPECT_EQ(row("cloud prices", -50).outcomes.at(1).break_even, 222'223);  // $5,000 / $0.0225
  EXPECT_EQ(row("cloud prices", 20).outcomes.at(1).break_even, 92'593);    // $5,000 / $0.054
  EXPECT_EQ(row("machine cost", 50).outcomes.at(1).total, 7'500 * dollar);
  EXPECT_EQ(row("machine cost", 50).outcomes.at(1).break_even, 166'667);
  EXPECT_EQ(row("requests", 20).outcomes.at(0).total, 6'000'030'000);  // 133,334 × $0.045
}

TEST(assessment, a_machine_is_never_used_to_more_than_all_of_it) {
  const auto one = comparison_of_text(
      "workload: {requests: 1000, output_tokens: 500}\noptions:\n  - {name: c, cloud: {usd_per_request: 1}}\n"
      "  - {name: l, local: {machine: {usd_per_month: 1}, capacity: {tokens_per_second: 0.2, utilisation: 90%}}}\n");
  for (const auto& row : variations(one)) {
    if (row.input != "utilisation") continue;
    EXPECT_EQ(row.outcomes.empty(), row.change > 0) << row.change;
    EXPECT_EQ(row.why_not.empty(), row.change < 0);
  }
}

TEST(assessment, claims_are_held_to_the_last_digit_that_was_written) {
  const auto text = [](const std::string& claim) {
    return "workload: {requests: 1000000, input_tokens: 500, output_tokens: 500}\noptions:\n"
           "  - {name: cloud, cloud: {input_per_1k: 0.03, output_per_1k: 0.06}}\n"
           "  - {name: local, local: {machine: {usd_per_month: 7820}}}\nclaims: [{option: local, " +
           claim + "}]\n";
  };
  for (const auto& [claim, follows] :
       std::vector<std::pair<std::string, bool>>{{"saved_pct: 83", true},
                                                 {"saved_pct: 82", false},
                                                 {"saved_pct: 82.6", true},
                                                 {"saved_pct: 82.62", true},
                                                 {"saved_pct: 82.7", false},
                                                 {"saved_usd: 37180", true},
                                                 {"saved_usd: 37181", false},
                                                 {"saved_usd: [37k, 38k]", true},
                                                 {"saved_usd: 37k", true},
                                                 {"saved_usd: 37.2k", true},
                                                 {"saved_usd: 37.1k", false},
                                                 {"saved_usd: 38k", false},
                                                 {"saved_usd: [37000, 38000]", true},
                                                 {"monthly_usd: $7820", true},
                                                 {"break_even_requests: 173778", true},
                                                 {"break_even_requests: 173777", false},
                                                 {"break_even_requests: 174k", true},
                                                 {"break_even_requests: 173k", false},
                                                 {"break_even_requests: [100k, 200k]", true}}) {
    const auto read = read_test_plan(text(claim));
    ASSERT_TRUE(read.comparison) << claim;
    const auto found = assess(*read.comparison);
    EXPECT_EQ(found.claims.at(0).follows, follows) << claim << ": " << found.claims.at(0).why;
  }
}

}  // namespace
}  // namespace weir::plan
