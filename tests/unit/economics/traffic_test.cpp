#include "economics/traffic/traffic.h"

#include <gtest/gtest.h>

namespace weir::plan {
namespace {

constexpr int64_t second = 1'000'000;
constexpr int64_t hour = 3'600 * second;
constexpr int64_t day = 24 * hour;
constexpr int64_t start = 1'795'392'000'000'000;  // 2026-11-23T00:00:00Z

ScannedRequest request_at(int64_t time_us) {
  return {.time_us = time_us,
          .caller = "app",
          .key_id = "key_1",
          .route = "assistant",
          .requested = "assistant",
          .classes = "personal",
          .model = "small",
          .zone = "local",
          .outcome = "ok",
          .usage = {.input = 100, .cached = 40, .output = 10, .known = true},
          .cost = 7,
          .priced = true,
          .duration_us = 5'000};
}

Traffic read(const std::vector<ScannedRequest>& rows, int64_t until_us, ScanQuery query = {},
             const std::vector<ScannedAttempt>& attempts = {}) {
  TrafficReader reader(query);
  reader.oldest(rows.empty() ? 0 : rows.front().time_us);
  for (const auto& row : rows) reader.request(row);
  for (const auto& row : attempts) reader.attempt(row);
  auto traffic = reader.take(until_us);
  EXPECT_TRUE(traffic) << traffic.error().message;
  return std::move(traffic).value_or(Traffic{});
}

TEST(Traffic, names_are_kept_once_and_found_by_their_place) {
  auto other = request_at(start + 1);
  other.caller = "other";
  other.classes = "";
  const auto traffic = read({request_at(start), other, request_at(start + 2)}, start + day);
  ASSERT_EQ(traffic.arrivals.size(), 3U);
  EXPECT_EQ(traffic.name(traffic.arrivals[0].caller), "app");
  EXPECT_EQ(traffic.name(traffic.arrivals[1].caller), "other");
  EXPECT_EQ(traffic.arrivals[0].caller, traffic.arrivals[2].caller);
  EXPECT_EQ(traffic.arrivals[1].classes, 0U);
  EXPECT_EQ(traffic.name(0), "");
  EXPECT_EQ(std::set<std::string>(traffic.names.begin(), traffic.names.end()).size(), traffic.names.size());
}

TEST(Traffic, attempts_are_found_by_their_request_whatever_lies_between) {
  auto first = request_at(start);
  first.first_attempt = 12;
  first.attempts = 2;
  auto second_one = request_at(start + 1);
  second_one.first_attempt = 10;
  second_one.attempts = 1;
  std::vector<ScannedAttempt> attempts;
  for (int64_t number = 9; number <= 14; ++number) {
    attempts.push_back({.number = number,
                        .model = "m" + std::string(1, static_cast<char>('0' + number - 9)),
                        .outcome = "ok",
                        .duration_us = number});
  }
  std::vector<std::string> texts;  // the views must outlive the rows
  for (int64_t number = 9; number <= 14; ++number) texts.push_back("m" + std::to_string(number));
  for (std::size_t i = 0; i < attempts.size(); ++i) attempts[i].model = texts[i];
  const auto traffic = read({first, second_one}, start + day, {}, attempts);
  const auto& a = traffic.arrivals[0];
  const auto& b = traffic.arrivals[1];
  EXPECT_EQ(traffic.name(traffic.attempts[a.first_attempt].model), "m12");
  EXPECT_EQ(traffic.name(traffic.attempts[a.first_attempt + 1].model), "m13");
  EXPECT_EQ(traffic.name(traffic.attempts[b.first_attempt].model), "m10");
}

TEST(Traffic, a_clock_that_stepped_back_leaves_arrivals_in_order_of_time) {
  const auto traffic = read({request_at(start + 5), request_at(start), request_at(start + 9)}, start + 10);
  EXPECT_EQ(traffic.arrivals[0].time_us, start);
  EXPECT_EQ(traffic.since_us, start);
}

TEST(Traffic, the_span_begins_where_it_was_asked_to_unless_the_ledger_is_younger) {
  EXPECT_EQ(read({request_at(start)}, start + day, {.since_us = start - 30 * day}).span_us(), day);
  TrafficReader reader({.since_us = start});
  reader.oldest(start - 90 * day);
  reader.request(request_at(start + hour));
  EXPECT_EQ(reader.take(start + day)->span_us(), day);
}

TEST(Traffic, impossible_rows_are_refused_with_their_time) {
  for (const int64_t tokens : {int64_t{-1}, int64_t{1} << 40}) {
    TrafficReader reader({});
    auto row = request_at(start);
    row.usage.output = tokens;
    reader.request(row);
    const auto traffic = reader.take(start);
    ASSERT_FALSE(traffic);
    EXPECT_NE(traffic.error().message.find("2026-11-23"), std::string::npos) << traffic.error().message;
    EXPECT_NE(traffic.error().message.find("output tokens"), std::string::npos);
  }
}

TEST(Traffic, attempts_that_only_waited_are_told_from_those_that_worked) {
  const auto gone = outcome_of_error(ErrorCode::client_gone);
  EXPECT_TRUE((RecordedAttempt{.outcome = outcome_of_error(ErrorCode::queue_timeout)}).never_began());
  EXPECT_TRUE((RecordedAttempt{.queue_us = 9'000, .duration_us = 9'010, .outcome = gone}).never_began());
  EXPECT_FALSE((RecordedAttempt{.queue_us = 9'000, .duration_us = 50'000, .outcome = gone}).never_began());
  EXPECT_FALSE((RecordedAttempt{.queue_us = 9'000, .duration_us = 9'010}).never_began());
}

TEST(Outcomes, each_code_is_found_by_its_name) {
  EXPECT_EQ(outcome_of_name("ok"), outcome_ok);
  for (std::size_t i = 0; i < static_cast<std::size_t>(ErrorCode::count_); ++i) {
    EXPECT_EQ(outcome_of_name(to_string(static_cast<ErrorCode>(i))), i);
  }
}

TEST(WorkloadOfTraffic, is_scaled_to_thirty_days_and_its_parts_sum_to_the_totals) {
  std::vector<ScannedRequest> rows;
  for (int i = 0; i < 101; ++i) {
    auto row = request_at(start + i * hour / 3);
    if (i % 7 == 0) row.route = "batch";
    if (i % 11 == 0) row.operation = Operation::embedding;
    if (i % 13 == 0) {
      row.route = "";
      row.requested = "gpt-4o";
    }
    rows.push_back(row);
  }
  const auto workload = to_workload(read(rows, start + 7 * day, {.since_us = start}), 30 * day);
  ASSERT_TRUE(workload) << workload.error().message;
  Slice sum;
  for (const auto& slice : workload->mix) {
    sum.requests += slice.requests;
    sum.tokens.input += slice.tokens.input;
    sum.tokens.cached += slice.tokens.cached;
    sum.tokens.output += slice.tokens.output;
  }
  EXPECT_EQ(sum.requests, workload->requests);
  EXPECT_EQ(sum.tokens, workload->tokens);
  EXPECT_NEAR(static_cast<double>(workload->requests), 101.0 * 30 / 7, 4);
  EXPECT_NEAR(static_cast<double>(workload->tokens.output) / static_cast<double>(workload->requests), 10, 0.1);
  double hours = 0;
  for (const double share : workload->hours) hours += share;
  EXPECT_NEAR(hours, 1, 1e-9);
  EXPECT_NE(workload->source.find("2026-11-23 to 2026-11-30"), std::string::npos) << workload->source;
  std::vector<std::string> names;
  for (const auto& slice : workload->mix) names.push_back(slice.name);
  EXPECT_NE(std::find(names.begin(), names.end(), "model gpt-4o"), names.end());
  EXPECT_NE(std::find(names.begin(), names.end(), "assistant (embedding)"), names.end());
}

TEST(WorkloadOfTraffic, counts_answers_and_says_what_it_left_out) {
  auto refused = request_at(start + 1);
  refused.outcome = "zone_refused";
  refused.model = "";
  const auto workload = to_workload(read({request_at(start), refused}, start + 30 * day), 30 * day);
  ASSERT_TRUE(workload);
  EXPECT_EQ(workload->requests, 1);
  EXPECT_NE(workload->source.find("1 others left out"), std::string::npos) << workload->source;
}

TEST(WorkloadOfTraffic, an_empty_or_too_short_span_is_refused_with_the_mend) {
  const auto empty = to_workload(read({}, start), 30 * day);
  ASSERT_FALSE(empty);
  EXPECT_NE(empty.error().message.find("no answered requests"), std::string::npos);

  const auto brief = read({request_at(start)}, start + 10 * 60 * second, {.since_us = start});
  const auto refused = to_workload(brief, 30 * day);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("10 min"), std::string::npos) << refused.error().message;
  EXPECT_TRUE(to_workload(brief, 10 * 60 * second)) << "who asks for ten minutes gets them";
}

}  // namespace
}  // namespace weir::plan
