#include "core/saturating.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

__extension__ using Wide = __int128;

int64_t clamped(Wide value) { return static_cast<int64_t>(std::clamp<Wide>(value, INT64_MIN, INT64_MAX)); }

TEST(Saturating, is_exact_where_it_fits_and_stops_at_the_ends) {
  const std::array numbers = {INT64_MIN,  INT64_MIN + 1, INT64_MIN / 2, int64_t{-3},   int64_t{-1}, int64_t{0},
                              int64_t{1}, int64_t{2},    INT64_MAX / 2, INT64_MAX - 1, INT64_MAX};
  for (const auto a : numbers) {
    for (const auto b : numbers) {
      EXPECT_EQ(saturating_add(a, b), clamped(Wide{a} + b)) << a << " " << b;
      EXPECT_EQ(saturating_subtract(a, b), clamped(Wide{a} - b)) << a << " " << b;
      EXPECT_EQ(saturating_multiply(a, b), clamped(Wide{a} * b)) << a << " " << b;
    }
  }
}

}  // namespace
}  // namespace weir
