#include "routing/share_meter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "routing/dice.h"

namespace weir::routing {
namespace {

struct Held {
  double all = 0;          // share that was taken
  double worst_block = 0;  // furthest from the wish, of blocks of 500 requests
};

Held run(double of, std::size_t count, const std::function<double(std::size_t)>& difficulty) {
  ShareMeter meter(of);
  std::size_t taken = 0;
  std::size_t in_block = 0;
  Held held;
  for (std::size_t i = 0; i < count; ++i) {
    const double value = difficulty(i);
    const bool takes = value >= meter.threshold();
    meter.record(value, takes);
    taken += takes ? 1 : 0;
    in_block += takes ? 1 : 0;
    if ((i + 1) % 500 == 0) {
      held.worst_block = std::max(held.worst_block, std::abs(static_cast<double>(in_block) / 500 - of));
      in_block = 0;
    }
  }
  held.all = static_cast<double>(taken) / static_cast<double>(count);
  return held;
}

TEST(ShareMeter, holds_the_share_within_2_points_whatever_the_traffic_is) {
  for (const double of : {0.05, 0.2, 0.5, 0.8}) {
    Dice dice(11);
    struct Traffic {
      const char* name;
      std::function<double(std::size_t)> difficulty;
    };
    for (const auto& [name, difficulty] :
         {Traffic{"even", [&](std::size_t) { return dice.unit(); }},
          Traffic{"mostly easy", [&](std::size_t) { return std::pow(dice.unit(), 8); }},
          Traffic{"all the same", [](std::size_t) { return 0.3; }},
          Traffic{"two kinds", [&](std::size_t) { return dice.unit() < 0.7 ? 0.1 : 0.9; }},
          Traffic{"growing harder", [&](std::size_t i) { return dice.unit() * 0.3 + static_cast<double>(i) / 10'000; }},
          Traffic{"day and night",
                  [&](std::size_t i) { return dice.unit() * 0.5 + (i / 700 % 2 == 0 ? 0.0 : 0.4); }}}) {
      const Held held = run(of, 5000, difficulty);
      EXPECT_NEAR(held.all, of, 0.02) << name << " " << of;
    }
  }
}

TEST(ShareMeter, holds_it_in_every_block_of_traffic_that_does_not_change) {
  Dice dice(3);
  EXPECT_LE(run(0.2, 5000, [&](std::size_t) { return dice.unit(); }).worst_block, 0.02);
  EXPECT_LE(run(0.2, 5000, [](std::size_t) { return 0.3; }).worst_block, 0.02);
}

TEST(ShareMeter, takes_the_most_difficult) {
  Dice dice(4);
  ShareMeter meter(0.2);
  double least_taken = 1;
  double most_left = 0;
  for (int i = 0; i < 3000; ++i) {
    const double value = dice.unit();
    const bool takes = value >= meter.threshold();
    meter.record(value, takes);
    if (i < 1000) continue;
    if (takes) least_taken = std::min(least_taken, value);
    if (!takes) most_left = std::max(most_left, value);
  }
  EXPECT_GT(least_taken, 0.6);
  EXPECT_LT(most_left, 0.95);
}

TEST(ShareMeter, of_none_and_of_all) {
  EXPECT_EQ(run(0, 500, [](std::size_t) { return 1.0; }).all, 0);
  EXPECT_EQ(run(1, 500, [](std::size_t) { return 0.0; }).all, 1);
}

}  // namespace
}  // namespace weir::routing
