// RateLimit: so many units (requests, tokens) a minute, as a leaky bucket that holds one minute's worth: a caller may
// use it up at once, then it refills evenly. The generic cell rate algorithm (ITU-T I.371): one number, the time at
// which the bucket is full again; so it is one atomic, without locks, and safe from any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace weir {

class RateLimit {
 public:
  explicit RateLimit(int64_t per_minute) : per_minute_(per_minute) {}

  struct Answer {
    bool granted = true;
    int64_t retry_after_us =
        0;  // when the same amount will fit; 0 with granted false: never, it is more than a minute's
  };
  // Takes `amount` at `now_us` (of any clock that only goes forward, the same for all calls). A limit of 0 grants
  // everything.
  Answer take(int64_t amount, int64_t now_us);
  // Corrects an earlier take: gives back `amount`, or takes more where it is negative (then possibly beyond the limit:
  // what was used was used, and later callers wait for it).
  void give_back(int64_t amount);

  [[nodiscard]] int64_t per_minute() const { return per_minute_; }

 private:
  [[nodiscard]] int64_t span_ns(int64_t amount) const;

  const int64_t per_minute_;
  std::atomic<int64_t> full_at_ns_{0};
};

}  // namespace weir
