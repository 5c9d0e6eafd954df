#include "admission/rate_limit.h"

#include <algorithm>

namespace weir {
namespace {

constexpr int64_t minute_ns = 60'000'000'000;

}  // namespace

// `amount` as a part of the minute, in the time it takes to refill. In 128 bits nothing overflows; a day is more than
// any use of it needs.
int64_t RateLimit::span_ns(int64_t amount) const {
  __extension__ using Wide = __int128;
  const auto span = static_cast<Wide>(amount) * minute_ns / per_minute_;
  constexpr Wide day_ns = Wide{24} * 60 * minute_ns;
  return static_cast<int64_t>(std::clamp<Wide>(span, -day_ns, day_ns));
}

RateLimit::Answer RateLimit::take(int64_t amount, int64_t now_us) {
  if (per_minute_ <= 0) return {};
  if (amount > per_minute_) return {.granted = false, .retry_after_us = 0};
  const int64_t now_ns = now_us * 1'000;
  const int64_t span = span_ns(amount);
  int64_t full_at = full_at_ns_.load(std::memory_order_relaxed);
  for (;;) {
    const int64_t next = std::max(full_at, now_ns) + span;
    if (const int64_t early_ns = next - (now_ns + minute_ns); early_ns > 0) {
      return {.granted = false, .retry_after_us = (early_ns + 999) / 1'000};
    }
    if (full_at_ns_.compare_exchange_weak(full_at, next, std::memory_order_relaxed)) return {};
  }
}

void RateLimit::give_back(int64_t amount) {
  if (per_minute_ <= 0 || amount == 0) return;
  full_at_ns_.fetch_sub(span_ns(amount), std::memory_order_relaxed);
}

}  // namespace weir
