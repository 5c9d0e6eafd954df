#include "net/timer_wheel.h"

#include <algorithm>
#include <limits>

namespace weir::net {

void Timer::cancel() {
  if (next_ == nullptr) return;
  prev_->next_ = next_;
  next_->prev_ = prev_;
  prev_ = next_ = nullptr;
}

namespace {
constexpr int64_t never = std::numeric_limits<int64_t>::max();
}

TimerWheel::TimerWheel(int64_t now_us) : last_tick_(now_us / tick_us), next_us_(never) {
  for (auto& head : heads_) head.prev_ = head.next_ = &head;
}

void TimerWheel::set(Timer& timer, int64_t deadline_us, Timer::Callback callback, void* context) {
  timer.cancel();
  // The slot is processed when its tick is over, so the deadline has surely passed by then.
  timer.deadline_us_ = std::max(deadline_us, last_tick_ * tick_us);
  timer.callback_ = callback;
  timer.context_ = context;
  auto& head = heads_[slot_of(timer.deadline_us_)];
  timer.prev_ = head.prev_;
  timer.next_ = &head;
  head.prev_->next_ = &timer;
  head.prev_ = &timer;
  next_us_ = std::min(next_us_, (timer.deadline_us_ / tick_us + 1) * tick_us);
}

void TimerWheel::advance(int64_t now_us) {
  if (now_us < next_us_) return;
  const int64_t tick = now_us / tick_us;
  if (tick <= last_tick_) return;
  const int64_t first = std::max(last_tick_, tick - static_cast<int64_t>(slots));
  last_tick_ = tick;
  Timer due;  // a private list: callbacks may set and cancel any timer, this slot's included
  due.prev_ = due.next_ = &due;
  for (int64_t t = first; t < tick; ++t) {
    auto& head = heads_[static_cast<std::size_t>(t) % slots];
    for (Timer* timer = head.next_; timer != &head;) {
      Timer* const next = timer->next_;
      if (timer->deadline_us_ <= now_us) {
        timer->cancel();
        timer->prev_ = due.prev_;
        timer->next_ = &due;
        due.prev_->next_ = timer;
        due.prev_ = timer;
      }
      timer = next;
    }
  }
  next_us_ = first_occupied_slot_us();
  while (due.next_ != &due) {
    Timer* const timer = due.next_;
    timer->cancel();
    timer->callback_(timer->context_);
  }
  due.next_ = due.prev_ = nullptr;
}

int64_t TimerWheel::until_next(int64_t now_us) const {
  return next_us_ == never ? -1 : std::max<int64_t>(0, next_us_ - now_us);
}

int64_t TimerWheel::first_occupied_slot_us() const {
  for (int64_t tick = last_tick_; tick < last_tick_ + static_cast<int64_t>(slots); ++tick) {
    const auto& head = heads_[static_cast<std::size_t>(tick) % slots];
    if (head.next_ != &head) return (tick + 1) * tick_us;
  }
  return never;
}

}  // namespace weir::net
