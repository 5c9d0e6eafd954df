// HedgeRules: when a route asks a second candidate because the first has not said anything yet (`hedge`). A value; any
// thread.
#pragma once

#include <cstdint>

namespace weir {

struct HedgeRules {
  // Since the first candidate was asked; 0 = when it takes longer than 19 of 20 of its answers did (p95).
  int64_t after_ms = 0;

  bool operator==(const HedgeRules&) const = default;
};

}  // namespace weir
