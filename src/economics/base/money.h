// Money of a plan: exact sums of integer micro-dollars over volumes that a month can have. A product is rounded once,
// half up, in 128 bits; sums are never rounded, so that parts add up to the total to the micro-dollar. Pure; any
// thread.
#pragma once

#include <cstdint>
#include <string>

#include "core/usage.h"

namespace weir::plan {

// The most any amount may be: a trillion dollars. Inputs that could pass it are refused where they are read.
inline constexpr MicroDollars most_money = 1'000'000'000'000'000'000;

__extension__ using Wide = __int128;  // for products on the way to an amount

// amount × numerator / denominator, rounded half up. All ≥ 0, denominator > 0, the result within most_money.
[[nodiscard]] MicroDollars scaled(MicroDollars amount, int64_t numerator, int64_t denominator);

// An amount that may be more than most_money is most_money: whoever shows one checks for that (`Quote::too_much`).
[[nodiscard]] MicroDollars capped(Wide amount);

// Requests of a month in millionths, so that a share of them is exact too: 80 % of 3 requests are 2'400'000.
using Volume = int64_t;
inline constexpr Volume one_request = 1'000'000;
inline constexpr int64_t most_requests = 1'000'000'000'000;  // a month

// What one request costs of something that has a price per million: exact, as a fraction, for any volume.
// Example: 1'000'000 requests have 500'000'000 tokens at $30 a million.
struct Rate {
  Wide numerator = 0;       // units of all requests × price
  int64_t denominator = 1;  // requests
  // `units` of `requests` together, `price` in micro-dollars per million units. requests ≥ 1; units ≤ 10^7 × requests
  // and ≤ 10^15; price ≤ 10^10.
  [[nodiscard]] static Rate of(int64_t units, int64_t requests, MicroDollars price);
  [[nodiscard]] MicroDollars times(Volume volume) const;  // rounded once, half up; capped
};

// For people. `$45,000`, `$7,820.50`, `$12.34`, `$0.00015`: cents only where there are some, more where there is less.
[[nodiscard]] std::string dollars(MicroDollars amount);
// `1,000,000`
[[nodiscard]] std::string grouped(int64_t number);
// 826 → `82.6 %`: tenths of a percent
[[nodiscard]] std::string percent(int64_t tenths);

}  // namespace weir::plan
