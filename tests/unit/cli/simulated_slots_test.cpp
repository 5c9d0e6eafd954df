// The replay's simulated slots against those that serve: the same steps give the same answers. Here, because the
// commands are the only folder that knows both.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

#include "admission/slots.h"
#include "core/slot_rules.h"
#include "economics/replay/queue.h"

namespace weir {
namespace {

// Both side by side: jobs that hold or wait, by number.
class Twins {
 public:
  Twins(int64_t capacity, int64_t queue_limit)
      : real_({.capacity = capacity, .queue_limit = queue_limit}),
        simulated_({.slots = capacity, .waiting_limit = waiting_limit(queue_limit)}) {}

  void enter(uint32_t caller) {
    const auto job = static_cast<plan::JobId>(jobs_.size());
    auto& one = jobs_.emplace_back();
    one.waiter = std::make_unique<SlotWaiter>([this, job] { granted_.push_back(job); });
    const auto entered = simulated_.enter(job, caller);
    if (one.lease = real_.try_acquire(); one.lease) {
      ASSERT_EQ(entered, plan::Station::Entered::served);
      holding_.push_back(job);
      return;
    }
    const auto queued = real_.enqueue(*one.waiter, "caller " + std::to_string(caller));
    ASSERT_EQ(queued == SlotEntry::full, entered == plan::Station::Entered::full);
    if (queued == SlotEntry::queued) waiting_.push_back(job);
  }

  void release(std::size_t which, int64_t used_us) {
    const auto job = holding_[which];
    holding_.erase(holding_.begin() + static_cast<std::ptrdiff_t>(which));
    granted_.clear();
    jobs_[job].lease.release_after(used_us);
    const auto next = simulated_.release(used_us);
    ASSERT_EQ(next.has_value(), !granted_.empty());
    if (!next) return;
    ASSERT_EQ(*next, granted_.front());
    jobs_[*next].lease = jobs_[*next].waiter->take();
    std::erase(waiting_, *next);
    holding_.push_back(*next);
  }

  void leave(std::size_t which) {
    const auto job = waiting_[which];
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(which));
    ASSERT_TRUE(jobs_[job].waiter->cancel());
    simulated_.leave(job);
  }

  void compare() const {
    ASSERT_EQ(real_.expected_wait_ms(), simulated_.expected_wait_ms());
    ASSERT_EQ(real_.stats().held, simulated_.held());
    ASSERT_EQ(real_.stats().waiting, simulated_.waiting());
  }
  [[nodiscard]] std::size_t holding() const { return holding_.size(); }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Job {
    std::unique_ptr<SlotWaiter> waiter;
    SlotLease lease;
  };
  std::vector<plan::JobId> granted_;  // before the jobs: those that are left tell of grants when they go
  Slots real_;
  plan::Station simulated_;
  std::deque<Job> jobs_;
  std::vector<plan::JobId> holding_;
  std::vector<plan::JobId> waiting_;
};

TEST(SimulatedSlots, do_at_every_step_what_the_slots_that_serve_do) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    std::mt19937_64 random(seed);
    Twins twins(static_cast<int64_t>(1 + random() % 4), static_cast<int64_t>(random() % 12));
    for (int step = 0; step < 2'000; ++step) {
      const auto what = random() % 10;
      if (what < 5) {
        twins.enter(static_cast<uint32_t>(random() % 5));
      } else if (what < 9 && twins.holding() > 0) {
        twins.release(random() % twins.holding(), static_cast<int64_t>(random() % 3'000'000));
      } else if (twins.waiting() > 0) {
        twins.leave(random() % twins.waiting());
      }
      twins.compare();
      if (HasFatalFailure()) FAIL() << "seed " << seed << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace weir
