// HedgeRules: when a route asks a second candidate because the first has not said anything yet (`hedge`). A value; any
// thread.
#pragma once

#include <cstdint>

namespace weir {

struct HedgeRules {
  // Since the first candidate was chosen, its wait for a slot included; 0 = longer than 19 of 20 of its answers took
  // (p95).
  int64_t after_ms = 0;
  int64_t share = 100'000;  // of the requests at most, in parts per million

  bool operator==(const HedgeRules&) const = default;
};

}  // namespace weir
