// TimerWheel: many deadlines, nearly all of them cancelled before they come. Setting and cancelling are a few pointer
// writes; a deadline fires up to one tick late, never early. A hashed wheel: entries further away than one turn stay in
// their slot and are looked at once a turn. One event-loop thread only. A Timer is owned by its user and takes itself
// off the wheel when destroyed.
#pragma once

#include <array>
#include <cstdint>

namespace weir::net {

class TimerWheel;

class Timer {
 public:
  using Callback = void (*)(void* context);

  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }

  [[nodiscard]] bool pending() const { return next_ != nullptr; }
  void cancel();

 private:
  friend class TimerWheel;
  Timer* prev_ = nullptr;
  Timer* next_ = nullptr;
  int64_t deadline_us_ = 0;
  Callback callback_ = nullptr;
  void* context_ = nullptr;
};

class TimerWheel {
 public:
  static constexpr int64_t tick_us = 4'096;

  explicit TimerWheel(int64_t now_us);
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  // Calls `callback(context)` from `advance` once `deadline_us` has passed. Replaces an earlier setting of `timer`.
  void set(Timer& timer, int64_t deadline_us, Timer::Callback callback, void* context);
  // Fires what is due.
  void advance(int64_t now_us);
  // Microseconds until something may be due; -1 when nothing is set.
  [[nodiscard]] int64_t until_next(int64_t now_us) const;

 private:
  static constexpr std::size_t slots = 1024;
  static std::size_t slot_of(int64_t deadline_us) { return static_cast<std::size_t>(deadline_us / tick_us) % slots; }

  [[nodiscard]] int64_t first_occupied_slot_us() const;

  std::array<Timer, slots> heads_;
  int64_t last_tick_;
  int64_t next_us_;  // nothing is due before; a lower bound, so that most turns of the loop look at no slot
};

}  // namespace weir::net
