// Replay: recorded arrivals, decided anew. Each one is put to the real policy code (`decide`, policies/policy.h) with
// the candidate config's Snapshot and the expected waits of simulated queues; what the plan keeps is then tried in
// order, by the rules that serving follows: slots and queues as admission/slots.h has them, patience and spill by
// core/slot_rules.h, what follows from an error by the table in core/error.h, money by ledger/pricing.h. No prompt is
// needed: what the guards found comes from the ledger.
//
// What is assumed is written in docs/replay.md: the same tokens whoever answers; the recorded outcome and time where
// this request is known on this model, an estimated time elsewhere (service_model.h); no failures but recorded ones;
// keys' limits refuse the same requests again.
//
// Pure: no clock, no randomness; the same input gives the same result to the last digit. One thread per call.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/snapshot.h"
#include "economics/replay/service_model.h"
#include "economics/traffic/traffic.h"

namespace weir::plan {

struct ReplaySettings {
  std::string name;                   // of the scenario, for tables
  std::vector<int64_t> machines;      // by provider; empty = one each. `slots` and `cost_per_hour` are of all together
  std::vector<bool> resized;          // by provider: its slots or machines are not those of the record; empty = none
  std::optional<double> local_share;  // 0 to 1: so many requests try a local model first, where they have the choice
  std::vector<StatedSpeed> speeds;
  std::function<void(double done)> progress;  // told now and then how far it is, 0 to 1; may be empty
};

// Nearest-rank percentiles of `samples` values; all 0 when there are none.
struct Quantiles {
  int64_t p50_us = 0;
  int64_t p95_us = 0;
  int64_t p99_us = 0;
  int64_t samples = 0;
};
// Reorders `values`.
[[nodiscard]] Quantiles quantiles(std::vector<int64_t>& values);

struct RefusalCount {
  std::string code;  // ErrorCode's name
  int64_t requests = 0;
};

// What one model did.
struct ModelWork {
  std::string model;
  std::string zone;
  int64_t answered = 0;
  int64_t attempts = 0;  // failed ones included, without those that got no slot
  int64_t input = 0;     // tokens of the answers
  int64_t output = 0;
  MicroDollars cost = 0;
};

// What the machines of one provider did, and what they cost. Only providers with slots or a cost per hour.
struct MachineWork {
  std::string provider;
  int64_t machines = 1;
  int64_t slots = 0;          // of all machines
  MicroDollars per_hour = 0;  // of all machines
  int64_t busy_us = 0;        // of all slots together
  double busy_share = 0;      // of slots × span; 0 without slots
  int64_t waited = 0;         // requests that waited and got a slot
  int64_t turned_away = 0;    // queue full, wait too long, or patience over
  MicroDollars metered = 0;   // what requests were charged for the time that they used
  MicroDollars bill = 0;      // cost per hour × hours of the span: what the machines cost, busy or idle
};

struct ReplayResult {
  std::string name;
  int64_t requests = 0;
  int64_t answered = 0;
  int64_t client_gone = 0;
  int64_t answered_local = 0;
  int64_t spilled = 0;                 // went on to another candidate because a queue was full, too long or too slow
  std::vector<RefusalCount> refusals;  // most frequent first

  MicroDollars cost = 0;         // of all attempts, as the ledger counts it: machines by the time used
  MicroDollars token_cost = 0;   // of it, what is paid by tokens
  MicroDollars baseline = 0;     // of the requests that have one
  MicroDollars saved = 0;        // baseline − cost of those
  int64_t without_baseline = 0;  // answered requests
  int64_t unpriced = 0;          // requests with an attempt that has no known price
  MicroDollars bill = 0;         // sum over machines

  Quantiles latency;      // of answered requests, from arrival to the end of the answer
  Quantiles wait;         // in queues, of the same requests; 0 counts too
  Quantiles first_token;  // of answered streams, from arrival

  std::vector<ModelWork> models;  // most answers first, without those that did nothing
  std::vector<MachineWork> machines;

  int64_t sensitive = 0;        // requests with any class
  int64_t sensitive_cloud = 0;  // of them, tried in the cloud (if only as a failed attempt)

  int64_t same_model = 0;             // answered by the model that answered when it was recorded
  MicroDollars same_cost = 0;         // of them, now
  MicroDollars same_cost_before = 0;  // of them, as recorded

  int64_t estimated = 0;               // attempts whose time was estimated from rates
  int64_t guessed_tokens = 0;          // requests never answered before: tokens as the others of their route
  int64_t without_facts = 0;           // recorded by a version that kept no facts
  std::vector<std::string> slowdowns;  // how resized machines slow down with load, in words
  std::vector<std::string> assumed;    // models without a known speed, taken as fast as the one that answered
  std::vector<uint32_t> answered_by;   // by arrival: model of the snapshot; UINT32_MAX = nobody

  // Fixed and metered together: what is paid by tokens, and the machines' bill.
  [[nodiscard]] MicroDollars paid() const { return token_cost + bill; }
};

// Replays all of `traffic` under `snapshot`. Fails with invalid_request where there is nothing to replay, a stated
// speed names no model of the config, or the sensitivity classes of ledger and config are more than 64 together.
[[nodiscard]] Result<ReplayResult> replay(const Traffic& traffic, const Snapshot& snapshot,
                                          const ReplaySettings& settings);

// The same figures as they were recorded, for comparison; machines and bill are those of `snapshot`.
[[nodiscard]] ReplayResult as_recorded(const Traffic& traffic, const Snapshot& snapshot);

}  // namespace weir::plan
