#include "ledger/query.h"

#include <gtest/gtest.h>

#include "core/json.h"
#include "support/fake_store.h"

namespace weir {
namespace {

constexpr int64_t now = 1'795'443'900'000'000;  // 2026-11-23T14:25:00Z
constexpr int64_t minute = 60'000'000;
constexpr int64_t day = 1'440 * minute;

TEST(ParseSince, takes_spans_and_dates) {
  struct Case {
    std::string_view text;
    int64_t time;
  };
  for (const auto& [text, time] : {
           Case{"0s", now},
           Case{"90s", now - 90'000'000},
           Case{"30m", now - 30 * minute},
           Case{"24h", now - day},
           Case{"7d", now - 7 * day},
           Case{"2w", now - 14 * day},
           Case{"2026-11-23", now - 14 * 60 * minute - 25 * minute},
           Case{"2026-11-23T14:25", now},
           Case{"2026-11-23T14:25Z", now},
           Case{"2026-11-23T14:25:01Z", now + 1'000'000},
           Case{"1970-01-01", 0},
           Case{"2024-02-29", 1'709'164'800'000'000},
       }) {
    const auto parsed = parse_since(text, now);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, time) << text;
  }
}

TEST(ParseSince, what_is_neither_is_refused_with_examples) {
  for (const std::string_view text :
       {"", "7", "d", "7 d", "-7d", "7dd", "1e3d", "yesterday", "2026-13-01", "2026-02-29", "2026-1-1",
        "2026-11-23 14:25", "2026-11-23T", "2026-11-23T25:00", "2026-11-23T14:25:61", "2026-11-23T14:2",
        "99999999999999999999d", "9223372036854775807s", "\x1b[31m"}) {
    const auto parsed = parse_since(text, now);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid_request);
    EXPECT_NE(parsed.error().message.find("7d"), std::string::npos);
    EXPECT_EQ(parsed.error().message.find('\x1b'), std::string::npos);
  }
}

TEST(Money, is_shown_in_cents_or_in_millionths_where_it_is_small) {
  struct Case {
    MicroDollars amount;
    std::string_view text;
  };
  for (const auto& [amount, text] : {
           Case{0, "$0.00"},
           Case{1, "$0.000001"},
           Case{123, "$0.000123"},
           Case{99'999, "$0.099999"},
           Case{100'000, "$0.10"},
           Case{104'999, "$0.10"},
           Case{105'000, "$0.11"},
           Case{999'999, "$1.00"},
           Case{12'345'678, "$12.35"},
           Case{-500'000, "-$0.50"},
           Case{-1, "-$0.000001"},
           Case{INT64_MAX, "$9223372036854.78"},
           Case{INT64_MIN, "-$9223372036854.78"},
       }) {
    EXPECT_EQ(format_money(amount), text);
  }
}

TEST(Money, is_read_exactly_or_not_at_all) {
  for (const auto& [text, amount] : {std::pair{"5", 5'000'000L},
                                     {"$5", 5'000'000L},
                                     {"$5.25", 5'250'000L},
                                     {"0.000001", 1L},
                                     {"0", 0L},
                                     {"1000000000000", 1'000'000'000'000'000'000L}}) {
    const auto parsed = parse_money(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, amount) << text;
  }
  for (const std::string_view text : {"", "$", "-5", "5.", ".5", "5.0000001", "5,25", "5 ", "five", "1e3", "5.2.5",
                                      "1000000000001", "99999999999999999999", "5.+5"}) {
    EXPECT_FALSE(parse_money(text)) << text;
  }
}

TEST(Time, is_shown_in_utc) {
  EXPECT_EQ(format_time(now), "2026-11-23T14:25:00Z");
  EXPECT_EQ(format_time(now + 59'999'999), "2026-11-23T14:25:59Z");
  EXPECT_EQ(format_date(now), "2026-11-23");
  EXPECT_EQ(format_time(0), "");
  EXPECT_EQ(format_date(-1), "1969-12-31");
}

UsageReport sample_report(UsageGroup by) {
  test::FakeStore store(nullptr);
  store.rows = {{.group = "small", .requests = 3, .errors = 1, .input = 30, .output = 3, .cost = 10},
                {.group = "large",
                 .requests = 1,
                 .input = 1'000,
                 .output = 200,
                 .cost = 5'250'000,
                 .baseline = 6'000'000,
                 .saved = 750'000},
                {.group = "", .requests = 1, .errors = 1}};
  store.rows[0].without_baseline = 3;
  store.rows[0].unpriced = 1;
  store.rows[0].sandbox = 2;
  return *usage_report(store, {.since_us = now, .by = by});
}

TEST(UsageReport, table_is_dearest_first_with_totals_and_with_what_the_sums_do_not_say) {
  EXPECT_EQ(to_table(sample_report(UsageGroup::model), 80),
            "Model            Requests  Errors  Tokens  Tokens       Cost  Baseline  Saved\n"
            "                                       in     out\n"
            "large                   1       0    1000     200      $5.25     $6.00  $0.75\n"
            "small                   3       1      30       3  $0.000010         -      -\n"
            "(none answered)         1       1       0       0      $0.00         -      -\n"
            "total                   5       2    1030     203      $5.25     $6.00  $0.75\n"
            "1 request used a model without a known price: the cost lacks them. Give the\n"
            "model `prices`, or its provider `cost_per_hour`.\n"
            "3 requests had no baseline: \"saved\" says nothing about them. Give the route a\n"
            "`baseline`.\n"
            "2 requests were answered by sandbox models: that is no real money.\n");
}

TEST(UsageReport, days_are_in_order) {
  const auto report = sample_report(UsageGroup::day);
  EXPECT_EQ(report.rows[0].group, "");
  EXPECT_EQ(report.rows[1].group, "large");
  EXPECT_EQ(report.rows[2].group, "small");
}

TEST(UsageReport, json_carries_the_same_numbers) {
  json::Document document;
  ASSERT_TRUE(document.parse(to_json(sample_report(UsageGroup::model))));
  const auto root = document.root();
  EXPECT_EQ(std::string_view(root["by"]), "model");
  EXPECT_EQ(std::string_view(root["since"]), "2026-11-23T14:25:00Z");
  EXPECT_TRUE(root["until"].is_null());
  EXPECT_EQ(root["rows"].get_array().size(), 3U);
  EXPECT_EQ(int64_t(root["total"]["cost_micro_usd"]), 5'250'010);
  EXPECT_EQ(int64_t(root["total"]["requests"]), 5);
  EXPECT_EQ(std::string_view(root["rows"].at(0)["group"]), "large");
  EXPECT_EQ(int64_t(root["rows"].at(0)["saved_micro_usd"]), 750'000);
}

TEST(UsageReport, nothing_is_said_in_words) { EXPECT_EQ(to_table({}, 80), "No requests in that time.\n"); }

TEST(UsageGroup, every_group_is_written_as_it_is_read) {
  for (const std::string_view name : {"model", "route", "key", "zone", "day"}) {
    const auto group = parse_usage_group(name);
    ASSERT_TRUE(group);
    EXPECT_EQ(to_string(*group), name);
  }
  const auto wrong = parse_usage_group("modell");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().message.find("model, route, key, zone, day"), std::string::npos);
}

TEST(EntryJson, is_valid_json_with_plan_and_attempts_whatever_the_texts_hold) {
  Entry entry{.id = "req_1",
              .time_us = now,
              .operation = Operation::chat,
              .caller = "a \"quoted\" name \xff",
              .key_id = {},
              .route = "assistant",
              .requested = "assistant",
              .reason = "rule 1",
              .plan = std::make_shared<const std::string>(R"({"candidates":[1]})"),
              .classes = "personal,custom:x",
              .tags = {},
              .model = "small",
              .provider = "gpu1",
              .zone = "local",
              .outcome = "ok",
              .http_status = 200,
              .stream = true,
              .usage = {.input = 10, .output = 5, .estimated = true},
              .cost = 7,
              .baseline_cost = 10,
              .baseline_known = true,
              .attempts = {}};
  entry.attempts.push_back(
      {.model = "large", .provider = {}, .zone = {}, .outcome = "upstream_timeout", .message = "x"});
  entry.attempts.push_back({.model = "small",
                            .provider = {},
                            .zone = {},
                            .outcome = "ok",
                            .message = {},
                            .http_status = 200,
                            .usage = {.input = 10, .output = 5, .known = true},
                            .cost = 7,
                            .price_known = true});
  json::Document document;
  ASSERT_TRUE(document.parse(entry_json(entry)));
  const auto root = document.root();
  EXPECT_EQ(std::string_view(root["id"]), "req_1");
  EXPECT_EQ(std::string_view(root["time"]), "2026-11-23T14:25:00Z");
  EXPECT_TRUE(root["key_id"].is_null());
  EXPECT_EQ(root["classes"].get_array().size(), 2U);
  EXPECT_EQ(std::string_view(root["classes"].at(1)), "custom:x");
  EXPECT_EQ(root["tags"].get_array().size(), 0U);
  EXPECT_EQ(int64_t(root["saved_micro_usd"]), 3);
  EXPECT_EQ(int64_t(root["usage"]["input_tokens"]), 10);
  EXPECT_TRUE(bool(root["usage"]["estimated"]));
  EXPECT_EQ(root["plan"]["candidates"].get_array().size(), 1U);
  EXPECT_EQ(root["attempts"].get_array().size(), 2U);
  EXPECT_TRUE(root["attempts"].at(0)["usage"].is_null());
  EXPECT_TRUE(root["attempts"].at(0)["cost_micro_usd"].is_null());
  EXPECT_EQ(int64_t(root["attempts"].at(1)["cost_micro_usd"]), 7);
}

TEST(EntryJson, what_is_not_known_is_null) {
  json::Document document;
  ASSERT_TRUE(document.parse(entry_json({})));
  for (const auto* key : {"usage", "baseline_micro_usd", "saved_micro_usd", "plan", "model", "route"}) {
    EXPECT_TRUE(document.root()[key].is_null()) << key;
  }
}

}  // namespace
}  // namespace weir
