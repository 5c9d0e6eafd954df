// A Cancellation and its parts: what ends the whole ends each of them, and one of them ends nobody else.
#include <gtest/gtest.h>

#include <memory>

#include "net/event_loop.h"

namespace weir::net {
namespace {

Task<void> wait_on(EventLoop& loop, Cancellation& cancellation, Outcome& outcome, int& left) {
  outcome = co_await loop.sleep(60'000, &cancellation);
  if (--left == 0) loop.stop();
}

TEST(cancellation, ends_what_waits_on_its_parts_too) {
  EventLoop loop;
  Cancellation whole;
  Cancellation one(whole);
  Cancellation other(whole);
  Cancellation part_of_one(one);
  std::array<Outcome, 4> outcomes{};
  int left = 4;
  loop.post([&] {
    spawn(wait_on(loop, whole, outcomes[0], left));
    spawn(wait_on(loop, one, outcomes[1], left));
    spawn(wait_on(loop, other, outcomes[2], left));
    spawn(wait_on(loop, part_of_one, outcomes[3], left));
    whole.request();
  });
  loop.run();
  for (const auto outcome : outcomes) EXPECT_EQ(outcome, Outcome::cancelled);
  EXPECT_TRUE(one.requested() && other.requested() && part_of_one.requested());
  const Cancellation late(whole);
  EXPECT_TRUE(late.requested());
}

TEST(cancellation, of_a_part_leaves_the_others_alone) {
  Cancellation whole;
  Cancellation one(whole);
  Cancellation other(whole);
  one.request();
  EXPECT_TRUE(one.requested());
  EXPECT_FALSE(whole.requested());
  EXPECT_FALSE(other.requested());
}

TEST(cancellation, parts_may_go_in_any_order) {
  for (int first = 0; first < 3; ++first) {
    Cancellation whole;
    std::array<std::unique_ptr<Cancellation>, 3> parts;
    for (auto& part : parts) part = std::make_unique<Cancellation>(whole);
    parts[static_cast<std::size_t>(first)].reset();
    whole.request();
    for (const auto& part : parts) EXPECT_TRUE(part == nullptr || part->requested());
    parts = {};
    whole.request();
  }
}

}  // namespace
}  // namespace weir::net
