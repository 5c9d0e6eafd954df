#include "routing/share_meter.h"

#include <algorithm>
#include <cmath>

namespace weir::routing {
namespace {

constexpr double pull = 0.02;     // of a request of debt, on the share that is aimed at
constexpr double most_debt = 25;  // so that a flood of requests of one kind is not paid back for ever

}  // namespace

ShareMeter::ShareMeter(double of) : of_(std::clamp(of, 0.0, 1.0)) {}

double ShareMeter::threshold() const {
  if (of_ <= 0) return 2;
  if (of_ >= 1) return -1;
  if (sorted_.empty()) return 1 - of_;
  const double aim = std::clamp(of_ + pull * debt_, 0.0, 1.0);
  const auto count = static_cast<double>(sorted_.size());
  const auto at = static_cast<std::size_t>(std::clamp((1 - aim) * count, 0.0, count - 1));
  const double value = sorted_[at];
  // Several may be of just this difficulty: they are taken while too few were.
  return debt_ > 0 ? value : std::nextafter(value, 2.0);
}

void ShareMeter::record(double difficulty, bool taken) {
  debt_ = std::clamp(debt_ + of_ - (taken ? 1 : 0), -most_debt, most_debt);
  if (recent_.size() < most_recent) {
    recent_.push_back(difficulty);
  } else {
    sorted_.erase(std::lower_bound(sorted_.begin(), sorted_.end(), recent_[oldest_]));
    recent_[oldest_] = difficulty;
    oldest_ = (oldest_ + 1) % most_recent;
  }
  sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), difficulty), difficulty);
}

}  // namespace weir::routing
