// BreakerCall: one call that a circuit breaker permitted; says exactly once how it went, and of a stream that began
// well once more whether it broke. Destroyed without a word, it says that nothing was learned. Loop thread only.
#pragma once

#include "admission/circuit_breaker.h"

namespace weir {

class BreakerCall {
 public:
  BreakerCall(CircuitBreaker& breaker, Permit permit, const int64_t& now_us)
      : breaker_(breaker), permit_(permit), now_us_(now_us) {}
  BreakerCall(const BreakerCall&) = delete;
  BreakerCall& operator=(const BreakerCall&) = delete;
  ~BreakerCall() { say(CallOutcome::ignored, 0); }

  // The first token of a stream came after so long.
  void began(int64_t first_token_ms) {
    if (begun_) return;
    begun_ = true;
    breaker_.note_first_token(first_token_ms);
    outcome_ = breaker_.timed(first_token_ms);
    if (permit_ != Permit::probe || !breaker_.judges_ends()) say(outcome_, 0);
  }
  // All of it came.
  void ended() {
    if (begun_) breaker_.ended();
    say(outcome_, 0);
  }
  // `request`: a number that the tries of one request share.
  void failed(ErrorCode code, const CallFacts& facts, uint64_t request) {
    const auto outcome = outcome_of(code, facts);
    const bool bad = outcome != CallOutcome::success && outcome != CallOutcome::ignored;
    if (said_) {
      if (begun_ && bad) breaker_.broke(now_us_ / 1000);
    } else {
      say(begun_ && bad ? CallOutcome::failure : outcome, request);
    }
  }

 private:
  void say(CallOutcome outcome, uint64_t request) {
    if (!std::exchange(said_, true)) breaker_.record(permit_, outcome, now_us_ / 1000, request);
  }
  CircuitBreaker& breaker_;
  Permit permit_;
  const int64_t& now_us_;
  CallOutcome outcome_ = CallOutcome::success;  // of the first token
  bool begun_ = false;
  bool said_ = false;
};

}  // namespace weir
