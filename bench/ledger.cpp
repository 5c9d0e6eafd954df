// Writes a ledger of so many made-up requests, as a month of them would be: a route with a local model that spills to a
// cloud model, several callers, some sensitive requests, some failures. For timing what reads ledgers. The same seed
// gives the same ledger.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <iostream>
#include <random>

#include "core/id.h"
#include "ledger/store.h"

namespace weir::bench {
namespace {

struct Options {
  std::string folder;
  int64_t requests = 1'000'000;
  int64_t days = 30;
};

int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

class Maker {
 public:
  Entry next(int64_t time_us) {
    Entry entry;
    entry.id = ids_.next(time_us);
    entry.time_us = time_us;
    const auto caller = random_() % callers.size();
    entry.caller = callers[caller];
    entry.key_id = "key_" + entry.caller;
    entry.route = entry.requested = "assistant";
    const bool sensitive = random_() % 10 == 0;
    if (sensitive) entry.classes = "personal";
    entry.stream = random_() % 2 == 0;
    const int64_t input = 50 + static_cast<int64_t>(random_() % 1'500);
    const int64_t output = 10 + static_cast<int64_t>(-200 * std::log(share()));
    entry.asked = {.input_tokens = input + 20, .output_tokens = 1'024, .known = true};
    const bool spills = !sensitive && random_() % 5 == 0;
    if (spills) {
      entry.attempts.push_back({.model = "small",
                                .provider = "gpu1",
                                .zone = "local",
                                .outcome = "queue_timeout",
                                .message = "All 32 slots of gpu1 are busy and the wait would be too long"});
    }
    answer(entry, spills ? "large" : "small", {.input = input, .output = output, .known = true});
    entry.reason = spills ? "rule 2; large answered, attempt 2 of 2" : "rule 2; small answered, attempt 1 of 2";
    entry.plan = plan_;
    return entry;
  }

  double share() { return std::uniform_real_distribution<double>(1e-9, 1)(random_); }

 private:
  void answer(Entry& entry, const std::string& model, const Usage& usage) {
    const bool local = model == "small";
    const int64_t busy_us = 40'000 + usage.input * 30 + usage.output * 9'000;
    const MicroDollars cost =
        local ? busy_us * 3'000'000 / 3'600'000'000 / 32 : usage.input * 5 / 2 + usage.output * 10;
    entry.attempts.push_back({.model = model,
                              .provider = local ? "gpu1" : "openai",
                              .zone = local ? "local" : "cloud",
                              .outcome = "ok",
                              .message = {},
                              .http_status = 200,
                              .started_us = 60,
                              .first_token_us = entry.stream ? 40'000 + usage.input * 30 : 0,
                              .duration_us = busy_us,
                              .usage = usage,
                              .cost = cost,
                              .price_known = true});
    entry.model = model;
    entry.provider = local ? "gpu1" : "openai";
    entry.zone = local ? "local" : "cloud";
    entry.outcome = "ok";
    entry.http_status = 200;
    entry.usage = usage;
    entry.cost = cost;
    entry.baseline_cost = usage.input * 5 / 2 + usage.output * 10;
    entry.baseline_known = true;
    entry.first_token_us = entry.stream ? 40'100 + usage.input * 30 : 0;
    entry.duration_us = busy_us + 120;
  }

  static constexpr std::array<const char*, 5> callers = {"web", "mobile", "batch", "support", "search"};
  RequestIds ids_{0};
  std::mt19937_64 random_{1};
  std::shared_ptr<const std::string> plan_ = std::make_shared<const std::string>(R"({"route":"assistant"})");
};

int write(const Options& options) {
  auto store = open_store("sqlite", {.folder = options.folder});
  if (!store) {
    std::cerr << store.error().message << '\n';
    return 1;
  }
  constexpr int64_t batch_size = 5'000;
  constexpr int64_t us_per_day = 86'400'000'000;
  Maker maker;
  const int64_t span_us = options.days * us_per_day;
  const double gap_us = static_cast<double>(span_us) / static_cast<double>(options.requests);
  auto time_us = static_cast<double>(now_us() - span_us + 60'000'000);
  for (int64_t done = 0; done < options.requests;) {
    std::vector<Entry> batch;
    for (int64_t i = 0; i < batch_size && done < options.requests; ++i, ++done) {
      time_us += -std::log(maker.share()) * gap_us * 0.999;
      batch.push_back(maker.next(static_cast<int64_t>(time_us)));
    }
    std::vector<const Entry*> pointers;
    for (const auto& entry : batch) pointers.push_back(&entry);
    if (auto appended = (*store)->append(pointers); !appended) {
      std::cerr << appended.error().message << '\n';
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  weir::bench::Options options;
  CLI::App app("Writes a ledger of made-up requests");
  app.add_option("--data", options.folder, "data folder")->required();
  app.add_option("--requests,-n", options.requests)->check(CLI::Range(int64_t{1}, int64_t{100'000'000}));
  app.add_option("--days", options.days, "that they are spread over, up to now")->check(CLI::Range(1, 3'650));
  CLI11_PARSE(app, argc, argv);
  return weir::bench::write(options);
}
