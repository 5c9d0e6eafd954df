// A look at the end of the ledger: newest first, whole, and sums over no more than was asked for.
#include <gtest/gtest.h>

#include "sample.h"

namespace weir {
namespace {

struct LatestOf : testing::Test {
  sample::Folder folder;
  std::unique_ptr<Store> store = std::move(*sample::open(folder));
  RequestIds ids{1};

  void append(std::vector<Entry> entries) {
    std::vector<const Entry*> pointers;
    for (const auto& entry : entries) pointers.push_back(&entry);
    ASSERT_TRUE(store->append(pointers));
  }
  Entry at_second(int64_t second, std::string outcome = "ok") {
    auto entry = sample::full_entry(ids, sample::now_us + second * 1'000'000);
    entry.outcome = std::move(outcome);
    entry.cost = 10;
    entry.baseline_cost = 100;
    entry.baseline_known = true;
    return entry;
  }
};

TEST_F(LatestOf, an_empty_ledger_has_none) {
  const auto latest = store->latest({});
  ASSERT_TRUE(latest);
  EXPECT_TRUE(latest->requests.empty());
  EXPECT_EQ(latest->sums.requests, 0);
  EXPECT_EQ(latest->oldest_summed_us, 0);
}

TEST_F(LatestOf, the_newest_come_first_and_whole) {
  const auto oldest = at_second(0);
  const auto first = at_second(1);
  const auto second = at_second(2);
  append({first, second, at_second(3), oldest});
  const auto latest = store->latest({.shown = 2});
  ASSERT_TRUE(latest);
  ASSERT_EQ(latest->requests.size(), 2U);
  EXPECT_EQ(latest->requests[0].time_us, sample::now_us + 3'000'000);
  EXPECT_EQ(latest->requests[1].id, second.id);
  EXPECT_EQ(latest->requests[1].reason, second.reason);
  EXPECT_EQ(latest->requests[1].attempts.size(), second.attempts.size());
  EXPECT_EQ(latest->sums.requests, 4) << "sums are not over what is shown";
}

TEST_F(LatestOf, sums_are_over_the_newest_of_the_time_that_is_asked_for) {
  append({at_second(0), at_second(10), at_second(20, "no_target"), at_second(30, "client_gone")});
  auto latest = store->latest({.summed_since_us = sample::now_us + 10'000'000});
  ASSERT_TRUE(latest);
  EXPECT_EQ(latest->sums.requests, 3);
  EXPECT_EQ(latest->sums.errors, 1);
  EXPECT_EQ(latest->sums.cost, 30);
  EXPECT_EQ(latest->sums.baseline, 300);
  EXPECT_EQ(latest->sums.saved, 270);
  EXPECT_EQ(latest->oldest_summed_us, sample::now_us + 10'000'000);
  EXPECT_EQ(latest->requests.size(), 4U) << "what is shown may be older";
  latest = store->latest({.summed = 2});
  ASSERT_TRUE(latest);
  EXPECT_EQ(latest->sums.requests, 2);
  EXPECT_EQ(latest->oldest_summed_us, sample::now_us + 20'000'000);
}

TEST_F(LatestOf, savings_count_only_where_there_is_a_baseline) {
  auto without = at_second(1);
  without.baseline_known = false;
  without.baseline_cost = 0;
  append({at_second(0), without});
  const auto latest = store->latest({});
  ASSERT_TRUE(latest);
  EXPECT_EQ(latest->sums.cost, 20);
  EXPECT_EQ(latest->sums.saved, 90);
  EXPECT_EQ(latest->sums.without_baseline, 1);
}

}  // namespace
}  // namespace weir
