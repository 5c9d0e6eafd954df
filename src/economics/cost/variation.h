// Variation: each input of a comparison changed by itself, and what totals and break-evens become: how
// sensitive a plan is to what it assumes. (core/sensitivity.h is of private data.) Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "economics/cost/comparison.h"

namespace weir::plan {

// One input changed, all others as they are.
struct VariationRow {
  std::string input;   // `cloud prices`
  int64_t change = 0;  // percent: -50, -20, 20, 50
  struct Outcome {
    MicroDollars total = 0;
    std::optional<int64_t> break_even;  // against the first option
  };
  std::vector<Outcome> outcomes;  // by option; empty: the input cannot change so far (`why_not`)
  std::string why_not;
};

// First the requests, whatever comes of it; of the other inputs those that change a total or a break-even.
[[nodiscard]] std::vector<VariationRow> variations(const Comparison& comparison);

}  // namespace weir::plan
