#include "experiments/canary.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace weir::experiments {

std::string_view to_string(CanaryState state) {
  switch (state) {
    case CanaryState::growing:
      return "growing";
    case CanaryState::done:
      return "done";
    case CanaryState::rolled_back:
      return "rolled_back";
  }
  return "";
}

void Canary::Side::add(const Outcome& outcome) {
  errors.add(outcome.ok ? 0 : 1);
  if (!outcome.ok) return;
  if (outcome.score >= 0) quality.add(outcome.score);
  log_time.add(std::log(static_cast<double>(std::max<int64_t>(outcome.duration_us, 1))));
}

Canary::Canary(CanaryGoal goal) : goal_(std::move(goal)), share_(goal_.steps.empty() ? 0 : goal_.steps.front()) {}

void Canary::set(double share, CanaryState state) {
  share_ = share;
  state_ = state;
  at_step_ = 0;
}

std::string Canary::shown_worse() const {
  const double alpha = goal_.alpha / 3;
  const auto quality = difference(canary_.quality, others_.quality, alpha);
  if (quality.high < -goal_.margin) {
    return fmt::format("its answers score {:.3f}, the others' {:.3f}", canary_.quality.mean(), others_.quality.mean());
  }
  const auto errors = difference(canary_.errors, others_.errors, alpha);
  if (errors.low > goal_.margin) {
    return fmt::format("{:.1f} % of its answers fail, {:.1f} % of the others'", canary_.errors.mean() * 100,
                       others_.errors.mean() * 100);
  }
  const auto time = difference(canary_.log_time, others_.log_time, alpha);
  if (time && time->low > std::log(goal_.slower)) {
    return fmt::format("it takes {:.1f} times as long as the others",
                       std::exp(canary_.log_time.mean() - others_.log_time.mean()));
  }
  return {};
}

double Canary::worst() const {
  const double alpha = goal_.alpha / 3;
  const auto errors = difference(canary_.errors, others_.errors, alpha);
  double loss = errors.high;
  if (canary_.quality.count() > 0) loss = std::max(loss, -difference(canary_.quality, others_.quality, alpha).low);
  return std::max(loss, 0.0);
}

bool Canary::slow() const {
  if (canary_.log_time.count() == 0 || others_.log_time.count() == 0) return false;
  return canary_.log_time.mean() - others_.log_time.mean() > std::log(goal_.slower);
}

std::optional<CanaryMove> Canary::of_canary(const Outcome& outcome) {
  canary_.add(outcome);
  if (state_ != CanaryState::growing) return std::nullopt;
  ++at_step_;
  if (auto why = shown_worse(); !why.empty()) {
    const CanaryMove move{.from = share_, .to = 0, .state = CanaryState::rolled_back, .reason = std::move(why)};
    share_ = 0;
    state_ = move.state;
    return move;
  }
  const auto next = std::upper_bound(goal_.steps.begin(), goal_.steps.end(), share_);
  if (next == goal_.steps.end() || at_step_ < goal_.least_at_step || slow()) return std::nullopt;
  // At a share of 1 there are no others to compare with any more; the others' numbers so far stand.
  const double loss = worst();
  if (*next * loss > goal_.margin) return std::nullopt;
  const bool last = std::next(next) == goal_.steps.end();
  const CanaryMove move{
      .from = share_,
      .to = *next,
      .state = last ? CanaryState::done : CanaryState::growing,
      .reason = fmt::format("after {} answers it is worse by {:.3f} at most: {:.0f} % of the requests "
                            "lose {:.3f} by it at most",
                            canary_.errors.count(), loss, *next * 100, *next * loss)};
  share_ = move.to;
  state_ = move.state;
  at_step_ = 0;
  return move;
}

}  // namespace weir::experiments
