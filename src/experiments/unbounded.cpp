#include "experiments/unbounded.h"

#include <cmath>

namespace weir::experiments {

void UnboundedMean::add(double value) {
  ++count_;
  const double before = value - mean_;
  mean_ += before / static_cast<double>(count_);
  squares_ += before * (value - mean_);
}

std::optional<Interval> UnboundedMean::interval(double alpha) const {
  if (count_ < least_values) return std::nullopt;
  constexpr double tightest_at = 100;
  const double log_alpha = -2 * std::log(alpha);
  const double rho_squared = (log_alpha + std::log(log_alpha + 1)) / tightest_at;
  const auto n = static_cast<double>(count_);
  const double variance = squares_ / (n - 1);
  const double spread = n * rho_squared + 1;
  const double radius =
      std::sqrt(variance) * std::sqrt(2 * spread / (n * n * rho_squared) * std::log(std::sqrt(spread) / alpha));
  return Interval{mean_ - radius, mean_ + radius};
}

std::optional<Interval> difference(const UnboundedMean& one, const UnboundedMean& other, double alpha) {
  const auto a = one.interval(alpha / 2);
  const auto b = other.interval(alpha / 2);
  if (!a || !b) return std::nullopt;
  return Interval{a->low - b->high, a->high - b->low};
}

Interval difference(const DriftingMean& one, const DriftingMean& other, double alpha) {
  const auto a = one.interval(alpha / 2);
  const auto b = other.interval(alpha / 2);
  return {a.low - b.high, a.high - b.low};
}

}  // namespace weir::experiments
