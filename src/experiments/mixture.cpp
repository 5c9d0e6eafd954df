#include "experiments/mixture.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weir::experiments {
namespace {

// λ for values that fall short of their guess by up to 1: each half of the one before, so that for any number of values
// one is near the best. Those above 1 are for values that fall short by less.
constexpr int steep_ones = 5;
constexpr int rates = 18;

struct Rate {
  double lambda = 0;  // for values as they are
  double scale = 0;   // values may fall short of their guesses by this
  double psi = 0;
};

std::array<Rate, rates> make_rates() {
  std::array<Rate, rates> all;
  constexpr double boldest = 0.9;
  for (int i = 0; i < rates; ++i) {
    const double scale = i < steep_ones ? std::ldexp(1.0, i - steep_ones) : 1.0;
    const double scaled = i < steep_ones ? boldest : std::ldexp(boldest, steep_ones - i);
    auto& rate = all[static_cast<std::size_t>(i)];
    rate.scale = scale;
    rate.lambda = scaled / scale;
    // ψ is of values scaled to the bound; their squares are scaled with them.
    rate.psi = (-std::log1p(-scaled) - scaled) / (scale * scale);
  }
  return all;
}

const std::array<Rate, rates>& all_rates() {
  static const auto all = make_rates();
  return all;
}

}  // namespace

double log_evidence_above_zero(double sum, double squares, double steepest) {
  // Rates that are too steep for what may come have lost their share: to leave out a part of a mixture is always
  // allowed.
  double largest = -INFINITY;
  std::array<double, rates> logs{};
  std::size_t used = 0;
  for (const auto& rate : all_rates()) {
    if (rate.scale < steepest) continue;
    const double one = rate.lambda * sum - rate.psi * squares;
    logs[used++] = one;
    largest = std::max(largest, one);
  }
  if (used == 0) return -INFINITY;
  double total = 0;
  for (std::size_t i = 0; i < used; ++i) total += std::exp(logs[i] - largest);
  return largest + std::log(total / rates);
}

double deviation(double squares, double alpha) {
  const double wanted = -std::log(alpha);
  double low = 0;
  double high = 16;
  while (log_evidence_above_zero(high, squares, 1) < wanted) high *= 2;
  constexpr int halvings = 50;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (low + high) / 2;
    (log_evidence_above_zero(middle, squares, 1) < wanted ? low : high) = middle;
  }
  return high;
}

void DriftingMean::add(double value) {
  const double scaled = std::clamp((value - least_) / range_, 0.0, 1.0);
  const double guess = (sum_ + 0.5) / (static_cast<double>(count_) + 1);
  squares_ += (scaled - guess) * (scaled - guess);
  sum_ += scaled;
  ++count_;
}

double DriftingMean::mean() const {
  return count_ == 0 ? least_ + range_ / 2 : least_ + range_ * sum_ / static_cast<double>(count_);
}

Interval DriftingMean::interval(double alpha) const {
  if (count_ == 0) return {least_, least_ + range_};
  const double radius = range_ * deviation(squares_, alpha / 2) / static_cast<double>(count_);
  return {std::max(least_, mean() - radius), std::min(least_ + range_, mean() + radius)};
}

}  // namespace weir::experiments
