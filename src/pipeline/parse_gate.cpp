#include "pipeline/parse_gate.h"

#include <algorithm>
#include <csignal>

namespace weir {

namespace {

tl::unexpected<Error> took_too_long() {
  return failure(Error{.code = ErrorCode::queue_timeout,
                       .message = "Many large requests are being read at once, and this one's turn did not come in "
                                  "time. Try again soon; `limits.parsing` says how many bytes may be read at once.",
                       .retry_after_ms = 1'000});
}

}  // namespace

struct ParseGate::Waiter {
  net::EventLoop& loop;
  std::size_t bytes = 0;
  std::size_t most = 0;
  bool let_in = false;            // guarded by the gate's mutex
  net::Signal* signal = nullptr;  // for the loop's thread; null: it waits no longer
};

ParseGate::Place& ParseGate::Place::operator=(Place&& other) noexcept {
  leave();
  gate_ = std::exchange(other.gate_, nullptr);
  bytes_ = other.bytes_;
  return *this;
}

void ParseGate::Place::leave() {
  if (auto* const gate = std::exchange(gate_, nullptr)) gate->leave(bytes_);
}

// The thread takes no signals: it may begin before the process has said who does.
ParseGate::ParseGate() {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { work(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ParseGate::~ParseGate() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  due_.notify_one();
  thread_.join();
}

net::Task<Result<ParseGate::Place>> ParseGate::enter(net::EventLoop& loop, std::size_t bytes, Bounds bounds,
                                                     net::Cancellation& cancellation) {
  const auto waiter = std::make_shared<Waiter>(Waiter{.loop = loop, .bytes = bytes, .most = bounds.bytes});
  net::Signal signal(loop, {.deadline_us = loop.deadline_in_ms(bounds.patience_ms), .cancellation = &cancellation});
  {
    const std::lock_guard lock(mutex_);
    waiter->signal = &signal;
    waiting_.push_back(waiter);
    let_in();
    if (waiter->let_in) waiter->signal = nullptr;
  }
  if (waiter->signal == nullptr) co_return Place(*this, bytes);
  const auto outcome = co_await signal;
  waiter->signal = nullptr;
  bool inside = false;
  {
    const std::lock_guard lock(mutex_);
    inside = waiter->let_in;
    if (!inside) {
      std::erase(waiting_, waiter);
      let_in();  // it may have stood in the way of smaller ones
    }
  }
  if (inside) co_return Place(*this, bytes);
  if (outcome == net::Outcome::cancelled) co_return failure(ErrorCode::client_gone, "The client left.");
  co_return took_too_long();
}

void ParseGate::let_in() {
  while (!waiting_.empty()) {
    const auto& first = waiting_.front();
    if (inside_ != 0 && inside_ + first->bytes > first->most) return;
    inside_ += first->bytes;
    first->let_in = true;
    first->loop.post([waiter = first] {
      if (waiter->signal != nullptr) waiter->signal->fire();
    });
    waiting_.pop_front();
  }
}

void ParseGate::leave(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  inside_ -= bytes;
  let_in();
}

net::Task<Result<Request>> ParseGate::decode(net::EventLoop& loop, Decode decode) {
  struct Job {
    Decode decode;
    std::optional<Result<Request>> decoded;
  };
  const auto job = std::make_shared<Job>();
  job->decode = std::move(decode);
  net::Signal done(loop, {});
  {
    const std::lock_guard lock(mutex_);
    jobs_.emplace_back([job, &done, &loop] {
      json::DocumentPool pool;  // the loop's is for its own thread only
      job->decoded.emplace(job->decode(pool));
      if (*job->decoded && (*job->decoded)->document) (*job->decoded)->document.get_deleter().pool = nullptr;
      loop.post([&done] { done.fire(); });
    });
  }
  due_.notify_one();
  co_await done;
  co_return std::move(*job->decoded);
}

void ParseGate::work() {
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      due_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (stopping_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace weir
