// CircuitBreaker: keeps requests away from a target (one provider and model) that fails or has become slow, and finds
// out soon when it is well again. Shared by all event loops; lock-free; every function may be called from any thread.
// Time is passed in (milliseconds of any steady clock, never negative): there is no clock and no randomness inside.
//
//   closed ──(failure rate or slow rate over the window, or failures in a row)──▶ open ──(open time over)──▶ half_open
//   half_open ──(successes_to_close good probes)──▶ closed        half_open ──(a bad probe)──▶ open, for longer
//
// While open nothing is let through. While half open `probes` calls are let through, and then one more each
// `probe_interval_ms`, so that probes which say nothing or never come back cannot lock the target out.
//
// A call is judged at its first token, and once more if it breaks after that. A target whose streams break one after
// the other is judged at their ends. What may be the fault of one request alone (`doubtful`) counts only in a row of
// several requests without a good answer between. Silence is dear, so less of it is enough.
//
// Apart from all this stands what the target asked for itself (429 with Retry-After): until then nothing is let
// through, after it one call, and the others once that one was answered.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "core/error.h"

namespace weir {

struct BreakerSettings {
  int64_t window_ms = 10'000;
  int64_t minimum_calls = 10;   // below that the rates say nothing
  double failure_rate = 0.5;    // opens at this share of failures (slow ones not included)
  double slow_rate = 0.8;       // opens at this share of slow successes
  int64_t slow_ms = 30'000;     // a first token later than this is slow; 0 = nothing is
  int64_t failures_in_row = 5;  // opens too, for targets with little traffic; 0 = never
  int64_t doubt_ms = 2'000;     // a target that gave a good answer so lately is not opened for doubtful ones
  int64_t silences_in_row = 2;  // the same of calls that were not answered in time
  int64_t breaks_in_row = 3;    // the same of streams that broke after their first token
  int64_t open_ms = 500;        // first time; doubles with each failed probe, less up to a quarter of jitter
  int64_t open_max_ms = 5'000;  // the longest a recovered target stays unused
  int64_t probes = 2;
  int64_t probe_interval_ms = 1'000;
  int64_t successes_to_close = 2;
};

enum class Permit : uint8_t { no, yes, probe };
enum class BreakerState : uint8_t { closed, open, half_open, down };
[[nodiscard]] std::string_view to_string(BreakerState state);

enum class CallOutcome : uint8_t {
  success,
  slow,      // good, but its first token came after slow_ms
  failure,   // the target is to blame
  silence,   // as failure; it was not answered in time
  doubtful,  // an error that was answered: the target is to blame, or this request
  ignored,   // says nothing about the target: the client left, our deadline passed, rate limit, our credential
};
// What an attempt that ended with `code` says about its target.
struct CallFacts {
  int64_t took_ms = 0;
  int http_status = 0;  // 0 = none came
};
[[nodiscard]] CallOutcome outcome_of(ErrorCode code, const CallFacts& facts = {});

class CircuitBreaker {
 public:
  explicit CircuitBreaker(BreakerSettings settings);

  // May one call be made now? `yes` and `probe` must be followed by exactly one `record` with that permit.
  [[nodiscard]] Permit allow(int64_t now_ms);
  // The same question without taking a permit: for the plan's HealthView.
  [[nodiscard]] bool available(int64_t now_ms) const;
  // Record a stream when its first token came, not at its end: a probe decides only when it is recorded; unless
  // `judges_ends` says otherwise. `request`: a number that the tries of one request share; 0 = not known.
  void record(Permit permit, CallOutcome outcome, int64_t now_ms, uint64_t request = 0);
  // Of a stream that was recorded as good at its first token: it broke; it came to its end.
  void broke(int64_t now_ms);
  void ended();
  // Streams broke one after the other, lately: only one that ends is good.
  [[nodiscard]] bool judges_ends() const { return breaks_in_row_.load(std::memory_order_relaxed) > 0; }

  // The target asks to be left alone for so long; 0 = it did not say for how long.
  void limit(int64_t for_ms, int64_t now_ms);
  // How long still; 0 = it may be asked.
  [[nodiscard]] int64_t limited_ms(int64_t now_ms) const;

  // When `allow` may say otherwise than no; 0 = now.
  [[nodiscard]] int64_t retry_in_ms(int64_t now_ms) const;
  // Its last trip was for silence: to ask it all the same may cost a whole timeout.
  [[nodiscard]] bool was_silent() const { return was_silent_.load(std::memory_order_relaxed); }
  // How often it opened without a window of good service between.
  [[nodiscard]] int64_t growth() const;
  // Average time to the first token; 0 = not known.
  [[nodiscard]] int64_t usual_first_token_ms() const { return usual_ms_.load(std::memory_order_relaxed); }
  // `slow` or `success` for a good answer whose first token took so long; 0 = not known, as of an answer that came
  // whole.
  [[nodiscard]] CallOutcome timed(int64_t first_token_ms) const;
  void note_first_token(int64_t first_token_ms);

  // From active health checks. Down: nothing is let through, whatever the calls say. Up after down: probes at once.
  void mark_down();
  void mark_up(int64_t now_ms);

  [[nodiscard]] BreakerState state(int64_t now_ms) const;
  [[nodiscard]] uint64_t times_opened() const { return times_opened_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t buckets = 10;  // of the sliding window

  enum class Counted : uint8_t { call, again };  // again: a call that was counted before, as good
  void count(CallOutcome outcome, Counted counted, int64_t now_ms);
  void record_bad(CallOutcome outcome, int64_t now_ms, uint64_t request);
  void forgive(int64_t now_ms);
  [[nodiscard]] bool rates_exceeded(int64_t now_ms) const;
  void trip(int64_t now_ms);
  void record_probe(CallOutcome outcome, int64_t now_ms);
  [[nodiscard]] int64_t open_for(uint64_t growth, int64_t now_ms) const;
  void forget_calls();

  const BreakerSettings settings_;
  const int64_t bucket_ms_;
  std::atomic<uint64_t> control_;  // state, growth, probes under way, good probes, a time: one word, see the .cpp
  std::atomic<bool> down_{false};
  std::atomic<int64_t> failures_in_row_{0};
  std::atomic<int64_t> silences_in_row_{0};
  std::atomic<int64_t> breaks_in_row_{0};
  std::atomic<int64_t> last_good_ms_;
  std::atomic<uint64_t> last_doubtful_{0};  // request
  std::atomic<bool> was_silent_{false};
  std::atomic<int64_t> limited_until_ms_{0};  // 0 = not limited
  std::atomic<int64_t> limits_in_row_{0};
  std::atomic<bool> limit_tried_{false};  // its time has passed, and one call is out to see
  std::atomic<int64_t> usual_ms_{0};
  std::array<std::atomic<uint64_t>, buckets> window_{};  // epoch, calls, failures, slow: one word each
  std::atomic<uint64_t> times_opened_{0};
};

}  // namespace weir
