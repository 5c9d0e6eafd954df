// BreakerCall: one call that a circuit breaker permitted; says exactly once how it went. Destroyed without a word, it
// says that nothing was learned. Loop thread only.
#pragma once

#include "admission/circuit_breaker.h"

namespace weir {

class BreakerCall {
 public:
  BreakerCall(CircuitBreaker& breaker, Permit permit, const int64_t& now_us)
      : breaker_(breaker), permit_(permit), now_us_(now_us) {}
  BreakerCall(const BreakerCall&) = delete;
  BreakerCall& operator=(const BreakerCall&) = delete;
  ~BreakerCall() { say(CallOutcome::ignored); }

  void answered(int64_t first_token_ms) { say(breaker_.timed(first_token_ms)); }
  void failed(ErrorCode code) { say(outcome_of(code)); }

 private:
  void say(CallOutcome outcome) {
    if (!std::exchange(said_, true)) breaker_.record(permit_, outcome, now_us_ / 1000);
  }
  CircuitBreaker& breaker_;
  Permit permit_;
  const int64_t& now_us_;
  bool said_ = false;
};

}  // namespace weir
