// The mean of bounded values that all have the same expectation, found out by betting: if the mean were m, nobody could
// get rich by betting on values against it; who does get rich has shown that it is another. Tighter than what holds for
// values that drift (mixture.h), and as valid at every look.
//
// The theorem: for any λ chosen before x is seen, with λ in [-1/(1 - m), 1/m], Π(1 + λ(x - m)) is a martingale where
// the mean is m, and ever reaches 1/α with a probability of at most α. Waudby-Smith and Ramdas, Estimating means of
// bounded random variables by betting, Journal of the Royal Statistical Society B 86 (2024): theorem 3 (hedged
// capital), with bets as in its section 4.3 (predictable plug-in) and B.3 (aGRAPA).
//
// Values; pure; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "experiments/mixture.h"

namespace weir::experiments {

// What is known before a value is seen: of values scaled to [0, 1].
class Foresight {
 public:
  void add(double scaled);
  [[nodiscard]] int64_t count() const { return count_; }
  [[nodiscard]] double mean() const { return (0.5 + sum_) / (static_cast<double>(count_) + 1); }
  [[nodiscard]] double variance() const { return (0.25 + squares_) / (static_cast<double>(count_) + 1); }
  // The bet of the predictable plug-in for a level.
  [[nodiscard]] double bet(double alpha) const;

 private:
  int64_t count_ = 0;
  double sum_ = 0;
  double squares_ = 0;
};

enum class Claim : uint8_t { above, below };

// Whether the mean of values of [least, most] is above (below) a bound, for once and for all looks.
class MeanTest {
 public:
  MeanTest(double least, double most, double bound, Claim claim);

  void add(double value);
  // Whether it is shown, with an error of at most `alpha`; what was shown stays shown.
  [[nodiscard]] bool shown(double alpha) const;
  // log of the capital; at log(1/α) it is shown.
  [[nodiscard]] double log_capital() const;

 private:
  double least_;
  double range_;
  double bound_;  // scaled, and mirrored where the claim is `below`
  Claim claim_;
  Foresight foresight_;
  double log_steady_ = 0;  // capital of two gamblers, who began with a half each
  double log_greedy_ = 0;
  double log_best_ = 0;
};

// All means that nobody has got rich against.
class BettingInterval {
 public:
  BettingInterval(double least, double most, double alpha);

  void add(double value);
  [[nodiscard]] int64_t count() const { return foresight_.count(); }
  [[nodiscard]] double mean() const;
  // Rounded outwards to the four hundredth part of the range.
  [[nodiscard]] Interval interval() const;

 private:
  double least_;
  double range_;
  double alpha_;
  Foresight foresight_;
  double sum_ = 0;
  std::vector<double> log_up_;    // by m: bets that the mean is above it
  std::vector<double> log_down_;  // ... below it
  std::size_t low_ = 0;           // the largest m that the mean was shown to be above; 0 = none
  std::size_t high_;              // the smallest that it was shown to be below; the last = none
};

}  // namespace weir::experiments
