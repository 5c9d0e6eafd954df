#include "server/idle_list.h"

#include <gtest/gtest.h>

#include <deque>

namespace weir {
namespace {

struct Waiting final : IdleList::Entry {
  explicit Waiting(int number, std::vector<int>& gone) : number_(number), gone_(gone) {}
  void close_idle() override { gone_.push_back(number_); }
  int number_;
  std::vector<int>& gone_;
};

TEST(idle_list, the_oldest_go_first_and_those_that_left_do_not) {
  std::vector<int> gone;
  std::deque<Waiting> all;
  IdleList list;
  EXPECT_EQ(list.oldest_us(), 0);
  EXPECT_FALSE(list.close_oldest());
  for (int i = 0; i < 6; ++i) list.add(all.emplace_back(i, gone), 100 + i);
  EXPECT_EQ(list.oldest_us(), 100);
  list.remove(all[0]);
  list.remove(all[3]);
  list.remove(all[3]);
  list.remove(all[5]);
  EXPECT_EQ(list.oldest_us(), 101);
  list.add(all[0], 200);
  list.add(all[0], 300);
  while (list.close_oldest()) {
  }
  EXPECT_EQ(gone, (std::vector<int>{1, 2, 4, 0}));
  EXPECT_EQ(list.oldest_us(), 0);
}

TEST(idle_list, no_more_can_be_claimed_than_wait) {
  std::vector<int> gone;
  std::deque<Waiting> all;
  IdleList list;
  EXPECT_FALSE(list.claim());
  for (int i = 0; i < 2; ++i) list.add(all.emplace_back(i, gone), 1 + i);
  EXPECT_TRUE(list.claim());
  EXPECT_TRUE(list.claim());
  EXPECT_FALSE(list.claim());
  list.close_claimed();
  list.close_claimed();
  EXPECT_EQ(gone, (std::vector<int>{0, 1}));
  EXPECT_FALSE(list.claim());
  list.add(all[0], 5);
  EXPECT_TRUE(list.claim());
}

}  // namespace
}  // namespace weir
