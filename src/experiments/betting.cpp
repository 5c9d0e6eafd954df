#include "experiments/betting.h"

#include <algorithm>
#include <cmath>

namespace weir::experiments {
namespace {

constexpr std::size_t cells = 400;
constexpr double boldest = 0.5;          // of all that a bet may lose, at a steady hand
constexpr double boldest_greedy = 0.75;  // the same of a greedy one

double log_of_both(double a, double b) {
  const double larger = std::max(a, b);
  return larger + std::log((std::exp(a - larger) + std::exp(b - larger)) / 2);
}

}  // namespace

void Foresight::add(double scaled) {
  ++count_;
  sum_ += scaled;
  // Against the mean with this value in it, as the paper has it.
  const double from_mean = scaled - mean();
  squares_ += from_mean * from_mean;
}

double Foresight::bet(double alpha) const {
  const auto next = static_cast<double>(count_) + 1;
  return std::sqrt(2 * std::log(2 / alpha) / (variance() * next * std::log(next + 1)));
}

MeanTest::MeanTest(double least, double most, double bound, Claim claim)
    : least_(least), range_(most - least), claim_(claim) {
  const double scaled = std::clamp((bound - least) / range_, 0.0, 1.0);
  bound_ = claim == Claim::above ? scaled : 1 - scaled;
}

void MeanTest::add(double value) {
  const double scaled = std::clamp((value - least_) / range_, 0.0, 1.0);
  const double seen = claim_ == Claim::above ? scaled : 1 - scaled;
  constexpr double usual_alpha = 0.05;
  // At a bound of 0 nothing can be lost, and only as much be bet as shows it in time.
  const double most_bet = 1 / std::max(bound_, 1e-3);
  const double steady = std::min(foresight_.bet(usual_alpha), boldest * most_bet);
  const double edge = foresight_.mean() - bound_;
  const double greedy = std::clamp(edge / (foresight_.variance() + edge * edge), 0.0, boldest_greedy * most_bet);
  log_steady_ += std::log1p(steady * (seen - bound_));
  log_greedy_ += std::log1p(greedy * (seen - bound_));
  log_best_ = std::max(log_best_, log_capital());
  foresight_.add(seen);
}

bool MeanTest::shown(double alpha) const { return log_best_ >= -std::log(alpha); }

double MeanTest::log_capital() const { return log_of_both(log_steady_, log_greedy_); }

BettingInterval::BettingInterval(double least, double most, double alpha)
    : least_(least), range_(most - least), alpha_(alpha), log_up_(cells + 1), log_down_(cells + 1), high_(cells) {}

void BettingInterval::add(double value) {
  const double seen = std::clamp((value - least_) / range_, 0.0, 1.0);
  const double bet = foresight_.bet(alpha_);
  const double rich = std::log(2 / alpha_);
  // Outside of what is left nothing is to be found out any more.
  for (std::size_t i = low_; i <= high_; ++i) {
    const double m = static_cast<double>(i) / cells;
    const double up = m > 0 ? std::min(bet, boldest / m) : bet;
    const double down = m < 1 ? std::min(bet, boldest / (1 - m)) : bet;
    log_up_[i] += std::log1p(up * (seen - m));
    log_down_[i] += std::log1p(down * (m - seen));
  }
  for (auto i = high_; i > low_; --i) {
    if (log_up_[i] >= rich) {
      low_ = i;
      break;
    }
  }
  for (auto i = low_; i < high_; ++i) {
    if (log_down_[i] >= rich) {
      high_ = i;
      break;
    }
  }
  sum_ += seen;
  foresight_.add(seen);
}

double BettingInterval::mean() const {
  return count() == 0 ? least_ + range_ / 2 : least_ + range_ * sum_ / static_cast<double>(count());
}

Interval BettingInterval::interval() const {
  return {least_ + range_ * static_cast<double>(low_) / cells, least_ + range_ * static_cast<double>(high_) / cells};
}

}  // namespace weir::experiments
