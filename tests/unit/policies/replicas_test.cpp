// Which replica is asked first: simulated, since every rule of it is a number.
#include "policies/replicas.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace weir {
namespace {

std::vector<Replica> equals(std::size_t count) {
  static const std::vector<std::string> names = {"a", "b", "c", "d", "e", "f", "g", "h"};
  std::vector<Replica> replicas;
  for (std::size_t i = 0; i < count; ++i)
    replicas.push_back({.id = names[i], .whole_ms = 1'000, .first_ms = 200, .slots = 4});
  return replicas;
}

TEST(replicas, a_conversation_goes_back_to_the_same_one_and_conversations_are_spread) {
  const auto replicas = equals(4);
  std::map<std::size_t, int> first;
  for (uint64_t conversation = 0; conversation < 4'000; ++conversation) {
    const auto once = order_replicas(replicas, conversation);
    EXPECT_EQ(order_replicas(replicas, conversation), once);
    ++first[once.front()];
  }
  for (const auto& [replica, count] : first) EXPECT_NEAR(count, 1'000, 120) << replica;
}

TEST(replicas, one_that_goes_moves_only_its_own_conversations) {
  const auto all = equals(4);
  const std::vector<Replica> without_last(all.begin(), all.end() - 1);
  for (uint64_t conversation = 0; conversation < 2'000; ++conversation) {
    const auto before = order_replicas(all, conversation).front();
    EXPECT_TRUE(before == 3 || order_replicas(without_last, conversation).front() == before) << conversation;
  }
}

TEST(replicas, one_with_twice_the_slots_has_twice_the_conversations) {
  auto replicas = equals(2);
  replicas[0].slots = 8;
  int first = 0;
  for (uint64_t conversation = 0; conversation < 3'000; ++conversation)
    first += order_replicas(replicas, conversation).front() == 0 ? 1 : 0;
  EXPECT_NEAR(first, 2'000, 120);
}

// Load is bounded whatever the conversations are: all of them one and the same, too.
TEST(replicas, none_has_more_than_a_quarter_above_its_share) {
  std::mt19937 random(11);
  for (const bool one_conversation : {true, false}) {
    auto replicas = equals(5);
    std::vector<std::size_t> running;
    for (int i = 0; i < 5'000; ++i) {
      if (running.size() > 40 || (!running.empty() && random() % 3 == 0)) {
        const auto ended = random() % running.size();
        --replicas[running[ended]].busy;
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(ended));
        continue;
      }
      const auto chosen = order_replicas(replicas, one_conversation ? 7 : random()).front();
      const auto all = static_cast<int64_t>(running.size());
      ++replicas[chosen].busy;
      running.push_back(chosen);
      EXPECT_LE(replicas[chosen].busy, most_busy(all, 1, 5)) << i;
    }
  }
  EXPECT_EQ(most_busy(0, 1, 4), 1);
  EXPECT_EQ(most_busy(39, 1, 4), 13) << "a quarter of 40 and a quarter more";
}

TEST(replicas, a_slow_a_waiting_or_a_cold_one_is_not_asked_first_even_by_its_own_conversations) {
  for (int kind = 0; kind < 3; ++kind) {
    auto replicas = equals(3);
    if (kind == 0) replicas[1].whole_ms = 5'000;
    if (kind == 1) replicas[1].wait_ms = 4'000;
    if (kind == 2) replicas[1].load_ms = 10'000;
    for (uint64_t conversation = 0; conversation < 500; ++conversation) {
      const auto order = order_replicas(replicas, conversation);
      EXPECT_EQ(order.back(), 1U);
    }
  }
}

TEST(replicas, a_little_slower_is_no_reason_to_leave_home) {
  auto replicas = equals(2);
  const auto fresh = replicas;
  replicas[1].whole_ms = 1'300;  // less than a quarter and what reading the beginning again would take
  for (uint64_t conversation = 0; conversation < 500; ++conversation)
    EXPECT_EQ(order_replicas(replicas, conversation).front(), order_replicas(fresh, conversation).front());
}

TEST(replicas, what_is_no_conversation_goes_to_the_quickest_and_then_to_the_idlest) {
  auto replicas = equals(3);
  replicas[2].whole_ms = 900;
  EXPECT_EQ(order_replicas(replicas, std::nullopt).front(), 2U);
  replicas[2].whole_ms = 1'000;
  replicas[0].busy = 1;
  replicas[1].busy = 2;
  EXPECT_EQ(order_replicas(replicas, std::nullopt), (std::vector<std::size_t>{2, 0, 1}));
}

TEST(replicas, one_that_was_never_asked_is_taken_to_be_as_quick_as_the_quickest) {
  auto replicas = equals(2);
  replicas[0].whole_ms = 0;
  replicas[1].busy = 1;
  EXPECT_EQ(order_replicas(replicas, std::nullopt).front(), 0U);
}

// Two hundred seconds of traffic at four replicas, one of which is three times slower: waits, as queues really form.
TEST(replicas, placing_by_expected_time_beats_taking_turns) {
  const auto simulate = [](bool placed) {
    std::mt19937 random(5);
    auto replicas = equals(4);
    for (auto& one : replicas) one.slots = 1;
    const std::vector<int64_t> takes = {1'000, 1'000, 1'000, 3'000};
    std::vector<int64_t> free_at(4, 0);
    std::vector<std::vector<int64_t>> ends(4);
    int64_t sum = 0;
    constexpr int requests = 500;
    for (int i = 0; i < requests; ++i) {
      const int64_t now = i * 400;
      for (std::size_t k = 0; k < 4; ++k) {
        std::erase_if(ends[k], [&](int64_t end) { return end <= now; });
        replicas[k].busy = static_cast<int64_t>(ends[k].size());
        replicas[k].wait_ms = std::max<int64_t>(free_at[k] - now, 0);
        replicas[k].whole_ms = takes[k];
      }
      const auto chosen = placed ? order_replicas(replicas, random() % 50).front() : static_cast<std::size_t>(i % 4);
      free_at[chosen] = std::max(free_at[chosen], now) + takes[chosen];
      ends[chosen].push_back(free_at[chosen]);
      sum += free_at[chosen] - now;
    }
    return sum / requests;
  };
  const auto placed = simulate(true);
  const auto in_turn = simulate(false);
  EXPECT_LT(placed, 2'000) << "an answer takes a second";
  EXPECT_GT(in_turn, 5 * placed) << "whoever takes turns waits for the slowest";
}

}  // namespace
}  // namespace weir
