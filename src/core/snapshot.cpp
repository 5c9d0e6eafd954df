#include "core/snapshot.h"

#include <algorithm>
#include <limits>

namespace weir {

OperationSet ModelSettings::serves() const {
  OperationSet all = also;
  if (chat) all |= set_of(Operation::chat, Operation::completion, Operation::token_count);
  if (embeddings) all |= set_of(Operation::embedding);
  return all;
}
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

TokenRates rates_of(const Prices& prices, int64_t input, int64_t minute) {
  if (minute >= 0) {
    for (const auto& hours : prices.cheap_hours) {
      if (hours.holds(minute)) return prices.cheap;
    }
  }
  if (prices.long_above > 0 && input > prices.long_above) return prices.long_prompt;
  return {.input = prices.input,
          .cached = prices.cached,
          .output = prices.output,
          .written = prices.written,
          .written_long = prices.written_long};
}

}  // namespace

const Zone& zone_of(const ModelSettings& model, const Snapshot& snapshot) {
  return model.zone ? *model.zone : snapshot.providers[model.provider].zone;
}

const Zone& zone_of(uint32_t model, const Snapshot& snapshot) { return zone_of(snapshot.models[model], snapshot); }

MicroDollars token_cost(const Prices& prices, const Usage& usage, int64_t minute) {
  const auto rates = rates_of(prices, usage.input, minute);
  const auto input = std::max<int64_t>(usage.input, 0);
  const auto cached = std::clamp<int64_t>(usage.cached, 0, input);
  const auto written = std::clamp<int64_t>(usage.written, 0, input - cached);
  const auto written_long = std::clamp<int64_t>(usage.written_long, 0, written);
  const auto write_price = rates.written >= 0 ? rates.written : rates.input;
  const auto long_write_price = rates.written_long >= 0 ? rates.written_long : write_price;
  const Wide sum = product(input - cached - written, rates.input) + product(cached, rates.cached) +
                   product(written - written_long, write_price) + product(written_long, long_write_price) +
                   product(usage.output, rates.output);
  return rounded(sum, 1'000'000);
}

MicroDollars machine_cost(MicroDollars cost_per_hour, int64_t slots, int64_t busy_us) {
  constexpr Wide us_per_hour = 3'600'000'000;
  return rounded(product(cost_per_hour, busy_us), us_per_hour * static_cast<Wide>(std::max<int64_t>(slots, 1)));
}

}  // namespace weir
