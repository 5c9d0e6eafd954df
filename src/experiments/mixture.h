// Evidence that keeps its word however often it is looked at, and whatever happens meanwhile. A sum of bounded values
// is compared with the sum of what was to be expected of each of them, given all before it; no value need be like
// another.
//
// The theorem: let x̂ be any guess made before x is seen, x fall short of it by 1 at most, and μ be what was to be
// expected of x. Then exp(λ Σ(x - μ) - ψ(λ) Σ(x - x̂)²) with ψ(λ) = -log(1 - λ) - λ and 0 <= λ < 1 is a supermartingale,
// by Fan's inequality (exp(λξ - ψ(λ)ξ²) <= 1 + λξ for ξ >= -1). Howard, Ramdas, McAuliffe and Sekhon, Time-uniform,
// nonparametric, nonasymptotic confidence sequences, Annals of Statistics 49 (2021), theorem 4. A mixture over several
// λ is one too, and by Ville's inequality it ever reaches 1/α with a probability of at most α.
//
// Values; pure; any thread.
#pragma once

#include <cstdint>

namespace weir::experiments {

struct Interval {
  double low = 0;
  double high = 0;
};

// log of the evidence that `sum` of values with expectations Σμ says Σ μ > 0: at log(1/α) it is there. `squares`: Σ (x
// - x̂)². `steepest`: values fell short of their guesses by no more than this, at any time.
[[nodiscard]] double log_evidence_above_zero(double sum, double squares, double steepest);

// How far Σ x may be from Σ μ, in one direction, with a probability of at most `alpha` ever. Values of a range of 1.
[[nodiscard]] double deviation(double squares, double alpha);

// The mean of values of [least, most], of which each may have an expectation of its own: the interval holds the mean of
// these expectations, at all times at once, with a probability of 1 - alpha.
class DriftingMean {
 public:
  DriftingMean(double least, double most) : least_(least), range_(most - least) {}

  void add(double value);
  [[nodiscard]] int64_t count() const { return count_; }
  [[nodiscard]] double mean() const;
  // Never beyond [least, most].
  [[nodiscard]] Interval interval(double alpha) const;

 private:
  double least_;
  double range_;
  int64_t count_ = 0;
  double sum_ = 0;  // as the next: of values scaled to [0, 1]
  double squares_ = 0;
};

}  // namespace weir::experiments
