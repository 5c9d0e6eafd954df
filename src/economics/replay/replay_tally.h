// Tally: adds up what happens in a replay, and in the record it is held against. Used by the replay alone.
#pragma once

#include <array>
#include <vector>

#include "core/error.h"
#include "economics/replay/replay.h"

namespace weir::plan {

// How one request ended.
struct Ending {
  Outcome outcome = outcome_ok;
  std::optional<uint32_t> model;  // that answered
  int64_t latency_us = 0;
  int64_t wait_us = 0;
  int64_t first_token_us = 0;  // 0: not streamed
  MicroDollars cost = 0;       // of all attempts
  std::optional<MicroDollars> baseline;
  bool priced = true;
  bool spilled = false;
};

class Tally {
 public:
  Tally(const Snapshot& snapshot, const ReplaySettings& settings, std::size_t requests);

  void attempt(uint32_t model, int64_t busy_us, MicroDollars cost);
  void answer(uint32_t model, const Usage& usage);
  void waited(uint32_t provider) { ++result_.machines[provider].waited; }
  void turned_away(uint32_t provider) { ++result_.machines[provider].turned_away; }
  void end(const Ending& ending);
  [[nodiscard]] ReplayResult& result() { return result_; }
  // Sums, shares and percentiles; leaves out what did nothing.
  [[nodiscard]] ReplayResult finish(int64_t span_us);

 private:
  const Snapshot& snapshot_;
  ReplayResult result_;
  std::vector<int64_t> latencies_;
  std::vector<int64_t> waits_;
  std::vector<int64_t> first_tokens_;
  std::array<int64_t, 256> endings_{};  // by Outcome
};

}  // namespace weir::plan
