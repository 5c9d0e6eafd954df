// Tokens of one answer, and money. Values; safe from any thread.
#pragma once

#include <cstdint>

namespace weir {

// Integer micro-dollars: 1'000'000 = $1. Sums are exact; a price times tokens is rounded half up once, per attempt.
using MicroDollars = int64_t;

struct Usage {
  int64_t input = 0;       // all prompt tokens, the cached ones included
  int64_t cached = 0;      // of `input`: read from the provider's prompt cache
  int64_t output = 0;      // all generated tokens, reasoning included
  int64_t reasoning = 0;   // of `output`
  bool known = false;      // the provider reported it
  bool estimated = false;  // counted by us from the text, because the provider did not say

  bool operator==(const Usage&) const = default;
};

// Prices in micro-dollars per million tokens ($2.50 / 1M = 2'500'000).
struct Prices {
  MicroDollars input = 0;
  MicroDollars cached = 0;  // reading cached input; equals `input` where the provider gives no discount
  MicroDollars output = 0;
  bool known = false;  // false: no price is known; cost is recorded as 0 and marked

  bool operator==(const Prices&) const = default;
};

}  // namespace weir
