#include "core/snapshot.h"

#include <algorithm>
#include <limits>

namespace weir {
namespace {

// Tokens × price and money × time leave 64 bits for prices and times that a config may well hold.
__extension__ using Wide = unsigned __int128;

Wide product(int64_t a, int64_t b) {
  return static_cast<Wide>(std::max<int64_t>(a, 0)) * static_cast<Wide>(std::max<int64_t>(b, 0));
}

MicroDollars rounded(Wide dividend, Wide divisor) {
  const Wide quotient = (dividend + divisor / 2) / divisor;
  constexpr auto most = std::numeric_limits<MicroDollars>::max();
  return quotient > static_cast<Wide>(most) ? most : static_cast<MicroDollars>(quotient);
}

}  // namespace

MicroDollars token_cost(const Prices& prices, const Usage& usage) {
  const int64_t cached = std::clamp<int64_t>(usage.cached, 0, std::max<int64_t>(usage.input, 0));
  const Wide sum = product(usage.input - cached, prices.input) + product(cached, prices.cached) +
                   product(usage.output, prices.output);
  return rounded(sum, 1'000'000);
}

MicroDollars machine_cost(MicroDollars cost_per_hour, int64_t slots, int64_t busy_us) {
  constexpr Wide us_per_hour = 3'600'000'000;
  return rounded(product(cost_per_hour, busy_us), us_per_hour * static_cast<Wide>(std::max<int64_t>(slots, 1)));
}

}  // namespace weir
