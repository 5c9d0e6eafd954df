// How many requests of a route may ask a second candidate.
#include "admission/hedge_meter.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace weir {
namespace {

int64_t most_of(int64_t requests, int64_t share) { return (requests * share + 999'999) / 1'000'000; }

TEST(hedge_meter, of_n_requests_no_more_than_their_share_rounded_up) {
  for (const int64_t share : {1'000, 50'000, 100'000, 333'333, 900'000, 1'000'000}) {
    HedgeMeter meter(share);
    int64_t taken = 0;
    for (int64_t n = 1; n <= 2'000; ++n) {
      meter.count();
      taken += meter.take() ? 1 : 0;
      ASSERT_EQ(taken, 1 + (n - 1) * share / 1'000'000) << share << " of " << n;
      ASSERT_LE(taken, most_of(n, share)) << share << " of " << n;
    }
  }
}

TEST(hedge_meter, after_a_long_calm_no_more_than_ten_in_a_row) {
  HedgeMeter meter(100'000);
  for (int i = 0; i < 100'000; ++i) meter.count();
  int taken = 0;
  while (meter.take()) ++taken;
  EXPECT_EQ(taken, 10);
}

TEST(hedge_meter, threads_together_get_no_more_than_one_would) {
  HedgeMeter meter(100'000);
  std::atomic<int64_t> taken{0};
  std::vector<std::thread> threads;
  constexpr int each = 20'000;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < each; ++n) {
        meter.count();
        if (meter.take()) ++taken;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(taken.load(), most_of(4 * each, 100'000));
  EXPECT_GT(taken.load(), most_of(4 * each, 100'000) * 9 / 10);
}

}  // namespace
}  // namespace weir
