// The median of values without a bound, with an interval that holds at every look: for times and costs, whose means a
// few large values rule. If m is the median, every value is at or below it with a chance of at least one half; how far
// a count of coin flips ever strays is known (mixture.h), and so are the two order statistics that the median stays
// between. Howard and Ramdas, Sequential estimation of quantiles, Bernoulli 28 (2022), by the same means.
//
// Values; pure; any thread. All values are kept.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "experiments/mixture.h"

namespace weir::experiments {

class Median {
 public:
  void add(double value) { values_.push_back(value); }
  [[nodiscard]] int64_t count() const { return static_cast<int64_t>(values_.size()); }
  // nullopt: there are no values.
  [[nodiscard]] std::optional<double> value() const;
  // nullopt: too few to say anything.
  [[nodiscard]] std::optional<Interval> interval(double alpha) const;

 private:
  std::vector<double> values_;
};

}  // namespace weir::experiments
