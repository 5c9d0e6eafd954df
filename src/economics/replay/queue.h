// Queue simulation: the slots of a provider and the fair queue in front of them, in simulated time. A Station is what
// admission/slots.h is, without threads: so many slots, a bounded queue, round-robin over callers, first come first
// served within a caller, and the same arithmetic for the expected wait (core/slot_rules.h). An Agenda is the list of
// what happens next. `simulate_queue` runs one station alone: that is what is held against queueing theory. Times are
// microseconds. Single-threaded values; no clock.
//
// Jobs and callers are small numbers: places in vectors of the user, used again after a job has ended.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace weir::plan {

using JobId = uint32_t;
using CallerId = uint32_t;

struct StationSettings {
  int64_t slots = 1;                  // at least 1
  int64_t waiting_limit = INT64_MAX;  // waiting jobs at most
  int64_t average_use_us = 0;         // known before the first job; 0 = not known
};

class Station {
 public:
  enum class Entered : uint8_t { served, queued, full };

  explicit Station(StationSettings settings) : settings_(settings), average_use_us_(settings.average_use_us) {}

  // Takes a slot if one is free; else a place in the caller's queue, if there is room.
  [[nodiscard]] Entered enter(JobId job, CallerId caller);
  [[nodiscard]] bool has_free() const { return waiting_ == 0 && held_ < settings_.slots; }
  // A waiting job leaves the queue.
  void leave(JobId job);
  // A job that held its slot for `used_us` gives it back: the job that has the slot now, if any waited.
  [[nodiscard]] std::optional<JobId> release(int64_t used_us);

  [[nodiscard]] int64_t expected_wait_ms() const;
  [[nodiscard]] int64_t held() const { return held_; }
  [[nodiscard]] int64_t waiting() const { return waiting_; }
  [[nodiscard]] int64_t slots() const { return settings_.slots; }

 private:
  static constexpr uint32_t none = std::numeric_limits<uint32_t>::max();
  // Of a waiting job: its neighbours in the queue of its caller.
  struct Place {
    JobId previous = none;
    JobId next = none;
    CallerId caller = none;
  };
  // Of a caller with waiting jobs: their ends, and its neighbours in the ring of all such callers.
  struct Caller {
    JobId first = none;
    JobId last = none;
    CallerId previous = none;
    CallerId next = none;
  };

  void push(JobId job, CallerId caller);
  void unlink(JobId job);

  StationSettings settings_;
  int64_t held_ = 0;
  int64_t waiting_ = 0;
  int64_t average_use_us_ = 0;
  std::vector<Place> places_;    // by job
  std::vector<Caller> callers_;  // by caller
  CallerId turn_ = none;
};

// What happens when: a binary heap by time, then by the order in which it was noted.
class Agenda {
 public:
  enum class What : uint8_t { end_of_service, end_of_patience };
  struct Event {
    int64_t time_us = 0;
    uint64_t order = 0;
    uint64_t stamp = 0;  // of the job when this was noted: an event of another stamp is out of date
    JobId job = 0;
    What what = What::end_of_service;
  };

  void note(int64_t time_us, What what, JobId job, uint64_t stamp);
  // The next event up to and including `time_us`; nullopt when there is none.
  [[nodiscard]] std::optional<Event> next_until(int64_t time_us);

 private:
  std::vector<Event> heap_;
  uint64_t notes_ = 0;
};

struct QueuedJob {
  int64_t arrival_us = 0;  // never falling
  int64_t service_us = 0;
  CallerId caller = 0;
};

struct QueueSettings {
  StationSettings station;
  int64_t patience_us = INT64_MAX;  // longest wait
};

struct QueueResult {
  static constexpr int64_t refused = -1;  // the queue was full
  static constexpr int64_t gave_up = -2;  // no slot came free within the patience
  std::vector<int64_t> waits_us;          // by job, or one of the two above
};

[[nodiscard]] QueueResult simulate_queue(const QueueSettings& settings, std::span<const QueuedJob> jobs);

}  // namespace weir::plan
