// Slot rules: the arithmetic of waiting for a slot, as pure functions: what the slots of a provider say of the wait
// ahead, and how long a request waits before it goes on to its next candidate. Serving (admission/slots.h,
// pipeline/relay.cpp) and replaying (plan/replay.h) ask the same functions, so that a replay decides as serving did.
// Any thread.
#pragma once

#include <algorithm>
#include <cstdint>

namespace weir {

// Is this candidate the last that was kept for the request?
enum class Turn : uint8_t { others_follow, last };

// How long a request waits at most. `spill_ms`: of the rule, −1 where it has none; `queue_ms`: of the provider. Who has
// nobody else to ask waits as long as the provider lets it.
[[nodiscard]] constexpr int64_t slot_patience_ms(int64_t spill_ms, int64_t queue_ms, Turn turn) {
  return spill_ms >= 0 && turn == Turn::others_follow ? std::min(spill_ms, queue_ms) : queue_ms;
}

// Not even queued: the wait is expected to be longer than the patience, and another candidate could answer meanwhile.
[[nodiscard]] constexpr bool spills_at_once(int64_t expected_wait_ms, int64_t patience_ms, Turn turn) {
  return turn == Turn::others_follow && expected_wait_ms > patience_ms;
}

// Waiting requests at most. `configured` 0 = 4 × slots.
[[nodiscard]] constexpr int64_t waiting_limit(int64_t slots, int64_t configured) {
  return configured > 0 ? configured : 4 * std::max<int64_t>(slots, 1);
}

// How long one that came now would wait while no slot is free: those ahead and itself, at the average use of a slot.
[[nodiscard]] constexpr int64_t expected_slot_wait_ms(int64_t waiting, int64_t slots, int64_t average_use_us) {
  return (waiting + 1) * average_use_us / std::max<int64_t>(slots, 1) / 1'000;
}

// The average after one more use: an EWMA, weight 1/8 for the newest; 0 = nothing was measured yet.
[[nodiscard]] constexpr int64_t next_average_use_us(int64_t average_us, int64_t used_us) {
  const int64_t sample = std::max<int64_t>(used_us, 1);
  return average_us == 0 ? sample : average_us + (sample - average_us) / 8;
}

}  // namespace weir
