// Configs and recorded traffic for the replay's tests.
#pragma once

#include <gtest/gtest.h>

#include <deque>

#include "config/load.h"
#include "economics/replay/replay.h"
#include "ledger/pricing.h"

namespace weir::plan::recorded {

constexpr int64_t start_us = 1'795'392'000'000'000;  // 2026-11-23T00:00:00Z
constexpr int64_t second_us = 1'000'000;

inline Snapshot config(const std::string& text) {
  const Surroundings surroundings{.environment = [](std::string_view) { return std::optional<std::string>("x"); }};
  const auto loaded = load_config_text(text, "test.yaml", surroundings);
  EXPECT_TRUE(loaded.usable()) << (loaded.problems.empty() ? "" : loaded.problems.front().message);
  return loaded.snapshot;
}

// A machine with two slots at $3.60 an hour (a slot's second costs 500 micro-dollars), and a cloud model at $2 and $8 a
// million tokens.
inline std::string usual_config(const std::string& rules) {
  return R"(
providers:
  - {id: box, kind: vllm, url: "http://10.0.0.5:8000", slots: 2, cost_per_hour: 3.6}
  - {id: far, kind: openai, api_key: x}
models:
  - {id: small, provider: box, name: tiny}
  - {id: large, provider: far, name: big, prices: {input: 2, output: 8}}
routes:
  - name: assistant
    baseline: large
    rules:
)" + rules;
}

// Rows as a gateway would have recorded them, under a config: costs are the pricing's own.
class Record {
 public:
  struct Answer {
    std::string model = "small";
    int64_t busy_us = second_us;
    int64_t input = 100;
    int64_t output = 50;
    std::string outcome = "ok";
  };
  explicit Record(const Snapshot& snapshot) : snapshot_(snapshot) {}

  ScannedRequest& add(int64_t at_us, const std::vector<Answer>& answers) {
    auto& row = rows_.emplace_back();
    row = {.time_us = start_us + at_us,
           .caller = "app",
           .key_id = "key_1",
           .route = "assistant",
           .requested = "assistant",
           .outcome = "ok",
           .priced = true,
           .duration_us = 0,
           .first_attempt = static_cast<int64_t>(attempts_.size()) + 1,
           .attempts = static_cast<int64_t>(answers.size()),
           .asked = {.input_tokens = 100, .known = true}};
    for (const auto& answer : answers) attempt(row, answer);
    return row;
  }

  [[nodiscard]] Traffic traffic(int64_t span_us) const {
    TrafficReader reader({.since_us = start_us});
    reader.oldest(start_us);
    for (const auto& row : rows_) reader.request(row);
    for (const auto& row : attempts_) reader.attempt(row);
    auto traffic = reader.take(start_us + span_us);
    EXPECT_TRUE(traffic) << traffic.error().message;
    return std::move(traffic).value_or(Traffic{});
  }

  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

 private:
  void attempt(ScannedRequest& row, const Answer& answer) {
    const auto model = *find_model(snapshot_, answer.model);
    const auto& provider = snapshot_.providers[snapshot_.models[model].provider];
    const bool good = answer.outcome == "ok";
    const Usage usage{.input = answer.input, .output = answer.output, .known = true};
    const auto cost = good ? attempt_cost(snapshot_, model, usage, answer.busy_us).amount : 0;
    attempts_.push_back({.number = static_cast<int64_t>(attempts_.size()) + 1,
                         .model = keep(answer.model),
                         .provider = keep(provider.id),
                         .zone = keep(to_string(provider.zone)),
                         .outcome = keep(answer.outcome),
                         .http_status = good ? 200 : 500,
                         .duration_us = answer.busy_us,
                         .usage = good ? usage : Usage{},
                         .cost = cost,
                         .price_known = good});
    row.duration_us += answer.busy_us;
    row.cost += cost;
    if (!good) {
      row.outcome = attempts_.back().outcome;
      return;
    }
    row.outcome = "ok";
    row.model = attempts_.back().model;
    row.zone = attempts_.back().zone;
    row.usage = usage;
    row.baseline_cost = baseline_cost(snapshot_, *find_model(snapshot_, "large"), usage).amount;
  }

  const Snapshot& snapshot_;
  std::deque<std::string> texts_;
  std::deque<ScannedRequest> rows_;
  std::vector<ScannedAttempt> attempts_;
};

inline ReplayResult replayed(const Traffic& traffic, const Snapshot& snapshot, const ReplaySettings& settings = {}) {
  auto result = replay(traffic, snapshot, settings);
  EXPECT_TRUE(result) << result.error().message;
  return std::move(result).value_or(ReplayResult{});
}

}  // namespace weir::plan::recorded
