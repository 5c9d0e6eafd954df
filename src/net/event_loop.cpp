#include "net/event_loop.h"

#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

namespace weir::net {
namespace {

int64_t monotonic_us() {
  timespec ts{};
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return int64_t{ts.tv_sec} * 1'000'000 + ts.tv_nsec / 1000;
}

// Where the kernel knows slices (Linux 6.12), a short one: a loop that wakes then takes its core at once from whoever
// computes on it, within its fair share, instead of when the next tick comes, which may be 4 ms later. Its priority
// stays as it is. Any user may ask for it, and a kernel that refuses has only worse latencies.
void ask_for_short_slices() {
  struct {  // struct sched_attr, which this C library does not declare
    uint32_t size = sizeof *this;
    uint32_t policy = 0;
    uint64_t flags = 0;
    int32_t nice = 0;
    uint32_t priority = 0;
    uint64_t runtime = 0;
    uint64_t deadline = 0;
    uint64_t period = 0;
  } attributes;
  if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  if (attributes.policy != SCHED_OTHER) return;
  attributes.runtime = 100'000;  // ns; the least there is
  ::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

uint64_t this_thread() { return static_cast<uint64_t>(pthread_self()); }

}  // namespace

Cancellation::Cancellation(Cancellation& whole)
    : requested_(whole.requested_), whole_(&whole), next_part_(std::exchange(whole.first_part_, this)) {}

Cancellation::~Cancellation() {
  if (whole_ == nullptr) return;
  auto** place = &whole_->first_part_;
  while (*place != this) place = &(*place)->next_part_;
  *place = next_part_;
}

void Cancellation::request() {
  requested_ = true;
  if (pending_ != nullptr) pending_->complete_later(Outcome::cancelled);
  for (auto* part = first_part_; part != nullptr; part = part->next_part_) part->request();
}

Operation::~Operation() {
  if (wait_.cancellation != nullptr && wait_.cancellation->pending_ == this) wait_.cancellation->pending_ = nullptr;
}

bool Operation::already_over() {
  if (wait_.cancellation != nullptr && wait_.cancellation->requested_) {
    outcome_ = Outcome::cancelled;
    return true;
  }
  if (wait_.deadline_us != 0 && wait_.deadline_us <= loop_.now_us()) {
    outcome_ = Outcome::timed_out;
    return true;
  }
  return false;
}

void Operation::suspend(std::coroutine_handle<> waiter) {
  waiter_ = waiter;
  if (wait_.deadline_us != 0) extend(wait_.deadline_us);
  if (wait_.cancellation != nullptr) wait_.cancellation->pending_ = this;
}

void Operation::extend(int64_t deadline_us) {
  loop_.timers().set(
      timer_, deadline_us, [](void* self) { static_cast<Operation*>(self)->complete(Outcome::timed_out); }, this);
}

void Operation::end(Outcome outcome) {
  outcome_ = outcome;
  timer_.cancel();
  if (wait_.cancellation != nullptr && wait_.cancellation->pending_ == this) wait_.cancellation->pending_ = nullptr;
  detach();
}

void Operation::complete(Outcome outcome) {
  end(outcome);
  waiter_.resume();  // may destroy this
}

void Operation::complete_later(Outcome outcome) {
  end(outcome);
  loop_.schedule(waiter_);
}

EventLoop::EventLoop(Clock* clock)
    : clock_(clock),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      now_us_(clock == nullptr ? monotonic_us() : clock->now_us(0, 1)),
      timers_(now_us_) {
  if (epoll_ < 0 || wake_ < 0) throw std::system_error(errno, std::generic_category(), "epoll");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

EventLoop::~EventLoop() {
  retired_.clear();
  ::close(wake_);
  ::close(epoll_);
}

bool EventLoop::on_this_thread() const { return thread_id_.load(std::memory_order_relaxed) == this_thread(); }

void EventLoop::run() {
  thread_id_.store(this_thread(), std::memory_order_relaxed);
  ask_for_short_slices();
  std::array<epoll_event, 256> events{};
  while (!stopping_.load(std::memory_order_acquire)) {
    int64_t wait_us = timers_.until_next(now_us_);
    if (!scheduled_.empty()) wait_us = 0;
    int wait_ms = wait_us < 0 ? -1 : static_cast<int>(std::min<int64_t>((wait_us + 999) / 1000, 60'000));
    if (clock_ != nullptr) wait_ms = clock_->wait_ms(wait_us);
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms);
    now_us_ = clock_ == nullptr ? monotonic_us() : clock_->now_us(wait_us, count);
    for (int i = 0; i < count; ++i) {
      const auto& event = events[static_cast<std::size_t>(i)];
      if (event.data.ptr == nullptr) {
        run_posted();
      } else {
        static_cast<Watch*>(event.data.ptr)->on_ready(event.events);
      }
    }
    timers_.advance(now_us_);
    run_scheduled();
    retired_.clear();
  }
  stopping_.store(false, std::memory_order_release);
}

void EventLoop::stop() {
  stopping_.store(true, std::memory_order_release);
  post([] {});
}

void EventLoop::post(std::function<void()> work) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(work));
  }
  if (wake_pending_.exchange(true, std::memory_order_acq_rel)) return;
  const uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void EventLoop::run_posted() {
  uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(wake_, &count, sizeof count);
  wake_pending_.store(false, std::memory_order_release);
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(posted_mutex_);
    work.swap(posted_);
  }
  for (auto& item : work) item();
}

void EventLoop::run_scheduled() {
  while (!scheduled_.empty()) {
    std::vector<std::coroutine_handle<>> waiters;
    waiters.swap(scheduled_);
    for (const auto waiter : waiters) waiter.resume();
  }
}

bool EventLoop::add(int fd, Watch& watch) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &watch;
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool EventLoop::add_listener(int fd, Watch& watch) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &watch;
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0;
}

void EventLoop::pause_listener(int fd) { ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr); }

void EventLoop::retire(std::unique_ptr<Watch> watch) { retired_.push_back(std::move(watch)); }

EventLoop::Sleep EventLoop::sleep(int64_t ms, Cancellation* cancellation) {
  return Sleep(*this, Wait{.deadline_us = deadline_in_ms(std::max<int64_t>(ms, 1)), .cancellation = cancellation});
}

}  // namespace weir::net
