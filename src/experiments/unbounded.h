// The mean of values without a bound: what answers cost, how long they took. No interval can hold for all such values
// from the first on; this one comes to hold as their number grows, at all later looks at once.
//
// The theorem: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, Time-uniform central limit theory and asymptotic
// confidence sequences, Annals of Statistics 52 (2024), theorem 2.2, with ρ tuned to be tightest near 100 values. Until
// `least_values` are there nothing is said.
//
// Values; pure; any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "experiments/mixture.h"

namespace weir::experiments {

class UnboundedMean {
 public:
  static constexpr int64_t least_values = 100;

  void add(double value);
  [[nodiscard]] int64_t count() const { return count_; }
  [[nodiscard]] double mean() const { return mean_; }
  // nullopt: too few values.
  [[nodiscard]] std::optional<Interval> interval(double alpha) const;

 private:
  int64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // of distances from the mean (Welford)
};

// Of the means of two groups that have nothing to do with each other: `one` less `other`.
[[nodiscard]] std::optional<Interval> difference(const UnboundedMean& one, const UnboundedMean& other, double alpha);
[[nodiscard]] Interval difference(const DriftingMean& one, const DriftingMean& other, double alpha);

}  // namespace weir::experiments
