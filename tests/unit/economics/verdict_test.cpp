// The verdict, for any costs and needs.
#include "economics/advice/verdict.h"

#include <gtest/gtest.h>

#include <random>

namespace weir::plan {
namespace {

constexpr MicroDollars dollar = 1'000'000;

ByVerdict<MicroDollars> costs(int64_t cloud, int64_t hybrid, int64_t local) {
  return {{cloud * dollar, hybrid * dollar, local * dollar}};
}

Need need(std::string name, Strength strength, std::vector<Verdict> not_met) {
  Need out{.name = std::move(name), .stated = "something", .strength = strength, .why_not = {}};
  for (const Verdict verdict : not_met) out.why_not[verdict] = "no";
  return out;
}

class AnyCase {
 public:
  explicit AnyCase(uint64_t seed) : random_(seed) {}
  int64_t upto(int64_t most) { return std::uniform_int_distribution<int64_t>(0, most)(random_); }

  // Few different prices, so that ties are frequent.
  ByVerdict<MicroDollars> monthly() { return costs(upto(6), upto(6), upto(6)); }

  std::vector<Need> needs() {
    std::vector<Need> out;
    for (const Strength strength : {Strength::law, Strength::money, Strength::wish, Strength::wish}) {
      if (upto(2) == 0) continue;
      std::vector<Verdict> not_met;
      for (const Verdict verdict : all_verdicts) {
        if (upto(2) != 0) continue;
        if (strength != Strength::law || verdict != Verdict::local) not_met.push_back(verdict);
      }
      out.push_back(need("n" + std::to_string(out.size()), strength, not_met));
    }
    return out;
  }

 private:
  std::mt19937_64 random_;
};

bool meets_all(const std::vector<Need>& needs, Verdict verdict) {
  return std::all_of(needs.begin(), needs.end(), [&](const Need& one) { return one.met_by(verdict); });
}

TEST(verdict, without_needs_it_is_the_cheapest) {
  EXPECT_EQ(choose(costs(362, 2085, 2100), {}).verdict, Verdict::cloud);
  EXPECT_EQ(choose(costs(900, 300, 400), {}).verdict, Verdict::hybrid);
  EXPECT_EQ(choose(costs(900, 300, 200), {}).verdict, Verdict::local);
}

TEST(verdict, a_dearer_one_is_for_a_need_which_has_its_cost) {
  const Choice choice = choose(costs(362, 2085, 2100), {need("data", Strength::law, {Verdict::cloud})});
  EXPECT_EQ(choice.verdict, Verdict::hybrid);
  EXPECT_EQ(choice.cheapest, Verdict::cloud);
  EXPECT_EQ(choice.costs, (std::vector<std::optional<MicroDollars>>{1723 * dollar}));
  EXPECT_EQ(choice.needs_cost, 1723 * dollar);
}

// Two needs that ask for the same: neither alone would change anything; together they do.
TEST(verdict, needs_that_ask_for_the_same_cost_something_together_only) {
  const Choice choice = choose(costs(100, 500, 400), {need("data", Strength::law, {Verdict::cloud}),
                                                      need("weights", Strength::wish, {Verdict::cloud})});
  EXPECT_EQ(choice.verdict, Verdict::local);
  EXPECT_EQ(choice.costs, (std::vector<std::optional<MicroDollars>>{0, 0}));
  EXPECT_EQ(choice.needs_cost, 300 * dollar);
}

TEST(verdict, if_it_meets_every_need_no_cheaper_one_does) {
  AnyCase any(1);
  for (int round = 0; round < 20'000; ++round) {
    const auto monthly = any.monthly();
    const auto needs = any.needs();
    const Choice choice = choose(monthly, needs);
    const bool possible =
        std::any_of(all_verdicts.begin(), all_verdicts.end(), [&](Verdict one) { return meets_all(needs, one); });
    EXPECT_EQ(meets_all(needs, choice.verdict), possible);
    for (const Verdict other : all_verdicts) {
      if (meets_all(needs, other)) {
        EXPECT_GE(monthly[other], monthly[choice.verdict]);
      }
    }
    EXPECT_EQ(choice.needs_cost, monthly[choice.verdict] - monthly[choice.cheapest]);
    EXPECT_GE(choice.needs_cost, 0);
  }
}

TEST(verdict, the_law_never_gives_way) {
  AnyCase any(2);
  for (int round = 0; round < 20'000; ++round) {
    const auto needs = any.needs();
    const Choice choice = choose(any.monthly(), needs);
    for (const Need& one : needs) {
      if (one.strength == Strength::law) {
        EXPECT_TRUE(one.met_by(choice.verdict));
      }
    }
  }
}

TEST(verdict, each_cost_is_the_difference_to_the_verdict_without_that_need) {
  AnyCase any(3);
  for (int round = 0; round < 5000; ++round) {
    const auto monthly = any.monthly();
    const auto needs = any.needs();
    const Choice choice = choose(monthly, needs);
    ASSERT_EQ(choice.costs.size(), needs.size());
    for (std::size_t i = 0; i < needs.size(); ++i) {
      EXPECT_EQ(choice.costs[i].has_value(), needs[i].met_by(choice.verdict));
      if (!choice.costs[i]) continue;
      auto others = needs;
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_EQ(*choice.costs[i], monthly[choice.verdict] - monthly[choose(monthly, others).verdict]);
    }
  }
}

TEST(verdict, a_tie_is_told_and_goes_to_the_one_that_sends_less_out) {
  const Choice choice = choose(costs(100, 100, 100), {});
  EXPECT_EQ(choice.verdict, Verdict::local);
  EXPECT_EQ(choice.ties, (std::vector{Verdict::cloud, Verdict::hybrid}));
  // The same to the cent is the same to people.
  EXPECT_EQ(choose({{100'000'000, 100'004'000, 200'000'000}}, {}).ties, (std::vector{Verdict::cloud}));
  AnyCase any(4);
  for (int round = 0; round < 5000; ++round) {
    const auto monthly = any.monthly();
    const auto needs = any.needs();
    const Choice one = choose(monthly, needs);
    for (const Verdict other : all_verdicts) {
      if (other == one.verdict || monthly[other] != monthly[one.verdict] || !meets_all(needs, other)) continue;
      EXPECT_NE(std::find(one.ties.begin(), one.ties.end(), other), one.ties.end());
      EXPECT_LT(other, one.verdict);
    }
  }
}

TEST(verdict, a_smaller_budget_never_leads_to_a_dearer_one) {
  AnyCase any(5);
  for (int round = 0; round < 5000; ++round) {
    const auto monthly = any.monthly();
    auto needs = any.needs();
    std::erase_if(needs, [](const Need& one) { return one.strength == Strength::money; });
    MicroDollars last = 1000 * dollar;
    for (int64_t budget = 8; budget >= 0; --budget) {
      auto with = needs;
      Need money = need("budget", Strength::money, {});
      for (const Verdict verdict : all_verdicts) {
        if (monthly[verdict] > budget * dollar) money.why_not[verdict] = "over";
      }
      with.insert(
          std::find_if(with.begin(), with.end(), [](const Need& one) { return one.strength == Strength::wish; }),
          money);
      const MicroDollars cost = monthly[choose(monthly, with).verdict];
      EXPECT_LE(cost, last);
      last = cost;
    }
  }
}

}  // namespace
}  // namespace weir::plan
