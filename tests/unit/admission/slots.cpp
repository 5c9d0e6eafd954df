#include "admission/slots.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <random>
#include <thread>
#include <vector>

namespace weir {
namespace {

// What an event loop does with a waiter, in one thread: notes the order in which slots are granted.
struct Line {
  Slots& slots;
  std::vector<std::string> order;
  std::vector<std::unique_ptr<SlotWaiter>> waiters;

  SlotEntry join(const std::string& caller) {
    waiters.push_back(std::make_unique<SlotWaiter>([this, caller] { order.push_back(caller); }));
    return slots.enqueue(*waiters.back(), caller);
  }
};

TEST(slots, gives_out_as_many_as_there_are_and_takes_them_back) {
  Slots slots(SlotSettings{.capacity = 2});
  SlotLease first = slots.try_acquire();
  SlotLease second = slots.try_acquire();
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_FALSE(slots.try_acquire());
  first.release();
  EXPECT_FALSE(first);
  EXPECT_TRUE(slots.try_acquire());
}

TEST(slots, zero_means_no_limit) {
  Slots slots(SlotSettings{.capacity = 0});
  std::vector<SlotLease> leases;
  for (int i = 0; i < 10'000; ++i) leases.push_back(slots.try_acquire());
  EXPECT_TRUE(std::all_of(leases.begin(), leases.end(), [](const SlotLease& lease) { return bool(lease); }));
  EXPECT_EQ(slots.stats().held, 10'000);
  EXPECT_EQ(slots.stats().capacity, 0);
  leases.clear();
  EXPECT_EQ(slots.stats().held, 0);
}

TEST(slots, a_moved_lease_gives_its_slot_back_once) {
  Slots slots(SlotSettings{.capacity = 1});
  {
    SlotLease first = slots.try_acquire();
    SlotLease second = std::move(first);
    SlotLease third;
    third = std::move(second);
    EXPECT_EQ(slots.stats().held, 1);
  }
  EXPECT_EQ(slots.stats().held, 0);
}

TEST(slots, whoever_joins_while_a_slot_is_free_has_it_at_once) {
  Slots slots(SlotSettings{.capacity = 1});
  SlotWaiter waiter([] { FAIL() << "granted at once, not later"; });
  EXPECT_EQ(slots.enqueue(waiter, "a"), SlotEntry::granted);
  EXPECT_TRUE(waiter.take());
}

TEST(slots, nobody_overtakes_those_who_wait) {
  Slots slots(SlotSettings{.capacity = 1});
  SlotLease held = slots.try_acquire();
  Line line{.slots = slots};
  EXPECT_EQ(line.join("a"), SlotEntry::queued);
  held.release();
  EXPECT_EQ(line.order, std::vector<std::string>{"a"});
  EXPECT_FALSE(slots.try_acquire()) << "the slot is the waiter's, taken or not";
  EXPECT_TRUE(line.waiters[0]->take());
  EXPECT_TRUE(slots.try_acquire()) << "the taken lease was dropped";
}

TEST(slots, callers_take_turns_and_each_is_served_in_its_own_order) {
  Slots slots(SlotSettings{.capacity = 1, .queue_limit = 100});
  SlotLease held = slots.try_acquire();
  Line line{.slots = slots};
  for (const char* caller : {"a", "a", "a", "a", "b", "b", "c"}) EXPECT_EQ(line.join(caller), SlotEntry::queued);
  held.release();
  for (std::size_t round = 0; round < line.waiters.size(); ++round) {
    for (auto& waiter : line.waiters) waiter->take().release();  // whoever has the slot gives it back
  }
  EXPECT_EQ(line.order, (std::vector<std::string>{"a", "b", "c", "a", "b", "a", "a"}));
}

TEST(slots, a_caller_with_a_thousand_requests_delays_another_by_one) {
  Slots slots(SlotSettings{.capacity = 1, .queue_limit = 2'000});
  SlotLease held = slots.try_acquire();
  Line line{.slots = slots};
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(line.join("greedy"), SlotEntry::queued);
  ASSERT_EQ(line.join("modest"), SlotEntry::queued);
  held.release();
  line.waiters[0]->take().release();
  ASSERT_EQ(line.order.size(), 2U);
  EXPECT_EQ(line.order[1], "modest");
}

TEST(slots, a_full_queue_says_so) {
  Slots slots(SlotSettings{.capacity = 1, .queue_limit = 2});
  const SlotLease held = slots.try_acquire();
  Line line{.slots = slots};
  EXPECT_EQ(line.join("a"), SlotEntry::queued);
  EXPECT_EQ(line.join("b"), SlotEntry::queued);
  EXPECT_EQ(line.join("c"), SlotEntry::full);
  EXPECT_EQ(slots.stats().refused_full, 1U);
  EXPECT_EQ(slots.stats().waiting, 2);
}

TEST(slots, a_cancelled_waiter_is_never_granted) {
  Slots slots(SlotSettings{.capacity = 1});
  SlotLease held = slots.try_acquire();
  Line line{.slots = slots};
  for (const char* caller : {"a", "b", "a"}) ASSERT_EQ(line.join(caller), SlotEntry::queued);
  EXPECT_TRUE(line.waiters[0]->cancel());
  EXPECT_FALSE(line.waiters[0]->cancel()) << "only once";
  EXPECT_FALSE(line.waiters[0]->take());
  held.release();
  EXPECT_EQ(line.order, std::vector<std::string>{"a"}) << "the caller keeps its turn for its next request";
  EXPECT_EQ(slots.stats().left_queue, 1U);
}

TEST(slots, a_granted_waiter_cannot_be_cancelled_and_keeps_its_slot) {
  Slots slots(SlotSettings{.capacity = 1});
  SlotLease held = slots.try_acquire();
  Line line{.slots = slots};
  ASSERT_EQ(line.join("a"), SlotEntry::queued);
  held.release();
  EXPECT_FALSE(line.waiters[0]->cancel());
  EXPECT_TRUE(line.waiters[0]->take());
}

TEST(slots, a_waiter_that_goes_away_gives_back_what_it_was_granted) {
  Slots slots(SlotSettings{.capacity = 1});
  SlotLease held = slots.try_acquire();
  Line line{.slots = slots};
  ASSERT_EQ(line.join("a"), SlotEntry::queued);
  ASSERT_EQ(line.join("b"), SlotEntry::queued);
  held.release();
  line.waiters[0].reset();
  EXPECT_EQ(line.order, (std::vector<std::string>{"a", "b"})) << "the next one has it";
  line.waiters.clear();
  EXPECT_EQ(slots.stats().held, 0);
  EXPECT_TRUE(slots.try_acquire());
}

TEST(slots, more_capacity_admits_those_who_wait) {
  Slots slots(SlotSettings{.capacity = 1});
  const SlotLease held = slots.try_acquire();
  Line line{.slots = slots};
  for (const char* caller : {"a", "b", "c"}) ASSERT_EQ(line.join(caller), SlotEntry::queued);
  slots.configure(SlotSettings{.capacity = 3});
  EXPECT_EQ(line.order, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(slots.stats().held, 3);
  EXPECT_EQ(slots.stats().waiting, 1);
}

TEST(slots, less_capacity_is_reached_as_leases_come_back) {
  Slots slots(SlotSettings{.capacity = 3});
  std::vector<SlotLease> leases;
  for (int i = 0; i < 3; ++i) leases.push_back(slots.try_acquire());
  Line line{.slots = slots};
  ASSERT_EQ(line.join("a"), SlotEntry::queued);
  slots.configure(SlotSettings{.capacity = 1});
  leases.pop_back();
  leases.pop_back();
  EXPECT_TRUE(line.order.empty()) << "one is still held, and one is all there is";
  leases.pop_back();
  EXPECT_EQ(line.order, std::vector<std::string>{"a"});
}

TEST(slots, expected_wait_is_use_times_queue_over_slots) {
  Slots slots(SlotSettings{.capacity = 2});
  EXPECT_EQ(slots.expected_wait_ms(), 0);
  slots.try_acquire().release_after(4'000'000);
  EXPECT_EQ(slots.expected_wait_ms(), 0) << "a slot is free";
  const SlotLease first = slots.try_acquire();
  const SlotLease second = slots.try_acquire();
  EXPECT_EQ(slots.expected_wait_ms(), 2'000) << "one of two slots of 4 s each";
  Line line{.slots = slots};
  ASSERT_EQ(line.join("a"), SlotEntry::queued);
  ASSERT_EQ(line.join("a"), SlotEntry::queued);
  EXPECT_EQ(slots.expected_wait_ms(), 6'000);
}

TEST(slots, the_average_follows_what_is_measured) {
  Slots slots(SlotSettings{.capacity = 1});
  slots.try_acquire().release_after(1'000'000);
  for (int i = 0; i < 100; ++i) slots.try_acquire().release_after(3'000'000);
  EXPECT_NEAR(static_cast<double>(slots.stats().average_use_us), 3'000'000, 10'000);
}

// One thread that wants slots: waits like a request does, and gives up on some at random.
struct Worker {
  std::mutex mutex;
  std::condition_variable changed;
  bool granted = false;  // by the callback

  // One request. Returns false when it gave up.
  bool once(Slots& slots, std::string_view caller, std::mt19937& dice, std::atomic<int64_t>& held, int64_t capacity,
            std::atomic<bool>& too_many) {
    SlotLease lease = slots.try_acquire();
    if (!lease) lease = wait(slots, caller, dice);
    if (!lease) return false;
    if (held.fetch_add(1) + 1 > capacity) too_many = true;
    if (dice() % 4 == 0) std::this_thread::yield();
    held.fetch_sub(1);
    if (dice() % 2 == 0) lease.release_after(5);
    return true;
  }

 private:
  SlotLease wait(Slots& slots, std::string_view caller, std::mt19937& dice) {
    granted = false;
    SlotWaiter waiter([this] {
      const std::lock_guard lock(mutex);
      granted = true;
      changed.notify_one();
    });
    if (slots.enqueue(waiter, caller) == SlotEntry::full) return {};
    if (slots.stats().waiting == 0 || dice() % 8 != 0) {
      // Waits for good: a lost wake-up is a test that never ends.
      SlotLease at_once = waiter.take();
      if (at_once) return at_once;
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return granted; });
    } else if (waiter.cancel()) {
      const std::lock_guard lock(mutex);
      EXPECT_FALSE(granted) << "cancelled and granted";
      return {};
    }
    SlotLease lease = waiter.take();
    EXPECT_TRUE(lease) << "neither cancelled nor granted";
    return lease;
  }
};

class Threads : public testing::TestWithParam<int64_t> {};

TEST_P(Threads, never_hold_more_than_there_are_and_always_get_one_in_the_end) {
  const int64_t capacity = GetParam();
  constexpr int workers = 6;
  constexpr int requests = 3'000;
  Slots slots(SlotSettings{.capacity = capacity, .queue_limit = 4});
  std::atomic<int64_t> held{0};
  std::atomic<bool> too_many{false};
  std::atomic<int64_t> served{0};
  std::vector<std::thread> threads;
  for (int id = 0; id < workers; ++id) {
    threads.emplace_back([&, id] {
      std::mt19937 dice(static_cast<unsigned>(id + 1));
      Worker worker;
      for (int n = 0; n < requests; ++n) {
        if (worker.once(slots, id % 2 == 0 ? "even" : "odd", dice, held, capacity, too_many)) served.fetch_add(1);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(too_many.load());
  EXPECT_EQ(slots.stats().held, 0);
  EXPECT_EQ(slots.stats().waiting, 0);
  EXPECT_GT(served.load(), 0);
  EXPECT_EQ(served.load() + static_cast<int64_t>(slots.stats().refused_full + slots.stats().left_queue),
            int64_t{workers} * requests)
      << "every request was served, refused or gave up, and only one of these";
}

INSTANTIATE_TEST_SUITE_P(capacity, Threads, testing::Values(1, 2, 5));

TEST(slots, a_resize_under_load_loses_nobody) {
  Slots slots(SlotSettings{.capacity = 3, .queue_limit = 100});
  std::atomic<int64_t> held{0};
  std::atomic<bool> too_many{false};
  std::atomic<int> running{4};
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id) {
    threads.emplace_back([&, id] {
      std::mt19937 dice(static_cast<unsigned>(id + 11));
      Worker worker;
      for (int n = 0; n < 2'000; ++n) worker.once(slots, std::to_string(id), dice, held, 3, too_many);
      running.fetch_sub(1);
    });
  }
  for (int64_t capacity = 1; running.load() > 0; capacity = capacity % 3 + 1) {
    slots.configure(SlotSettings{.capacity = capacity, .queue_limit = 100});
    std::this_thread::yield();
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(too_many.load()) << "never more than the largest capacity";
  EXPECT_EQ(slots.stats().held, 0);
  EXPECT_EQ(slots.stats().waiting, 0);
}

TEST(slots, what_waits_is_bounded_by_its_bytes_and_not_by_a_small_count) {
  Slots slots(SlotSettings{.capacity = 4});
  std::vector<SlotLease> leases;
  for (int i = 0; i < 4; ++i) leases.push_back(slots.try_acquire());
  std::vector<std::unique_ptr<SlotWaiter>> waiters;
  const auto join = [&](int64_t bytes) {
    waiters.push_back(std::make_unique<SlotWaiter>([] {}, bytes));
    return slots.enqueue(*waiters.back(), "a");
  };
  for (int i = 0; i < 5'000; ++i) ASSERT_EQ(join(2'000), SlotEntry::queued) << i;
  constexpr int64_t large = 32 * 1024 * 1024;
  int admitted = 0;
  while (join(large) == SlotEntry::queued) ++admitted;
  EXPECT_GE(admitted, 7);
  EXPECT_LE(admitted, 8);
  EXPECT_EQ(join(2'000), SlotEntry::queued) << "a small one still finds room";
  waiters.clear();
  EXPECT_EQ(join(large), SlotEntry::queued) << "those who left took their bytes along";
  EXPECT_EQ(slots.held(), 4);
}

TEST(slots, a_body_larger_than_all_that_may_wait_waits_alone) {
  Slots slots(SlotSettings{.capacity = 1});
  SlotLease held = slots.try_acquire();
  SlotWaiter first([] {}, int64_t{1} << 40);
  SlotWaiter second([] {}, 1);
  EXPECT_EQ(slots.enqueue(first, "a"), SlotEntry::queued);
  EXPECT_EQ(slots.enqueue(second, "a"), SlotEntry::full);
}

TEST(slots, interactive_ones_go_before_those_that_can_wait_but_one_in_eight) {
  Slots slots(SlotSettings{.capacity = 1, .queue_limit = 100});
  SlotLease held = slots.try_acquire();
  std::vector<std::string> order;
  std::vector<std::unique_ptr<SlotWaiter>> waiters;
  const auto join = [&](const std::string& who, Urgency urgency) {
    waiters.push_back(std::make_unique<SlotWaiter>([&order, who] { order.push_back(who); }));
    EXPECT_EQ(slots.enqueue(*waiters.back(), who, urgency), SlotEntry::queued);
  };
  for (int i = 0; i < 3; ++i) join("batch", Urgency::batch);
  EXPECT_EQ(slots.load(), 4);
  for (int i = 0; i < 20; ++i) join("person", Urgency::interactive);
  held.release();
  for (std::size_t i = 0; i < waiters.size(); ++i) {
    for (auto& waiter : waiters) {
      if (auto lease = waiter->take()) {
        lease.release();
        break;
      }
    }
  }
  std::vector<std::string> expected;
  for (const int people : {7, 7, 6}) {
    expected.insert(expected.end(), people, "person");
    expected.emplace_back("batch");
  }
  EXPECT_EQ(order, expected);
}

}  // namespace
}  // namespace weir
