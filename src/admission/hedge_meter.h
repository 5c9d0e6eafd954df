// HedgeMeter: bounds for how many of a route's requests a second candidate is asked: of n requests, n × share of them,
// rounded up, and after a long calm no more than ten in a row. One per route, shared by all event loops; lock-free, any
// thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace weir {

class HedgeMeter {
 public:
  // Parts per million.
  explicit HedgeMeter(int64_t share) : share_(share), credit_(one - share) {}

  [[nodiscard]] int64_t share() const { return share_; }
  // A request that might come to ask a second one.
  void count() {
    change([&](int64_t credit) { return std::min(credit + share_, most); });
  }
  // True: this one may.
  [[nodiscard]] bool take() {
    return change([](int64_t credit) { return credit < one ? credit : credit - one; });
  }

 private:
  static constexpr int64_t one = 1'000'000;
  static constexpr int64_t most = 10 * one;

  // False: it stays as it is.
  template <typename F>
  bool change(const F& next) {
    auto seen = credit_.load(std::memory_order_relaxed);
    for (;;) {
      const int64_t wanted = next(seen);
      if (wanted == seen) return false;
      if (credit_.compare_exchange_weak(seen, wanted, std::memory_order_relaxed)) return true;
    }
  }

  const int64_t share_;
  std::atomic<int64_t> credit_;  // millionths of a second candidate
};

}  // namespace weir
