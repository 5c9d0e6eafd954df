// ScriptedClock: time that stands still while anything is ready, and jumps to the next timer when nothing is. A test of
// ten minutes takes as long as its work. All that takes part must run on the loop; where another thread has a hand in
// it (the ledger's answers, the resolver), `patience_ms` is how long that one gets before time jumps far.
#pragma once

#include "net/event_loop.h"

namespace weir::test {

class ScriptedClock final : public net::Clock {
 public:
  int wait_ms(int64_t until_timer_us) override {
    if (until_timer_us == 0) return 0;
    if (until_timer_us < 0) return longest_silence_ms;
    return until_timer_us < short_us ? 0 : patience_ms;
  }
  int64_t now_us(int64_t until_timer_us, int ready) override {
    if (ready > 0) return now_us_;
    if (until_timer_us > 0) now_us_ += until_timer_us;
    if (until_timer_us < 0) {
      ADD_FAILURE() << "nothing is ready and no timer is set: this would wait for ever";
      std::abort();
    }
    return now_us_;
  }

  int patience_ms = 0;

 private:
  static constexpr int64_t short_us = 50'000;
  static constexpr int longest_silence_ms = 10'000;  // real ones
  int64_t now_us_ = 3'600'000'000;                   // of no meaning; not 0, which stands for "never"
};

}  // namespace weir::test
