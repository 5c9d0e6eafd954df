// The series behind metrics.h: counters and histograms written by one thread and read by any, and the table that finds
// them by their labels. Internal to telemetry/.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "telemetry/metrics.h"

namespace weir {

// A total with one writer: a plain load and store, no locked instruction.
class Tally {
 public:
  void add(uint64_t n) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// Bucket bounds in integers (µs, tokens), as the GenAI conventions advise; metrics_text.cpp prints them by `scale`.
inline constexpr std::array<uint64_t, 14> duration_bounds = {  // s: 0.01 … 81.92
    10'000,    20'000,    40'000,    80'000,     160'000,    320'000,    640'000,
    1'280'000, 2'560'000, 5'120'000, 10'240'000, 20'480'000, 40'960'000, 81'920'000};
inline constexpr std::array<uint64_t, 16> first_token_bounds = {  // s: 0.001 … 10
    1'000,   5'000,   10'000,  20'000,    40'000,    60'000,    80'000,    100'000,
    250'000, 500'000, 750'000, 1'000'000, 2'500'000, 5'000'000, 7'500'000, 10'000'000};
inline constexpr std::array<uint64_t, 14> token_bounds = {  // 4^0 … 4^13
    1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};

template <const auto& bounds>
class Histogram {
 public:
  static constexpr std::size_t size = bounds.size() + 1;  // the last bucket is +Inf

  void observe(uint64_t value) {
    const auto* const found = std::lower_bound(bounds.begin(), bounds.end(), value);  // le: the bound is included
    counts_[static_cast<std::size_t>(found - bounds.begin())].add(1);
    sum_.add(value);
  }
  void add_to(std::array<uint64_t, size>& counts, uint64_t& sum) const {
    for (std::size_t i = 0; i < size; ++i) counts[i] += counts_[i].get();
    sum += sum_.get();
  }

 private:
  std::array<Tally, size> counts_;
  Tally sum_;
};

struct RequestSeries {
  Histogram<duration_bounds> duration_us;
  Histogram<first_token_bounds> first_token_us;
  Tally cost;
  Tally baseline;
};

struct AttemptSeries {
  Histogram<duration_bounds> duration_us;
  Histogram<duration_bounds> first_chunk_us;
  Histogram<token_bounds> input;
  Histogram<token_bounds> output;
  Tally cached;
  Tally reasoning;
  Tally cost;
  Tally bad_events;
  Tally queue_us;
};

// The labels of a series in one word; never 0.
struct SeriesKey {
  enum class Kind : uint8_t { request = 1, attempt = 2 };
  static constexpr uint8_t outcome_ok = 0;       // otherwise 1 + ErrorCode
  static constexpr uint16_t other = UINT16_MAX;  // route and model of everything beyond the limits

  Kind kind = Kind::request;
  Operation operation = Operation::chat;
  uint8_t outcome = outcome_ok;
  RouteSlot route = 0;
  ModelSlot model = 0;

  [[nodiscard]] uint64_t pack() const {
    return static_cast<uint64_t>(kind) << 56 | static_cast<uint64_t>(operation) << 48 |
           static_cast<uint64_t>(outcome) << 40 | static_cast<uint64_t>(route) << 16 | model;
  }
  [[nodiscard]] static SeriesKey unpack(uint64_t word) {
    return {.kind = static_cast<Kind>(word >> 56),
            .operation = static_cast<Operation>(word >> 48 & 0xFF),
            .outcome = static_cast<uint8_t>(word >> 40 & 0xFF),
            .route = static_cast<RouteSlot>(word >> 16 & 0xFFFF),
            .model = static_cast<ModelSlot>(word & 0xFFFF)};
  }
};

// Open addressing with one writer. An entry is published by its key (release), after its series is in place; it is
// never removed or moved, so that a reader on another thread needs no lock.
class MetricsShard::Table {
 public:
  explicit Table(std::size_t max_series);

  [[nodiscard]] RequestSeries& request(SeriesKey key) { return find<RequestSeries>(key, requests_); }
  [[nodiscard]] AttemptSeries& attempt(SeriesKey key) { return find<AttemptSeries>(key, attempts_); }

  // From any thread: calls `with(key, const RequestSeries*, const AttemptSeries*)`, one of the two set.
  template <typename With>
  void each(With with) const {
    for (const Entry& entry : entries_) {
      const uint64_t word = entry.key.load(std::memory_order_acquire);
      if (word == 0) continue;
      const SeriesKey key = SeriesKey::unpack(word);
      if (key.kind == SeriesKey::Kind::request)
        with(key, static_cast<const RequestSeries*>(entry.series), nullptr);
      else
        with(key, nullptr, static_cast<const AttemptSeries*>(entry.series));
    }
  }

 private:
  struct Entry {
    std::atomic<uint64_t> key{0};
    void* series = nullptr;  // of the kind that the key says; written before the key
  };

  template <typename Series>
  Series& find(SeriesKey key, std::vector<std::unique_ptr<Series>>& owned) {
    const uint64_t word = key.pack();
    std::size_t at = (word * 0x9e3779b97f4a7c15) >> shift_;
    for (;; at = (at + 1) & (entries_.size() - 1)) {
      const uint64_t seen = entries_[at].key.load(std::memory_order_relaxed);
      if (seen == word) return *static_cast<Series*>(entries_[at].series);
      if (seen == 0) break;
    }
    const bool overflow = key.route == SeriesKey::other;
    if (used_ >= max_series_ && !overflow) {
      return find(SeriesKey{.kind = key.kind, .route = SeriesKey::other, .model = SeriesKey::other}, owned);
    }
    ++used_;
    owned.push_back(std::make_unique<Series>());
    entries_[at].series = owned.back().get();
    entries_[at].key.store(word, std::memory_order_release);
    return *owned.back();
  }

  const std::size_t max_series_;
  std::size_t used_ = 0;
  int shift_ = 0;
  std::vector<Entry> entries_;  // a power of two, at least twice max_series
  std::vector<std::unique_ptr<RequestSeries>> requests_;
  std::vector<std::unique_ptr<AttemptSeries>> attempts_;
};

// The interned labels. A model whose provider or zone changed on reload is another one.
struct ModelLabel {
  std::string id;
  std::string name;      // as the provider knows it
  std::string provider;  // id
  std::string genai_provider;
  std::string zone;
  bool operator==(const ModelLabel&) const = default;
};

struct Metrics::Names {
  mutable std::mutex mutex;
  std::vector<std::string> routes;  // slot − 1
  std::vector<ModelLabel> models;   // slot − 1
};

}  // namespace weir
