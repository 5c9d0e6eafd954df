#include "economics/document/document.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "comparisons.h"
#include "config/describer.h"
#include "config/values.h"
#include "economics/document/document_keys.h"

namespace weir::plan {
namespace {

struct Wrong {
  std::string what;
  std::string text;      // of the plan
  std::string says;      // in one message
  std::string mend;      // in its mend
  std::size_t line = 0;  // 0 = not asked
};

std::string plan_with(const std::string& workload, const std::string& options) {
  return "workload: " + workload + "\noptions:\n" + options;
}

const std::string fine_work = "{requests: 1000, input_tokens: 500, output_tokens: 500}";
const std::string cloud = "  - {name: cloud, cloud: {model: openai/gpt-4o}}\n";

std::string local(const std::string& keys) { return cloud + "  - {name: local, local: {" + keys + "}}\n"; }

std::vector<Wrong> workloads() {
  std::vector<Wrong> all;
  for (const auto* value : {"-1", "NaN", "nan", "1e30", "inf", "0", "1000000000001", "many", "1.5"})
    all.push_back({std::string("requests ") + value, plan_with(std::string("{requests: ") + value + "}", cloud),
                   "`requests` must be a whole number from 1", "write requests: 1000000", 1});
  for (const auto* value : {"-5", "NaN", "1e30", "inf", "10000001", "-0"})
    all.push_back({std::string("input_tokens ") + value,
                   plan_with(std::string("{requests: 1000, output_tokens: 1, input_tokens: ") + value + "}", cloud),
                   "`input_tokens` must be a number from 0", "write input_tokens: 500", 1});
  for (const auto* value : {"-1%", "101%", "NaN", "1e30", "1.5"})
    all.push_back({std::string("cached_share ") + value,
                   plan_with(std::string("{requests: 1000, output_tokens: 1, cached_share: ") + value + "}", cloud),
                   "`cached_share` must be a share from 0% to 100%", "write ", 1});
  all.insert(
      all.end(),
      {{"cached_share without a unit", plan_with("{requests: 9, output_tokens: 1, cached_share: 40}", cloud),
        "`cached_share` must be a share", "write 40%", 1},
       {"no requests", plan_with("{input_tokens: 5}", cloud), "`requests` is missing", "add requests: 1000000", 1},
       {"no workload", "options:\n" + cloud, "`workload` is missing", "--from-ledger", 1},
       {"too much of all", plan_with("{requests: 1000000000000, input_tokens: 10000000}", cloud),
        "a quadrillion tokens", "check `requests`", 1},
       {"no tokens", plan_with("{requests: 10}", cloud), "paid by tokens", "add input_tokens", 3},
       {"peak of 0", plan_with("{requests: 9, output_tokens: 1, peak: 0}", cloud),
        "`peak` must be a number from 1 to 24", "write peak: 3.0", 1},
       {"peak and hours", plan_with("{requests: 9, output_tokens: 1, peak: 2, hours: [1]}", cloud), "both say when",
        "keep one", 1},
       {"23 hours", plan_with("{requests: 9, output_tokens: 1, hours: [1, 2, 3]}", cloud),
        "`hours` has 3 numbers, not 24", "from midnight", 1},
       {"negative hours", plan_with("{requests: 9, output_tokens: 1, hours: [-1]}", cloud), "not `-1`", "in any unit",
        1},
       {"unknown key", plan_with("{request: 9}", cloud), "unknown key `request`", "did you mean `requests`", 1},
       {"no plan", "just text", "a plan is a map", "begin with", 1},
       {"empty", "", "", "", 0}});
  return all;
}

std::vector<Wrong> clouds() {
  const auto one = [](const std::string& keys) {
    return plan_with(fine_work, "  - {name: c, cloud: {" + keys + "}}\n");
  };
  std::vector<Wrong> all = {
      {"unknown model", one("model: openai/gpt-4z"), "no model `gpt-4z` of openai", "`openai/gpt-4", 3},
      {"unknown provider", one("model: opnai/gpt-4o"), "no provider `opnai`", "did you mean `openai/gpt-4o`", 3},
      {"no provider", one("model: gpt-4o"), "does not say whose model", "did you mean `openai/gpt-4o`", 3},
      {"nonsense", one("model: zzzzzzzz/qqqqqqqq"), "no provider `zzzzzzzz`", "give the prices yourself", 3},
      {"no price", one(""), "`cloud` says no price", "add model", 3},
      {"half a price", one("input_per_million: 3"), "`output_per_million` is missing", "add it", 3},
      {"two prices", one("input_per_million: 3, input_per_1k: 0.003, output_per_million: 1"), "are the same price",
       "keep one", 3},
      {"too fine a price", one("input_per_million: 0.0000001, output_per_million: 1"), "with 6 decimals at most",
       "write input_per_million", 3}};
  for (const auto* value : {"-1", "NaN", "1e30", "inf", "1000000", "free"})
    all.push_back({std::string("price ") + value,
                   one(std::string("output_per_million: 1, input_per_million: ") + value),
                   "`input_per_million` must be a number from 0 to 10000", "write input_per_million: 2.50", 3});
  return all;
}

std::vector<Wrong> locals() {
  const auto machine = [](const std::string& keys) { return plan_with(fine_work, local("machine: {" + keys + "}")); };
  const auto owned = [&](const std::string& keys) { return machine("owned: {" + keys + "}"); };
  const auto with = [](const std::string& keys) {
    return plan_with(fine_work, local("machine: {usd_per_month: 5}, " + keys));
  };
  return {
      {"unknown gpu", machine("gpu: rtx-409"), "the catalog has no `rtx-409`", "did you mean `rtx-4090`", 4},
      {"no machine", plan_with(fine_work, local("staff_per_month: 1")), "`machine` is missing", "add machine:", 4},
      {"a machine without cost", machine("gpus: 2"), "does not say what it costs", "add rent_per_hour", 4},
      {"two costs", machine("rent_per_hour: 1, usd_per_month: 1"), "`rent_per_hour` and `usd_per_month`", "keep one",
       4},
      {"no gpus", machine("gpus: 0, rent_per_hour: 1"), "`gpus` must be a whole number from 1 to 1024", "write gpus: 2",
       4},
      {"rent below zero", machine("rent_per_hour: -3"), "`rent_per_hour` must be a number from 0",
       "write rent_per_hour", 4},
      {"rent that is no number", machine("rent_per_hour: nan"), "not `nan`", "write rent_per_hour", 4},
      {"rent out of all bounds", machine("rent_per_hour: 1e30"), "not `1e30`", "write rent_per_hour", 4},
      {"life of nothing", owned("price: 1, life: 0 months, watts: 1, electricity_per_kwh: 0.1"),
       "`life` must be from 1 month", "write life: 36 months", 4},
      {"life without a unit", owned("price: 1, life: 36, watts: 1, electricity_per_kwh: 0.1"), "not `36`",
       "write life: 36 months", 4},
      {"no life", owned("price: 1, watts: 1, electricity_per_kwh: 0.1"), "`life` is missing", "add life: 36 months", 4},
      {"no price", owned("life: 3 years, watts: 1, electricity_per_kwh: 0.1"), "`price` is missing", "add what", 4},
      {"no watts", owned("price: 1, life: 3 years, electricity_per_kwh: 0.1"), "`watts` is missing", "add what", 4},
      {"no electricity", owned("price: 1, life: 3 years, watts: 1"), "`electricity_per_kwh` is missing",
       "add electricity_per_kwh", 4},
      {"pue below 1", owned("price: 1, life: 3 years, watts: 1, electricity_per_kwh: 1, pue: 0.5"),
       "`pue` must be a number from 1 to 10", "write pue", 4},
      {"worth more than it cost", owned("price: 1, residual: 2, life: 3 years, watts: 1, electricity_per_kwh: 1"),
       "`residual` is more than `price`", "write", 4},
      {"no capacity in it", with("capacity: {}"), "`capacity` says nothing", "add tokens_per_second", 4},
      {"two capacities", with("capacity: {tokens_per_second: 1, requests_per_month: 1}"),
       "both say what a machine takes", "keep one", 4},
      {"capacity of nothing", with("capacity: {tokens_per_second: 0}"),
       "`tokens_per_second` must be a number from 0.001", "write tokens_per_second", 4},
      {"use of nothing", with("capacity: {tokens_per_second: 10, utilisation: 0%}"), "`utilisation` of 0%",
       "write utilisation", 4},
      {"use of more than all", with("capacity: {tokens_per_second: 10, utilisation: 130%}"),
       "`utilisation` must be a share", "write ", 4},
      {"a month within a month", with("capacity: {requests_per_month: 10, utilisation: 10%}"), "in it already",
       "remove", 4},
      {"staff twice", with("staff_per_month: 1, staff: {people: 1, usd_per_year: 1}"), "are the same cost", "keep one",
       4},
      {"no machines", with("machines: 0"), "`machines` must be a whole number from 1", "write machines: 1", 4},
      {"spill to nowhere", with("capacity: {requests_per_month: 10}, spill: cluod"), "there is no option `cluod`",
       "did you mean `cloud`", 4},
      {"spill in a circle", with("capacity: {requests_per_month: 10}, spill: local"), "comes back to the option itself",
       "end the chain", 4},
      {"spill without capacity", with("spill: cloud"), "needs to know what the machines take", "add capacity", 4},
      {"a machine too slow for one request",
       plan_with("{requests: 9, output_tokens: 10000000}",
                 local("machine: {usd_per_month: 5}, capacity: {tokens_per_second: 0.001}")),
       "less than one request a month", "check", 4}};
}

std::vector<Wrong> rest() {
  const auto parts = [](const std::string& list) {
    return plan_with(fine_work,
                     cloud + "  - {name: b, cloud: {model: openai/gpt-4o}}\n  - {name: mix, parts: [" + list + "]}\n");
  };
  return {
      {"shares of 90 %", parts("{share: 70%, option: cloud}, {share: 20%, option: b}"), "sum to 90 %, not to 100 %",
       "change them", 5},
      {"a share below zero", parts("{share: -20%, option: cloud}, {share: 120%, option: b}"), "`share` must be a share",
       "write", 5},
      {"an option of itself", parts("{share: 50%, option: mix}, {share: 50%, option: b}"), "is a part of itself",
       "name a cloud", 5},
      {"an option twice", parts("{share: 50%, option: b}, {share: 50%, option: b}"), "is named twice",
       "add the two shares", 5},
      {"an unknown part", parts("{share: 50%, option: clout}, {share: 50%, option: b}"), "no option `clout`",
       "did you mean `cloud`", 5},
      {"no parts", parts(""), "`parts` is empty", "add two", 5},
      {"parts in a circle",
       plan_with(
           fine_work,
           cloud +
               "  - {name: x, parts: [{share: 100%, option: y}]}\n  - {name: y, parts: [{share: 100%, option: x}]}\n"),
       "has parts itself", "name its", 4},
      {"spills in a circle",
       plan_with(fine_work,
                 "  - {name: x, local: {machine: {usd_per_month: 1}, capacity: {requests_per_month: 1}, spill: y}}\n  "
                 "- {name: y, local: {machine: {usd_per_month: 1}, capacity: {requests_per_month: 1}, spill: x}}\n"),
       "comes back", "end the chain", 3},
      {"no name", plan_with(fine_work, "  - {cloud: {model: openai/gpt-4o}}\n"), "`name` is missing", "add name", 3},
      {"an empty name", plan_with(fine_work, "  - {name: '', cloud: {model: openai/gpt-4o}}\n"), "`name` is empty",
       "give", 3},
      {"a name twice", plan_with(fine_work, cloud + cloud), "two options are called `cloud`", "a name of its own", 4},
      {"no kind", plan_with(fine_work, "  - {name: a}\n"), "none of `cloud`, `local` and `parts`", "give it one", 3},
      {"two kinds",
       plan_with(fine_work, "  - {name: a, cloud: {usd_per_month: 1}, local: {machine: {usd_per_month: 1}}}\n"),
       "more than one of", "give it one", 3},
      {"no options", "workload: " + fine_work + "\noptions: []\n", "`options` is empty", "add one", 2},
      {"options missing", "workload: " + fine_work + "\n", "`options` is missing", "add options", 1},
      {"wrong volumes", plan_with(fine_work, cloud) + "volumes: [10k, 1e30]\n", "not `1e30`", "write volumes", 4},
      {"volume of nothing", plan_with(fine_work, cloud) + "volumes: [0]\n", "not `0`", "write volumes", 4},
      {"a claim of nobody", plan_with(fine_work, cloud) + "claims: [{option: clod, saved_usd: 1}]\n",
       "no option `clod`", "did you mean", 4},
      {"a claim of nothing", plan_with(fine_work, cloud) + "claims: [{option: cloud}]\n", "claims nothing",
       "add one of", 4},
      {"a claim that is no number", plan_with(fine_work, cloud) + "claims: [{option: cloud, saved_usd: lots}]\n",
       "not `lots`", "write saved_usd", 4},
      {"a range backwards", plan_with(fine_work, cloud) + "claims: [{option: cloud, break_even_requests: [2, 1]}]\n",
       "runs backwards", "smaller", 4},
      {"more than a trillion dollars",
       plan_with("{requests: 1000000000000, input_tokens: 1000}", "  - {name: a, cloud: {input_per_million: 10000}}\n"),
       "more than a trillion dollars", "check its prices", 3},
      {"days", plan_with(fine_work, cloud) + "days: 32\n", "`days` must be a whole number from 1 to 31",
       "write days: 30", 4}};
}

void expect_refused(const std::vector<Wrong>& all) {
  for (const auto& wrong : all) {
    const auto read = read_test_plan(wrong.text);
    EXPECT_FALSE(read.comparison.has_value()) << wrong.what;
    ASSERT_FALSE(read.problems.empty()) << wrong.what;
    const auto found = std::find_if(read.problems.begin(), read.problems.end(), [&](const Problem& one) {
      return one.message.find(wrong.says) != std::string::npos && one.mend.find(wrong.mend) != std::string::npos &&
             (wrong.line == 0 || one.line == wrong.line);
    });
    EXPECT_TRUE(found != read.problems.end()) << wrong.what << ":\n" << render_problems(read.problems, wrong.text);
    for (const auto& problem : read.problems) EXPECT_EQ(problem.message.find('\n'), std::string::npos);
  }
}

TEST(plan_document, a_wrong_workload_is_refused_with_field_and_mend) { expect_refused(workloads()); }
TEST(plan_document, a_wrong_cloud_option_is_refused_with_field_and_mend) { expect_refused(clouds()); }
TEST(plan_document, a_wrong_local_option_is_refused_with_field_and_mend) { expect_refused(locals()); }
TEST(plan_document, wrong_parts_names_and_claims_are_refused_with_field_and_mend) { expect_refused(rest()); }

TEST(plan_document, decimals_are_exact) {
  EXPECT_EQ(parse_decimal("0.045", 12), 45'000'000'000);
  EXPECT_EQ(parse_decimal("3.00", 0), 3);
  EXPECT_EQ(parse_decimal("12", 3), 12'000);
  for (const auto* wrong :
       {"", ".", ".5", "5.", "1e3", "-1", "+1", "nan", "inf", "0.1234567", "99999999999999999999", "1,000"})
    EXPECT_EQ(parse_decimal(wrong, 6), std::nullopt) << wrong;
  EXPECT_EQ(decimal_text(45'000, 6), "0.045");
  EXPECT_EQ(decimal_text(7, 0), "7");
  EXPECT_EQ(parse_share("80%"), 800'000);
  EXPECT_EQ(parse_share("12.5 %"), 125'000);
  EXPECT_EQ(parse_share("0.8"), 800'000);
  EXPECT_EQ(parse_share("100%"), 1'000'000);
  for (const auto* wrong : {"", "%", "80", "1", "101%", "-1%", "nan%", "1e1%"})
    EXPECT_EQ(parse_share(wrong), std::nullopt) << wrong;
  EXPECT_EQ(parse_count("10k"), 10'000);
  EXPECT_EQ(parse_count("1.5M"), 1'500'000);
  EXPECT_EQ(parse_count("1G"), 1'000'000'000);
  for (const auto* wrong : {"", "k", "0", "-1", "1e6", "1.0005k", "2T", "1001G"})
    EXPECT_EQ(parse_count(wrong), std::nullopt) << wrong;
}

TEST(plan_document, a_measured_workload_takes_the_place_of_the_stated_one) {
  Workload measured{.requests = 7, .tokens = {.input = 70, .output = 7}, .source = "ledger"};
  const auto read = read_plan("options:\n" + cloud, "plan.yaml", test_book(), measured);
  ASSERT_TRUE(read.comparison.has_value()) << render_problems(read.problems);
  EXPECT_EQ(read.comparison->workload.requests, 7);
  EXPECT_EQ(read.comparison->workload.source, "ledger");
}

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(plan_document, the_page_lists_every_key) {
  const auto path = std::string(WEIR_SOURCE) + "/docs/plans.md";
  auto page = text_of(path);
  constexpr std::string_view begin = "<!-- keys: begin -->\n";
  constexpr std::string_view end = "<!-- keys: end -->\n";
  const auto from = page.find(begin);
  const auto to = page.find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  if (std::getenv("WEIR_UPDATE") != nullptr) {
    page.replace(from + begin.size(), to - from - begin.size(), plan_reference());
    std::ofstream(path) << page;
  }
  EXPECT_NE(text_of(path).find(plan_reference()), std::string::npos) << "run the test with WEIR_UPDATE=1";
  EXPECT_GT(plan_reference().size(), 3000U);
}

void expect_documented(const std::vector<KeyInfo>& keys, const std::string& place) {
  for (const auto& key : keys) {
    EXPECT_FALSE(key.about.empty()) << place << key.name;
    EXPECT_FALSE(key.example.empty()) << place << key.name;
    expect_documented(key.keys, place + key.name + ".");
  }
}

TEST(plan_document, every_key_says_what_it_does_with_an_example) {
  expect_documented(config::Describer::keys_of<PlanDoc>(), "");
}

}  // namespace
}  // namespace weir::plan
