#include "experiments/dial.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "experiments/mixture.h"

namespace weir::experiments {
namespace {

constexpr int64_t least_between_raises = 15;
constexpr double recent_alpha = 0.2;
constexpr double alarm_bet = 0.5;
const double alarm_at = std::log(200.0);

// The largest share that needs no evidence.
double free_share(const DialGoal& goal) {
  double free = 0;
  for (const double step : Dial::steps) {
    if (step <= 1 - goal.keep + 1e-9 && step <= goal.most) free = step;
  }
  return free;
}

}  // namespace

void Dial::Sums::add(const Pair& pair, double sign) {
  const double difference = pair.large - pair.small;
  large += sign * pair.large;
  gap += sign * difference;
  large_squared += sign * pair.large * pair.large;
  gap_squared += sign * difference * difference;
  product += sign * pair.large * difference;
}

Dial::Dial(DialGoal goal) : goal_(goal), share_(free_share(goal)), highest_(share_) {}

void Dial::take(const Pair& pair) {
  const double value = (1 - goal_.keep) * pair.large - pair.share * (pair.large - pair.small);
  purse_ += value;
  purse_squares_ += value * value;
  highest_ = std::max(highest_, pair.share);
  ++count_;
  recent_.push_back(pair);
  sums_.add(pair, 1);
  if (recent_.size() > recent_most) {
    sums_.add(recent_.front(), -1);
    recent_.pop_front();
  }
}

void Dial::remember(const Pair& pair) {
  take(pair);
  static_cast<void>(dropped(pair));
}

bool Dial::dropped(const Pair& pair) {
  // What is bet on: that the local model alone is below the bound.
  const double room = (1 - goal_.keep) * pair.large - (pair.large - pair.small);
  if (log_alarm_ <= 0) {
    log_alarm_ = 0;
    since_quiet_ = 0;
  }
  ++since_quiet_;
  log_alarm_ += std::log1p(-alarm_bet * std::clamp(room, -1.0, 1.0));
  if (log_alarm_ < alarm_at) return false;
  log_alarm_ = 0;
  const auto keep = std::min(since_quiet_, recent_.size());
  since_quiet_ = 0;
  while (recent_.size() > keep) {
    sums_.add(recent_.front(), -1);
    recent_.pop_front();
  }
  return true;
}

bool Dial::recent_allows(double share) const {
  const double room = 1 - goal_.keep;
  if (share <= room) return true;
  const double sum = room * sums_.large - share * sums_.gap;
  const double squares =
      room * room * sums_.large_squared - 2 * room * share * sums_.product + share * share * sums_.gap_squared;
  return log_evidence_above_zero(sum, std::max(squares, 0.0), share) >= -std::log(recent_alpha);
}

bool Dial::purse_allows(double share, int64_t under_way) const {
  const double room = 1 - goal_.keep;
  if (share <= room && share_ <= room) return true;
  // The next one, and those that come while it is being compared.
  const auto open = static_cast<double>(under_way) + 1;
  const double worst = std::max(share, under_way > 0 ? share_ : 0);
  const double sum = purse_ - open * worst;
  const double squares = purse_squares_ + open * worst * worst;
  return log_evidence_above_zero(sum, squares, std::max(highest_, share)) >= -std::log(goal_.alpha);
}

double Dial::allowed(int64_t under_way) const {
  double found = 0;
  for (const double step : steps) {
    if (step > goal_.most || step > held_.value_or(1)) break;
    const bool free = step <= 1 - goal_.keep + 1e-9;
    if (free || (recent_allows(step) && purse_allows(step, under_way))) found = step;
  }
  return found;
}

std::optional<DialMove> Dial::add(const Pair& pair, int64_t under_way) {
  take(pair);
  ++since_move_;
  const bool fell = dropped(pair);
  const double from = share_;
  const double may = allowed(under_way);
  double to = from;
  if (may < from) {
    to = may;
  } else if (may > from && since_move_ >= least_between_raises) {
    // One step at a time: what comes next is evidence at the new share.
    to = *std::upper_bound(std::begin(steps), std::end(steps), from);
    to = std::min(to, may);
  }
  if (to == from) return std::nullopt;
  share_ = to;
  since_move_ = 0;
  const auto seen = fmt::format("the last {} comparisons score {:.3f} locally and {:.3f} with the large model",
                                recent_.size(), recent_small(), recent_large());
  DialMove move{.from = from, .to = to};
  if (to > from) {
    move.reason = fmt::format("{}: enough for {:.0f} %", seen, to * 100);
  } else if (fell) {
    move.reason = fmt::format("the local model's quality dropped; {}", seen);
  } else if (!recent_allows(from)) {
    move.reason = fmt::format("{}: not enough for {:.0f} % any more", seen, from * 100);
  } else {
    move.reason = fmt::format("what was promised over all {} comparisons would be at risk; {}", count_, seen);
  }
  return move;
}

double Dial::recent_small() const {
  return recent_.empty() ? 0 : (sums_.large - sums_.gap) / static_cast<double>(recent_.size());
}

double Dial::recent_large() const { return recent_.empty() ? 0 : sums_.large / static_cast<double>(recent_.size()); }

}  // namespace weir::experiments
