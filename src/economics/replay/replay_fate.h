// Fates: what a candidate does with a request when it is tried. What was recorded, where this request is known on this
// model; else what it may be expected to do, by its rates. Used by the replay alone; one thread.
#pragma once

#include <optional>
#include <vector>

#include "economics/replay/replay.h"
#include "economics/replay/replay_facts.h"
#include "economics/replay/slowdown.h"

namespace weir::plan {

// What one attempt will do, known when it begins.
struct Fate {
  int64_t busy_us = 0;
  int64_t first_token_us = 0;
  Outcome outcome = outcome_ok;
  Usage usage;
  bool has_usage = true;
};

class Fates {
 public:
  Fates(const Traffic& traffic, const Snapshot& snapshot, const ReplaySettings& settings);

  // `next_recorded`: the first of the arrival's recorded attempts that was not replayed yet; moved on. `beside`: how
  // many other requests hold a slot of the model's provider.
  [[nodiscard]] Fate of(const Arrival& arrival, uint32_t model, uint32_t& next_recorded, int64_t beside);
  // The record has another try of the same candidate next.
  [[nodiscard]] bool is_retried(const Arrival& arrival, uint32_t model, uint32_t next_recorded) const;
  // Mean time that an attempt held its provider in the record; 0 where none did.
  [[nodiscard]] std::vector<int64_t> mean_uses_us() const;
  // Writes down what was assumed.
  void describe(ReplayResult& result) const;

 private:
  [[nodiscard]] Fate estimated(const Arrival& arrival, uint32_t model);
  void share_machine(Fate& fate, uint32_t provider, std::optional<uint32_t> attempt, int64_t beside) const;

  const Traffic& traffic_;
  const Snapshot& snapshot_;
  const ReplaySettings& settings_;
  TypicalAnswers typical_;
  ModelNames names_;
  std::vector<std::optional<ServiceRates>> rates_;  // by model
  std::optional<Concurrency> concurrency_;          // only where machines are resized
  std::vector<bool> assumed_;                       // by model
  int64_t estimates_ = 0;
  int64_t guesses_ = 0;
};

}  // namespace weir::plan
