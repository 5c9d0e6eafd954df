#include "experiments/median.h"

#include <algorithm>
#include <cmath>

namespace weir::experiments {

std::optional<double> Median::value() const {
  if (values_.empty()) return std::nullopt;
  auto sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  const auto half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

std::optional<Interval> Median::interval(double alpha) const {
  const auto n = static_cast<double>(values_.size());
  // Each flip is a half away from what was to be expected of it.
  const double stray = deviation(n / 4, alpha / 2);
  const auto below = static_cast<int64_t>(std::ceil(n / 2 - stray)) - 1;  // so many are surely at or below the median
  if (below < 0) return std::nullopt;
  auto sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  const auto at = static_cast<std::size_t>(below);
  return Interval{sorted[at], sorted[sorted.size() - 1 - at]};
}

}  // namespace weir::experiments
