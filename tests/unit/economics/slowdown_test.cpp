#include "economics/replay/slowdown.h"

#include "recorded.h"

namespace weir::plan {
namespace {

using recorded::config;
using recorded::Record;
using recorded::second_us;
using recorded::usual_config;

const std::string local_only = "      - {use: [small]}\n";

Concurrency measured(const Traffic& traffic, const Snapshot& snapshot) {
  return measure_concurrency(traffic, snapshot, ModelNames(traffic, snapshot), measure_rates(traffic, snapshot));
}

// Pairs: the first of each begins alone and the second beside it, and takes half as long again.
Traffic pairs(const Snapshot& snapshot) {
  Record record(snapshot);
  for (int i = 0; i < 200; ++i) {
    record.add(i * 10 * second_us, {{.busy_us = 1'000'000}});
    record.add(i * 10 * second_us + 100, {{.busy_us = 1'500'000}});
  }
  return record.traffic(3'600 * second_us);
}

TEST(Slowdown, is_found_where_a_machine_is_slower_for_two) {
  const auto snapshot = config(usual_config(local_only));
  const auto traffic = pairs(snapshot);
  const auto found = measured(traffic, snapshot);
  EXPECT_EQ(found.others[0], 0);
  EXPECT_EQ(found.others[1], 1);
  EXPECT_EQ(found.slowdowns[0].attempts, 400);
  EXPECT_NEAR(found.slowdowns[0].at(1) / found.slowdowns[0].at(0), 1.5, 1e-6);
}

TEST(Slowdown, says_nothing_where_it_cannot_know) {
  const auto snapshot = config(usual_config(local_only));
  Record few(snapshot);
  for (int i = 0; i < 50; ++i) few.add(i, {{.busy_us = 1'000 + i * 100}});
  EXPECT_EQ(measured(few.traffic(second_us), snapshot).slowdowns[0].attempts, 0);
  Record lonely(snapshot);
  for (int i = 0; i < 500; ++i) lonely.add(i * second_us, {{.busy_us = 1'000 + i}});
  const auto alone = measured(lonely.traffic(600 * second_us), snapshot).slowdowns[0];
  EXPECT_DOUBLE_EQ(alone.at(7), 1);
}

TEST(Slowdown, never_becomes_a_speed_up) {
  const auto snapshot = config(usual_config(local_only));
  Record record(snapshot);
  for (int i = 0; i < 200; ++i) {
    record.add(i * 10 * second_us, {{.busy_us = 2'000'000}});
    record.add(i * 10 * second_us + 100, {{.busy_us = 1'000'000}});
  }
  const auto found = measured(record.traffic(3'600 * second_us), snapshot).slowdowns[0];
  EXPECT_DOUBLE_EQ(found.per_other, 0);
}

// More slots on the same machine make each request slower; on two machines each works as if alone.
TEST(Slowdown, counts_only_where_slots_or_machines_are_changed) {
  const auto snapshot = config(usual_config(local_only));
  const auto traffic = pairs(snapshot);
  const auto same = recorded::replayed(traffic, snapshot);
  EXPECT_EQ(same.same_cost, same.same_cost_before);
  const auto apart = recorded::replayed(traffic, snapshot, {.machines = {2, 1}, .resized = {true, false}});
  EXPECT_LT(apart.machines[0].busy_us, same.machines[0].busy_us);
  EXPECT_NEAR(static_cast<double>(apart.latency.p99_us), 1'250'000, 1) << "half a neighbour on each of two machines";
}

}  // namespace
}  // namespace weir::plan
