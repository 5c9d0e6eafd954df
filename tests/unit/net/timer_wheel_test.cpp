#include "net/timer_wheel.h"

#include <random>

namespace weir::net {
namespace {

struct Fired {
  int64_t at = -1;
  const int64_t* clock = nullptr;
  static void fire(void* self) {
    auto& fired = *static_cast<Fired*>(self);
    fired.at = *fired.clock;
  }
};

TEST(TimerWheel, every_timer_fires_once_never_early_and_at_most_two_ticks_late) {
  std::mt19937 random(7);
  int64_t now = 1'000'000;
  TimerWheel wheel(now);
  constexpr int count = 2000;
  std::vector<Timer> timers(count);
  std::vector<Fired> fired(count);
  std::vector<int64_t> deadlines(count);
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    fired[at].clock = &now;
    deadlines[at] = now + static_cast<int64_t>(random() % 20'000'000);  // several turns of the wheel
    wheel.set(timers[at], deadlines[at], Fired::fire, &fired[at]);
  }
  const auto end = now + 25'000'000;
  while (now < end) {
    const auto wait = wheel.until_next(now);
    now += wait < 0 ? 1'000'000 : std::max<int64_t>(wait, 1);
    wheel.advance(now);
  }
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    ASSERT_GE(fired[at].at, deadlines[at]);
    ASSERT_LE(fired[at].at, deadlines[at] + 2 * TimerWheel::tick_us);
    ASSERT_FALSE(timers[at].pending());
  }
  EXPECT_EQ(wheel.until_next(now), -1);
}

TEST(TimerWheel, cancelled_and_destroyed_timers_never_fire) {
  int64_t now = 0;
  TimerWheel wheel(now);
  Fired fired{.clock = &now};
  Timer cancelled;
  wheel.set(cancelled, 10'000, Fired::fire, &fired);
  cancelled.cancel();
  {
    Timer destroyed;
    wheel.set(destroyed, 10'000, Fired::fire, &fired);
  }
  now = 1'000'000;
  wheel.advance(now);
  EXPECT_EQ(fired.at, -1);
}

TEST(TimerWheel, a_timer_set_again_fires_at_the_later_deadline_only) {
  int64_t now = 0;
  TimerWheel wheel(now);
  Fired fired{.clock = &now};
  Timer timer;
  wheel.set(timer, 10'000, Fired::fire, &fired);
  wheel.set(timer, 500'000, Fired::fire, &fired);
  now = 400'000;
  wheel.advance(now);
  EXPECT_EQ(fired.at, -1);
  now = 600'000;
  wheel.advance(now);
  EXPECT_EQ(fired.at, 600'000);
}

TEST(TimerWheel, a_callback_may_cancel_the_timer_that_is_due_next_to_it) {
  int64_t now = 0;
  TimerWheel wheel(now);
  struct Killer {
    Timer* victim;
    int calls = 0;
  };
  Timer first;
  Timer second;
  Killer a{&second};
  Killer b{&first};
  const auto kill = [](void* self) {
    auto& killer = *static_cast<Killer*>(self);
    ++killer.calls;
    killer.victim->cancel();
  };
  wheel.set(first, 5'000, kill, &a);
  wheel.set(second, 5'000, kill, &b);
  wheel.advance(100'000);
  EXPECT_EQ(a.calls + b.calls, 1);
}

}  // namespace
}  // namespace weir::net
