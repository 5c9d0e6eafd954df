// Money of a plan: exact sums of integer micro-dollars over volumes that a month can have. A product is rounded once,
// half up, in 128 bits; sums are never rounded, so that parts add up to the total to the micro-dollar. Pure; any
// thread.
#pragma once

#include <cstdint>

#include "core/usage.h"

namespace weir::plan {

// The most any amount may be: a trillion dollars. Inputs that could pass it are refused where they are read.
inline constexpr MicroDollars most_money = 1'000'000'000'000'000'000;

// amount × numerator / denominator, rounded half up. All ≥ 0, denominator > 0, the result within most_money.
[[nodiscard]] MicroDollars scaled(MicroDollars amount, int64_t numerator, int64_t denominator);

}  // namespace weir::plan
