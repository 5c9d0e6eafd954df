// EventLoop: one thread's epoll, timers and queue of things to run. Everything that waits in Weir waits here. All
// methods are for the loop's own thread but `post` and `stop`, which any thread may call.
//
// Descriptors are registered once, edge-triggered for both directions, so that a request costs no epoll_ctl. Whoever
// waits first tries, and waits only when the kernel said that it would block.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "net/task.h"
#include "net/timer_wheel.h"

namespace weir::net {

class EventLoop;

// What ends a wait.
enum class Outcome : uint8_t { ready, timed_out, cancelled };

class Operation;

// Lets somebody else end a sequence of waits early: a client that left, a drain deadline. A sequence waits for one
// thing at a time, so one pending operation is all there is to cancel; what runs beside it has a Cancellation of its
// own, as a part of this one. Loop thread only; outlives the operations given it.
class Cancellation {
 public:
  Cancellation() = default;
  // Requested as soon as `whole` is. `whole` outlives it.
  explicit Cancellation(Cancellation& whole);  // NOLINT(google-explicit-constructor): a part, no copy
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;
  ~Cancellation();

  void request();
  [[nodiscard]] bool requested() const { return requested_; }
  void reset() { requested_ = false; }

 private:
  friend class Operation;
  bool requested_ = false;
  Operation* pending_ = nullptr;
  Cancellation* whole_ = nullptr;
  Cancellation* first_part_ = nullptr;
  Cancellation* next_part_ = nullptr;  // of the same whole
};

// How long to wait and who may end it.
struct Wait {
  int64_t deadline_us = 0;  // of EventLoop::now_us; 0 = for ever
  Cancellation* cancellation = nullptr;
};

// One suspended coroutine and what may resume it. Derive for what is waited for; `complete` resumes.
class Operation {
 public:
  Operation(EventLoop& loop, Wait wait) : loop_(loop), wait_(wait) {}
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  virtual ~Operation();

  // Ends the wait and resumes the coroutine. Only while suspended.
  void complete(Outcome outcome);
  // The same, but from the loop's queue: for callers that are in the middle of something.
  void complete_later(Outcome outcome);

 protected:
  // True: nothing to wait for, the outcome is set.
  bool already_over();
  void suspend(std::coroutine_handle<> waiter);
  // Moves the deadline while suspended.
  void extend(int64_t deadline_us);
  // Called once when the wait ends, before the coroutine resumes: forget that it waits.
  virtual void detach() {}

  EventLoop& loop_;
  Wait wait_;
  Outcome outcome_ = Outcome::ready;

 private:
  friend class Cancellation;
  void end(Outcome outcome);

  std::coroutine_handle<> waiter_;
  Timer timer_;
};

// A registered descriptor. `on_ready` is told every edge.
class Watch {
 public:
  virtual ~Watch() = default;
  virtual void on_ready(uint32_t epoll_events) = 0;
};

// Where a loop has the time from. Without one it is the kernel's; tests script it, so that an hour passes in no time.
class Clock {
 public:
  virtual ~Clock() = default;
  // How long to wait for the kernel to say that something is ready. `until_timer_us`: when the next timer is due; -1 =
  // none is set.
  virtual int wait_ms(int64_t until_timer_us) = 0;
  // The time after such a wait, in which `ready` things became ready.
  virtual int64_t now_us(int64_t until_timer_us, int ready) = 0;
};

class EventLoop {
 public:
  // `clock`, where there is one, outlives the loop.
  explicit EventLoop(Clock* clock = nullptr);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Until `stop`; may then be run again.
  void run();
  void stop();
  // Runs `work` on the loop's thread, soon.
  void post(std::function<void()> work);

  // Monotonic, read once per turn of the loop.
  [[nodiscard]] const int64_t& now_us() const { return now_us_; }
  [[nodiscard]] int64_t deadline_in_ms(int64_t ms) const { return now_us_ + ms * 1000; }
  [[nodiscard]] TimerWheel& timers() { return timers_; }
  [[nodiscard]] bool on_this_thread() const;

  // Edge-triggered, both directions. False when the kernel refuses (errno is set).
  bool add(int fd, Watch& watch);
  // Level-triggered reads, for listeners: several loops may watch and one may stop.
  bool add_listener(int fd, Watch& watch);
  void pause_listener(int fd);
  // Destroys `watch` at the end of this turn, when no event of the turn can refer to it any more.
  void retire(std::unique_ptr<Watch> watch);
  // Resumes at the end of this turn.
  void schedule(std::coroutine_handle<> waiter) { scheduled_.push_back(waiter); }

  // Awaitable pause. Outcome::timed_out is the normal end.
  struct Sleep;
  [[nodiscard]] Sleep sleep(int64_t ms, Cancellation* cancellation = nullptr);

 private:
  void run_posted();
  void run_scheduled();

  Clock* const clock_;
  int epoll_ = -1;
  int wake_ = -1;
  int64_t now_us_;
  TimerWheel timers_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> wake_pending_{false};
  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;
  std::vector<std::coroutine_handle<>> scheduled_;
  std::vector<std::unique_ptr<Watch>> retired_;
  std::atomic<uint64_t> thread_id_{0};
};

struct EventLoop::Sleep final : Operation {
  using Operation::Operation;
  [[nodiscard]] bool await_ready() { return already_over(); }
  void await_suspend(std::coroutine_handle<> waiter) { suspend(waiter); }
  [[nodiscard]] Outcome await_resume() const { return outcome_; }
};

// Waits until somebody calls `complete`: slots, resolver answers.
struct Signal final : Operation {
  using Operation::Operation;
  [[nodiscard]] bool await_ready() { return fired_ || already_over(); }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiting_ = true;
    suspend(waiter);
  }
  [[nodiscard]] Outcome await_resume() const { return outcome_; }
  // Loop thread. Before, during or after the wait.
  void fire() {
    if (fired_) return;
    fired_ = true;
    if (waiting_) complete(Outcome::ready);
  }

 private:
  void detach() override { waiting_ = false; }
  bool fired_ = false;
  bool waiting_ = false;
};

}  // namespace weir::net
