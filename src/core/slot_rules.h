// Slot rules: the arithmetic of waiting for a slot, as pure functions: what the slots of a provider say of the wait
// ahead, and how long a request waits before it goes on to its next candidate. Serving (admission/slots.h,
// pipeline/relay.cpp) and replaying (economics/replay/replay.h) ask the same functions, so that a replay decides as
// serving did. Any thread.
#pragma once

#include <algorithm>
#include <cstdint>

namespace weir {

// Is this candidate the last that was kept for the request?
enum class Turn : uint8_t { others_follow, last };

// How long a wait is worth it that a provider asks for. `configured`: of the route, −1 where it has none. Who has
// nobody else to ask can wait longer.
[[nodiscard]] constexpr int64_t patience_ms(int64_t configured, Turn turn) {
  if (configured >= 0) return configured;
  return turn == Turn::last ? 10'000 : 2'000;
}

// How long a request waits at most. `spill_ms`: of the rule, −1 where it has none; `queue_ms`: of the provider, −1
// where it has none: then 10 s while another model could answer, and to the route's deadline where none could.
[[nodiscard]] constexpr int64_t slot_patience_ms(int64_t spill_ms, int64_t queue_ms, Turn turn) {
  constexpr int64_t with_others = 10'000;
  constexpr int64_t to_the_deadline = 24 * 3'600'000;
  if (turn == Turn::last) return queue_ms >= 0 ? queue_ms : to_the_deadline;
  const int64_t longest = queue_ms >= 0 ? queue_ms : with_others;
  return spill_ms >= 0 ? std::min(spill_ms, longest) : longest;
}

// Not even queued: the wait is expected to be longer than the patience, and another candidate could answer meanwhile;
// or so much longer that an estimate which is half wrong would not save it.
[[nodiscard]] constexpr bool spills_at_once(int64_t expected_wait_ms, int64_t patience_ms, Turn turn) {
  return expected_wait_ms > (turn == Turn::others_follow ? patience_ms : 2 * patience_ms);
}

// Waiting requests at most, whatever the expected wait. `configured` 0 = so many that only the expected wait and the
// bytes that wait (below) bound them.
[[nodiscard]] constexpr int64_t waiting_limit(int64_t configured) { return configured > 0 ? configured : 100'000; }
// Bodies of requests that wait, together, per provider.
inline constexpr int64_t waiting_bytes_limit = 256 * 1024 * 1024;

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
