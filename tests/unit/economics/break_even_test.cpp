#include "economics/cost/break_even.h"

#include <gtest/gtest.h>

#include "comparisons.h"

namespace weir::plan {
namespace {

Comparison machine_against(const std::string& per_request, const std::string& local) {
  return comparison_of_text("workload: {requests: 100000}\noptions:\n  - {name: cloud, cloud: {usd_per_request: " +
                            per_request + "}}\n  - {name: local, local: {" + local + "}}\n");
}

BreakEven between(const Comparison& comparison, std::size_t option = 1, std::size_t against = 0) {
  return break_even(CostModel(comparison), option, against);
}

TEST(break_even, is_the_first_volume_at_which_it_costs_no_more) {
  for (const auto& [price, machine, expected] : std::vector<std::tuple<std::string, std::string, int64_t>>{
           {"0.045", "5000", 111'112},     // 111,111.1
           {"0.05", "5000", 100'000},      // exactly
           {"5000", "5000", 1},            // at once
           {"0.000001", "1", 1'000'000},   // a micro-dollar a request
           {"0.0000003", "1", 3'333'332},  // below a micro-dollar: $0.9999996 rounds to $1
           {"0.001", "7820", 7'820'000}}) {
    const auto found = between(machine_against(price, "machine: {usd_per_month: " + machine + "}"));
    EXPECT_EQ(found.requests(), expected) << price;
    EXPECT_EQ(found.stays_from(), expected) << price;
  }
}

TEST(break_even, is_none_with_a_reason_where_local_never_pays) {
  // A machine for $1,000 takes 10,000 requests: ten cents each, where the cloud takes five.
  const auto comparison =
      machine_against("0.05", "machine: {usd_per_month: 1000}, capacity: {requests_per_month: 10000}");
  const auto found = between(comparison);
  EXPECT_EQ(found.requests(), std::nullopt);
  EXPECT_EQ(found.stays_from(), std::nullopt);
  EXPECT_NE(found.reason.find("costs more than cloud at every volume"), std::string::npos) << found.reason;
}

TEST(break_even, a_new_machine_puts_it_behind_again) {
  const auto found =
      between(machine_against("0.0036", "machine: {usd_per_month: 1152}, capacity: {requests_per_month: 400000}"));
  ASSERT_EQ(found.ahead.size(), 4U);
  EXPECT_EQ(found.ahead[0].first, 320'000);
  EXPECT_EQ(found.ahead[0].last, 400'000);
  EXPECT_EQ(found.ahead[1].first, 640'000);
  EXPECT_EQ(found.ahead[1].last, 800'000);
  EXPECT_EQ(found.ahead[2].first, 960'000);
  EXPECT_EQ(found.ahead[2].last, 1'200'000);
  EXPECT_EQ(found.ahead[3].first, 1'280'000);
  EXPECT_EQ(found.ahead[3].last, std::nullopt);
  EXPECT_EQ(found.requests(), 320'000);
  EXPECT_EQ(found.stays_from(), 1'280'000);
}

TEST(break_even, a_machine_as_dear_as_the_cloud_when_full_is_never_ahead_for_good) {
  const auto found =
      between(machine_against("0.01", "machine: {usd_per_month: 1000}, capacity: {requests_per_month: 100000}"));
  EXPECT_EQ(found.requests(), 100'000);
  EXPECT_EQ(found.ahead.front().last, 100'000);
  EXPECT_TRUE(found.more);
  EXPECT_EQ(found.stays_from(), std::nullopt);
}

TEST(break_even, the_cloud_is_ahead_of_the_machine_until_then) {
  const auto found = between(machine_against("0.045", "machine: {usd_per_month: 5000}"), 0, 1);
  EXPECT_EQ(found.requests(), 1);
  EXPECT_EQ(found.ahead.front().last, 111'111);
}

TEST(break_even, equal_options_break_even_at_once) {
  const auto found =
      between(comparison_of_text("workload: {requests: 10, input_tokens: 7, output_tokens: 3}\noptions:\n"
                                 "  - {name: a, cloud: {model: openai/gpt-4o}}\n"
                                 "  - {name: b, cloud: {model: openai/gpt-4o}}\n"));
  EXPECT_EQ(found.requests(), 1);
  EXPECT_EQ(found.stays_from(), 1);
}

// Every volume, one after the other.
std::optional<int64_t> first_by_search(const CostModel& model, std::size_t option, std::size_t against, int64_t to) {
  for (int64_t requests = 1; requests <= to; ++requests) {
    if (model.quote(option, requests * one_request).total() <= model.quote(against, requests * one_request).total())
      return requests;
  }
  return std::nullopt;
}

TEST(property, the_break_even_computed_is_the_crossing_found_by_search) {
  constexpr int64_t searched = 30'000;
  int within = 0;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    RandomComparison random(seed);
    auto comparison = random.make();
    // Smaller machines, so that crossings and steps lie where every volume can be tried.
    for (auto& option : comparison.options) {
      auto* local = std::get_if<LocalOption>(&option.what);
      if (local == nullptr) continue;
      local->staff /= 100;
      local->machine.rent_per_hour /= 100;
      if (local->machine.owned) local->machine.owned->price /= 1000;
      if (local->capacity.requests_per_month > 0) local->capacity.requests_per_month = random.between(500, 20'000);
    }
    const CostModel model(comparison);
    for (const std::size_t option : {1U, 2U, 3U, 4U}) {
      const auto found = break_even(model, option, 0);
      ASSERT_FALSE(found.undecided) << "seed " << seed << " option " << option;
      const auto searched_for = first_by_search(model, option, 0, searched);
      if (searched_for) {
        ++within;
        ASSERT_EQ(found.requests(), searched_for) << "seed " << seed << " option " << option;
      } else {
        ASSERT_TRUE(!found.requests() || *found.requests() > searched) << "seed " << seed << " option " << option;
      }
    }
  }
  EXPECT_GT(within, 40);  // else it has shown nothing
}

TEST(property, it_is_ahead_where_it_is_said_to_be_and_behind_elsewhere) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    RandomComparison random(seed);
    const auto comparison = random.make();
    const CostModel model(comparison);
    const auto rounding = model.rounding(2) + model.rounding(0);
    const auto lead = [&](int64_t requests) {
      return model.quote(0, requests * one_request).total() - model.quote(2, requests * one_request).total();
    };
    const auto found = break_even(model, 2, 0);
    int64_t behind_from = 1;
    for (const auto& stretch : found.ahead) {
      for (int i = 0; i < 50 && behind_from < stretch.first; ++i)
        ASSERT_LT(lead(random.between(behind_from, stretch.first - 1)), 0) << "seed " << seed;
      const auto last = stretch.last.value_or(std::min(found.looked_to, stretch.first * 100));
      for (int i = 0; i < 50; ++i) ASSERT_GE(lead(random.between(stretch.first, last)), -rounding) << "seed " << seed;
      behind_from = last + 1;
    }
  }
}

TEST(payback, is_the_price_over_what_is_saved_without_amortisation) {
  const auto comparison = comparison_of_text(
      "workload: {requests: 60000}\noptions:\n  - {name: cloud, cloud: {usd_per_month: 372}}\n"
      "  - {name: own, local: {machine: {owned: {price: 3200, life: 36 months, watts: 250, electricity_per_kwh: "
      "0.17}}, "
      "staff_per_month: 75}}\n  - {name: half, parts: [{share: 50%, option: own}, {share: 50%, option: cloud}]}\n");
  const CostModel model(comparison);
  // $372 − ($30.60 + $75) = $266.40 a month; $3,200 / $266.40 = 12.01 months.
  EXPECT_EQ(payback_tenths(model, 1, 0, 60'000 * one_request), 120);
  EXPECT_EQ(hardware_price(model, 2, 60'000 * one_request), 3'200'000'000);
  EXPECT_EQ(payback_tenths(model, 2, 0, 60'000 * one_request), std::nullopt);  // it pays both
  EXPECT_EQ(payback_tenths(model, 0, 0, 60'000 * one_request), std::nullopt);  // it owns nothing
}

}  // namespace
}  // namespace weir::plan
