#include <random>

#include "recorded.h"

namespace weir::plan {
namespace {

using recorded::config;
using recorded::Record;
using recorded::replayed;
using recorded::second_us;
using recorded::usual_config;

const std::string local_then_cloud = "      - {use: [small, large], spill: {queue: 1s}}\n";
const std::string local_only = "      - {use: [small]}\n";
const std::string guarded =
    "      - {when: {sensitive: any}, zones: [local]}\n      - {use: [large, small], spill: {queue: 1s}}\n";

TEST(Replay, under_the_same_config_costs_what_was_recorded_to_the_micro_dollar) {
  const auto snapshot = config(usual_config(local_then_cloud));
  Record record(snapshot);
  for (int i = 0; i < 50; ++i) record.add(i * second_us, {{.busy_us = 700'001 + i, .output = i}});
  const auto traffic = record.traffic(3'600 * second_us);
  const auto before = as_recorded(traffic, snapshot);
  const auto after = replayed(traffic, snapshot);
  EXPECT_EQ(after.cost, before.cost);
  EXPECT_EQ(after.baseline, before.baseline);
  EXPECT_EQ(after.saved, before.saved);
  EXPECT_EQ(after.same_model, 50);
  EXPECT_EQ(after.same_cost, after.same_cost_before);
  EXPECT_EQ(after.latency.p99_us, before.latency.p99_us);
  EXPECT_EQ(after.estimated, 0);
}

TEST(Replay, queues_spills_and_refuses_as_the_slots_would) {
  // Four at once on two slots, a second each: the third and fourth wait a second.
  const auto snapshot = config(usual_config(local_only));
  Record record(snapshot);
  for (int i = 0; i < 4; ++i) record.add(i, {{}});
  const auto waited = replayed(record.traffic(60 * second_us), snapshot);
  EXPECT_EQ(waited.answered, 4);
  EXPECT_EQ(waited.latency.p50_us, second_us);
  EXPECT_EQ(waited.latency.p99_us, 2 * second_us - 2) << "the third began with the first one's slot";
  EXPECT_EQ(waited.wait.p99_us, second_us - 2);
  ASSERT_EQ(waited.machines.size(), 1U);
  EXPECT_EQ(waited.machines[0].waited, 2);

  // With patience for half a second and nobody else: refused. With a cloud model behind it: spilled.
  const auto impatient = config(usual_config("      - {use: [small, large], spill: {queue: 500ms}}\n"));
  const auto spilled = replayed(record.traffic(60 * second_us), impatient);
  EXPECT_EQ(spilled.answered, 4);
  EXPECT_EQ(spilled.spilled, 2);
  EXPECT_EQ(spilled.answered_local, 2);

  auto short_queue = snapshot;
  short_queue.providers[0].queue_ms = 500;
  const auto refused = replayed(record.traffic(60 * second_us), short_queue);
  EXPECT_EQ(refused.answered, 2);
  ASSERT_EQ(refused.refusals.size(), 1U);
  EXPECT_EQ(refused.refusals[0].code, "queue_timeout");
  EXPECT_EQ(refused.refusals[0].requests, 2);

  short_queue.providers[0].queue_ms = 10'000;
  short_queue.providers[0].queue_limit = 1;
  EXPECT_EQ(replayed(record.traffic(60 * second_us), short_queue).answered, 3);
}

TEST(Replay, counts_money_by_hand) {
  // Two answers of a second on a slot at $3.60 / 2 an hour: 500 micro-dollars each. In the cloud 100 × 2 + 50 × 8 =
  // 600.
  const auto snapshot = config(usual_config(local_then_cloud));
  Record record(snapshot);
  record.add(0, {{}});
  record.add(2 * second_us, {{}});
  const auto traffic = record.traffic(7'200 * second_us);
  const auto local = replayed(traffic, snapshot);
  EXPECT_EQ(local.cost, 2 * 500);
  EXPECT_EQ(local.token_cost, 0);
  EXPECT_EQ(local.baseline, 2 * 600);
  EXPECT_EQ(local.saved, 2 * 100);
  EXPECT_EQ(local.bill, 7'200'000) << "two hours at $3.60, busy or idle";
  EXPECT_EQ(local.paid(), 7'200'000);
  EXPECT_NEAR(local.machines[0].busy_share, 2.0 / (2 * 7'200), 1e-12);

  const auto cloud = replayed(traffic, config(usual_config("      - {use: [large]}\n")));
  EXPECT_EQ(cloud.cost, 2 * 600);
  EXPECT_EQ(cloud.token_cost, 2 * 600);
  EXPECT_EQ(cloud.answered_local, 0);
  EXPECT_EQ(cloud.bill, 7'200'000) << "the config still has the machine";
}

TEST(Replay, fails_where_the_record_failed_and_goes_on_as_serving_did) {
  const auto snapshot = config(usual_config(local_then_cloud));
  Record record(snapshot);
  record.add(0, {{.busy_us = 1'000, .outcome = "upstream_server_error"},
                 {.busy_us = 2'000, .outcome = "upstream_server_error"},
                 {.model = "large", .busy_us = 5'000}});
  record.add(second_us, {{.busy_us = 1'000, .outcome = "upstream_rejected"}});
  const auto traffic = record.traffic(60 * second_us);
  const auto result = replayed(traffic, snapshot);
  EXPECT_EQ(result.answered, 1);
  EXPECT_EQ(result.answered_local, 0);
  EXPECT_EQ(result.latency.p50_us, 8'000) << "both tries of the local model, then the cloud";
  EXPECT_EQ(result.refusals.at(0).code, "upstream_rejected") << "what was rejected is asked of nobody else";
  EXPECT_EQ(result.spilled, 0);

  const auto other = replayed(traffic, config(usual_config("      - {use: [large]}\n")));
  EXPECT_EQ(other.answered, 2) << "the other model never rejected it";
}

TEST(Replay, refuses_again_what_no_config_decides) {
  const auto snapshot = config(usual_config(local_only));
  Record record(snapshot);
  record.add(0, {{}});
  for (const auto* outcome : {"rate_limited", "budget_exceeded"}) {
    auto& row = record.add(second_us, {});
    row.outcome = outcome;
  }
  for (const auto* outcome : {"invalid_json", "forbidden"}) {
    auto& row = record.add(second_us, {});
    row.outcome = outcome;
    row.asked = {};
  }
  const auto result = replayed(record.traffic(60 * second_us), snapshot);
  EXPECT_EQ(result.answered, 1);
  EXPECT_EQ(result.refusals.size(), 4U);
}

TEST(Replay, a_name_that_the_candidate_does_not_have_is_refused) {
  const auto snapshot = config(usual_config(local_only));
  Record record(snapshot);
  record.add(0, {{}}).requested = "support";
  const auto result = replayed(record.traffic(60 * second_us), snapshot);
  EXPECT_EQ(result.refusals.at(0).code, "unknown_model");
}

// Whatever else is changed, a request with a class never reaches a zone that the candidate's rules forbid.
TEST(Replay, sensitive_requests_never_reach_the_cloud_where_the_config_forbids_it) {
  const auto snapshot = config(usual_config(guarded));
  const std::array<std::string_view, 5> classes = {"", "personal", "secret,health", "custom:unheard_of", "financial"};
  std::mt19937 random(1);
  for (int round = 0; round < 30; ++round) {
    Record record(snapshot);
    for (int i = 0; i < 200; ++i) {
      auto& row = record.add(static_cast<int64_t>(random() % 20) * i * 10'000,
                             {{.model = random() % 2 == 0 ? "large" : "small",
                               .busy_us = 1 + static_cast<int64_t>(random() % 1'000'000)}});
      row.classes = classes[random() % classes.size()];
      if (random() % 4 == 0) row.requested = random() % 2 == 0 ? "large" : "far/big";
    }
    const auto traffic = record.traffic(3'600 * second_us);
    for (const double share : {0.0, 0.3, 1.0}) {
      const auto result = replayed(traffic, snapshot, {.local_share = share});
      EXPECT_EQ(result.sensitive_cloud, 0);
      EXPECT_GT(result.sensitive, 0);
      for (std::size_t i = 0; i < traffic.arrivals.size(); ++i) {
        const auto model = result.answered_by[i];
        if (traffic.arrivals[i].classes == 0 || model == UINT32_MAX) continue;
        EXPECT_EQ(snapshot.providers[snapshot.models[model].provider].zone.kind, ZoneKind::local);
      }
    }
  }
}

TEST(Replay, a_local_share_is_kept_to_as_far_as_there_is_a_choice) {
  const auto snapshot = config(usual_config(guarded));
  Record record(snapshot);
  for (int i = 0; i < 1'000; ++i) {
    auto& row = record.add(i * second_us, {{.model = "large", .busy_us = 1'000}});
    if (i % 10 == 0) row.classes = "personal";
  }
  const auto traffic = record.traffic(3'600 * second_us);
  EXPECT_EQ(replayed(traffic, snapshot, {.local_share = 0.8}).answered_local, 800);
  EXPECT_EQ(replayed(traffic, snapshot, {.local_share = 0.25}).answered_local, 250);
  EXPECT_EQ(replayed(traffic, snapshot, {.local_share = 1.0}).answered_local, 1'000);
  EXPECT_EQ(replayed(traffic, snapshot, {.local_share = 0.0}).answered_local, 100) << "the sensitive ones";
}

TEST(Replay, times_of_another_model_come_from_its_own_rates_or_are_stated) {
  const auto snapshot = config(usual_config("      - {use: [large]}\n"));
  Record record(snapshot);
  for (int i = 1; i <= 20; ++i) {  // the cloud model: 100 ms, 1 ms per input token, 10 ms per output token
    record.add(
        i * second_us,
        {{.model = "large", .busy_us = 100'000 + i * 7 * 1'000 + i * i * 10'000, .input = i * 7, .output = i * i}});
  }
  record.add(60 * second_us, {{.model = "small", .busy_us = 5, .input = 100, .output = 50}});
  const auto traffic = record.traffic(3'600 * second_us);
  const auto measured = replayed(traffic, snapshot);
  EXPECT_EQ(measured.estimated, 1);
  EXPECT_TRUE(measured.assumed.empty());
  EXPECT_NEAR(static_cast<double>(measured.models.at(0).answered), 21, 0);
  std::vector<int64_t> expected;
  for (int i = 1; i <= 20; ++i) expected.push_back(100'000 + i * 7'000 + i * i * 10'000);
  expected.push_back(100'000 + 100 * 1'000 + 50 * 10'000);
  EXPECT_NEAR(static_cast<double>(measured.latency.p50_us), static_cast<double>(quantiles(expected).p50_us), 5);

  const auto other = config(usual_config("      - {use: [small]}\n"));
  const auto stated = replayed(traffic, other, {.speeds = {{.model = "small", .output_per_s = 1'000}}});
  EXPECT_EQ(
      stated.machines.at(0).busy_us, 5 + [] {
        int64_t sum = 0;
        for (int i = 1; i <= 20; ++i) sum += i * i * 1'000;
        return sum;
      }());
}

TEST(Replay, a_model_of_unknown_speed_is_taken_as_fast_as_the_one_that_answered_and_is_named) {
  const auto snapshot = config(usual_config(local_only));
  Record record(snapshot);
  record.add(0, {{.model = "large", .busy_us = 77'000}});
  const auto result = replayed(record.traffic(60 * second_us), snapshot);
  EXPECT_EQ(result.assumed, std::vector<std::string>{"small"});
  EXPECT_EQ(result.latency.p50_us, 77'000);
}

TEST(Replay, what_was_never_answered_is_taken_to_be_as_long_as_the_others_of_its_route) {
  const auto snapshot = config(usual_config("      - {use: [large]}\n"));
  Record record(snapshot);
  record.add(0, {{.model = "large", .input = 90, .output = 40}});
  record.add(1, {{.model = "large", .input = 110, .output = 60}});
  auto& row = record.add(2, {});
  row.outcome = "queue_timeout";
  const auto result = replayed(record.traffic(60 * second_us), snapshot);
  EXPECT_EQ(result.answered, 3);
  EXPECT_EQ(result.guessed_tokens, 1);
  EXPECT_EQ(result.models.at(0).output, 40 + 60 + 50);
}

TEST(Replay, a_second_machine_never_makes_the_wait_longer) {
  const auto one = config(usual_config(local_only));
  auto two = one;
  two.providers[0].slots *= 2;
  two.providers[0].cost_per_hour *= 2;
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    Record record(one);
    for (int i = 0; i < 300; ++i) {
      record.add(i * 400'000, {{.busy_us = static_cast<int64_t>(1 + random() % (2 * second_us))}});
    }
    const auto traffic = record.traffic(600 * second_us);
    const auto before = replayed(traffic, one);
    const auto after = replayed(traffic, two, {.machines = {2, 1}});
    EXPECT_LE(after.wait.p95_us, before.wait.p95_us);
    EXPECT_LE(after.latency.p95_us, before.latency.p95_us);
    EXPECT_GE(after.answered, before.answered);
    EXPECT_EQ(after.bill, 2 * before.bill);
    EXPECT_EQ(after.machines.at(0).machines, 2);
  }
}

TEST(Replay, an_empty_ledger_and_unknown_speeds_are_refused) {
  const auto snapshot = config(usual_config(local_only));
  EXPECT_FALSE(replay(Traffic{}, snapshot, {}));
  Record record(snapshot);
  record.add(0, {{}});
  const auto result = replay(record.traffic(second_us), snapshot, {.speeds = {{.model = "smal", .output_per_s = 1}}});
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("`small`"), std::string::npos) << result.error().message;
}

TEST(Quantiles, are_those_of_the_nearest_rank) {
  std::vector<int64_t> values;
  for (int64_t i = 100; i >= 1; --i) values.push_back(i);
  const auto found = quantiles(values);
  EXPECT_EQ(found.p50_us, 50);
  EXPECT_EQ(found.p95_us, 95);
  EXPECT_EQ(found.p99_us, 99);
  std::vector<int64_t> one = {7};
  EXPECT_EQ(quantiles(one).p99_us, 7);
  std::vector<int64_t> none;
  EXPECT_EQ(quantiles(none).samples, 0);
}

TEST(RateFit, finds_the_rates_that_made_the_times_and_none_below_zero) {
  RateFit fit;
  for (int64_t i = 1; i < 60; ++i) fit.add(i * 13 % 97, i, 5'000 + 20 * (i * 13 % 97) + 300 * i);
  const auto rates = fit.rates();
  ASSERT_TRUE(rates);
  EXPECT_NEAR(rates->base_us, 5'000, 1);
  EXPECT_NEAR(rates->per_input_us, 20, 0.1);
  EXPECT_NEAR(rates->per_output_us, 300, 0.1);

  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    RateFit any;
    for (int i = 0; i < 10; ++i) any.add(random() % 50, random() % 50, random() % 100'000);
    const auto found = any.rates();
    EXPECT_GE(found->base_us, 0);
    EXPECT_GE(found->per_input_us, 0);
    EXPECT_GE(found->per_output_us, 0);
  }
  RateFit same;
  for (int i = 0; i < 5; ++i) same.add(10, 20, 1'000);
  EXPECT_EQ(same.rates()->busy_us(10, 20), 1'000) << "where nothing varies, the mean is what is known";
  EXPECT_FALSE(RateFit{}.rates());
}

}  // namespace
}  // namespace weir::plan
