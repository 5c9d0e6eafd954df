#include "economics/replay/slowdown.h"

#include <algorithm>
#include <queue>

namespace weir::plan {
namespace {

constexpr int64_t least_attempts = 100;  // fewer say nothing about how times depend on each other

struct Held {
  int64_t from_us = 0;
  int64_t to_us = 0;
  uint32_t attempt = 0;
  uint32_t provider = 0;
};

// All attempts that held a slot, by their beginning.
std::vector<Held> held_slots(const Traffic& traffic, const Snapshot& snapshot, const ModelNames& names) {
  std::vector<Held> held;
  for (const auto& arrival : traffic.arrivals) {
    for (uint32_t i = 0; i < arrival.attempts; ++i) {
      const uint32_t place = arrival.first_attempt + i;
      const auto& attempt = traffic.attempts[place];
      const auto model = names.model_of(attempt);
      if (!model || attempt.never_began()) continue;
      const auto provider = snapshot.models[*model].provider;
      if (snapshot.providers[provider].slots == 0) continue;
      const auto from = arrival.time_us + attempt.started_us + attempt.queue_us;
      held.push_back({.from_us = from, .to_us = from + attempt.duration_us, .attempt = place, .provider = provider});
    }
  }
  std::sort(held.begin(), held.end(), [](const Held& a, const Held& b) { return a.from_us < b.from_us; });
  return held;
}

// Sums for a straight line through (others, ratio).
class Line {
 public:
  void add(double x, double y) {
    ++count_;
    x_ += x;
    y_ += y;
    xx_ += x * x;
    xy_ += x * y;
  }
  [[nodiscard]] Slowdown slowdown() const {
    const auto count = static_cast<double>(count_);
    const double spread = count * xx_ - x_ * x_;
    if (count_ < least_attempts || spread <= 1e-9 * count * xx_) return {};
    const double slope = std::max(0.0, (count * xy_ - x_ * y_) / spread);
    const double alone = (y_ - slope * x_) / count;
    if (alone <= 0) return {};
    return {.alone = alone, .per_other = slope, .mean_others = x_ / count, .attempts = count_};
  }

 private:
  int64_t count_ = 0;
  double x_ = 0;
  double y_ = 0;
  double xx_ = 0;
  double xy_ = 0;
};

}  // namespace

Concurrency measure_concurrency(const Traffic& traffic, const Snapshot& snapshot, const ModelNames& names,
                                const std::vector<std::optional<ServiceRates>>& rates) {
  Concurrency result;
  result.others.resize(traffic.attempts.size());
  std::vector<std::priority_queue<int64_t, std::vector<int64_t>, std::greater<>>> ends(snapshot.providers.size());
  std::vector<Line> lines(snapshot.providers.size());
  for (const auto& held : held_slots(traffic, snapshot, names)) {
    auto& running = ends[held.provider];
    while (!running.empty() && running.top() <= held.from_us) running.pop();
    result.others[held.attempt] = static_cast<uint16_t>(std::min<std::size_t>(running.size(), UINT16_MAX));
    running.push(held.to_us);
    const auto& attempt = traffic.attempts[held.attempt];
    const auto model = *names.model_of(attempt);
    if (attempt.outcome != outcome_ok || !attempt.has_usage || !rates[model]) continue;
    const auto expected = rates[model]->busy_us(attempt.input - attempt.cached, attempt.output);
    if (expected <= 0) continue;
    lines[held.provider].add(static_cast<double>(result.others[held.attempt]),
                             static_cast<double>(attempt.duration_us) / static_cast<double>(expected));
  }
  for (const auto& line : lines) result.slowdowns.push_back(line.slowdown());
  return result;
}

}  // namespace weir::plan
