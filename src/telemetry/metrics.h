// Metrics: what /metrics shows, in the Prometheus text format. One shard per event loop, written by that loop's thread
// alone with plain relaxed loads and stores (no locked instruction, no lock), summed on scrape from any thread.
//
// Labels are bounded: routes and models are interned when a Snapshot is bound (`bind`, at load), so that a request
// carries two small numbers; ids that are gone keep their totals. Combinations (route × model × operation × outcome)
// come into being when they are first seen, at most `max_series` per shard; everything beyond is counted under the
// labels `other`.
//
// Names follow OpenTelemetry's GenAI conventions (status: development; semantic-conventions-genai, docs/gen-ai/
// gen-ai-metrics.md) in Prometheus form, i.e. with unit suffix: gen_ai.server.* is what our callers see,
// gen_ai.client.* is what we see of the model side, an attempt each. Everything of our own is weir_*.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/request.h"
#include "core/snapshot.h"
#include "core/usage.h"

namespace weir {

// Stable numbers of routes and models; 0 = none (no route: a model was named directly; no model: none answered).
using RouteSlot = uint16_t;
using ModelSlot = uint16_t;

// The slots of one Snapshot, by its indices. Made at load, kept beside the Snapshot; immutable.
struct MetricLabels {
  std::vector<RouteSlot> routes;
  std::vector<ModelSlot> models;
};

struct RequestSample {
  RouteSlot route = 0;
  ModelSlot model = 0;
  Operation operation = Operation::chat;
  std::optional<ErrorCode> error;  // unset: answered well
  int64_t duration_us = 0;
  int64_t first_token_us = 0;  // 0: none came
  MicroDollars cost = 0;
  MicroDollars baseline_cost = 0;
  bool streamed = false;
};

struct AttemptSample {
  ModelSlot model = 0;
  Operation operation = Operation::chat;
  std::optional<ErrorCode> error;
  int64_t duration_us = 0;
  int64_t first_token_us = 0;
  int64_t queue_us = 0;  // waited for a slot
  int64_t bad_events = 0;
  Usage usage;
  MicroDollars cost = 0;
};

// Things that are only counted.
enum class Count : uint8_t {
  connections_accepted,
  connections_closed,   // open = accepted - closed
  connections_refused,  // over the limit
  upstream_connects,    // new connections to the model side
  upstream_reuses,      // requests that found an idle one
  retries,              // of the same candidate
  fallbacks,            // to the next candidate after a failure
  spills,               // to the next candidate because the queue was too long
  streams_resumed,      // handed on to another candidate in mid-stream
  clients_gone,
  cache_hits,    // answered from the cache of answers
  cache_misses,  // looked up there, and not found
  cache_saved,   // micro-dollars: what the answers cost that were given again
  hedges,        // a second candidate was asked because the first had not said anything in time
  hedges_won,    // ... and answered first
  hedges_held,   // none was asked although it was time: the route's share, the budget or the free slots were used up
  count_
};

class MetricsShard {
 public:
  // All of these: only from the thread that owns the shard.
  void request(const RequestSample& sample);
  void attempt(const AttemptSample& sample);
  void add(Count what, uint64_t n = 1);

  explicit MetricsShard(std::size_t max_series);
  ~MetricsShard();
  MetricsShard(const MetricsShard&) = delete;
  MetricsShard& operator=(const MetricsShard&) = delete;

 private:
  friend class Metrics;
  class Table;
  std::unique_ptr<Table> table_;
  std::array<std::atomic<uint64_t>, static_cast<std::size_t>(Count::count_)> counts_{};
};

// What is read from elsewhere at scrape time.
struct ProviderGauges {
  std::string provider;
  int64_t slots = 0;
  int64_t slots_held = 0;
  int64_t waiting = 0;
  uint64_t refused_full = 0;
  bool up = true;  // by its health check
  uint64_t keys_resting = 0;
};
struct BreakerGauges {
  std::string model;
  std::string provider;
  std::string_view state;  // closed, open, half_open, down
  uint64_t times_opened = 0;
};
struct WorldGauges {
  std::vector<ProviderGauges> providers;
  std::vector<BreakerGauges> breakers;
  int64_t ledger_pending = 0;
  uint64_t ledger_written = 0;
  uint64_t ledger_failed = 0;   // commits; they are tried again
  uint64_t ledger_dropped = 0;  // entries lost
  uint64_t config_version = 0;
  uint64_t config_reloads_failed = 0;
};

struct MetricsSettings {
  std::size_t shards = 1;
  std::string version;
  std::size_t max_series = 2048;  // per shard; combinations of labels, not lines of output
};

class Metrics {
 public:
  explicit Metrics(MetricsSettings settings);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  [[nodiscard]] MetricsShard& shard(std::size_t index) { return *shards_[index]; }
  // At start and after each reload, from any thread; not on the request path.
  [[nodiscard]] MetricLabels bind(const Snapshot& snapshot);
  // The whole exposition. Any thread; takes no lock that a request path takes.
  [[nodiscard]] std::string expose(const WorldGauges& world) const;
  // Content-Type of it.
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Names;
  const std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
  MetricsSettings settings_;
  std::vector<std::unique_ptr<MetricsShard>> shards_;
  std::unique_ptr<Names> names_;  // interned labels, under a lock of their own
};

}  // namespace weir
