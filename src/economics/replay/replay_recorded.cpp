// The record itself, in the figures of a replay.
#include <algorithm>

#include "economics/replay/replay_tally.h"

namespace weir::plan {

ReplayResult as_recorded(const Traffic& traffic, const Snapshot& snapshot) {
  const ModelNames names(traffic, snapshot);
  const ReplaySettings settings{.name = "as recorded"};
  Tally tally(snapshot, settings, traffic.arrivals.size());
  auto& result = tally.result();
  result.answered_by.resize(traffic.arrivals.size(), UINT32_MAX);
  for (std::size_t index = 0; index < traffic.arrivals.size(); ++index) {
    const auto& arrival = traffic.arrivals[index];
    if (arrival.classes != 0) ++result.sensitive;
    Ending ending{.outcome = arrival.outcome,
                  .latency_us = arrival.duration_us,
                  .first_token_us = arrival.first_token_us,
                  .cost = arrival.cost,
                  .priced = arrival.priced};
    if (arrival.baseline >= 0) ending.baseline = arrival.baseline;
    for (std::size_t i = 0; i < arrival.attempts; ++i) {
      const auto& attempt = traffic.attempts[arrival.first_attempt + i];
      ending.wait_us += attempt.queue_us;
      const auto model = names.model_of(attempt);
      if (attempt.never_began()) {
        if (i + 1U < arrival.attempts) ending.spilled = true;
        if (model) tally.turned_away(snapshot.models[*model].provider);
        continue;
      }
      if (!model) {
        result.token_cost += attempt.cost;
        continue;
      }
      if (attempt.queue_us > 0) tally.waited(snapshot.models[*model].provider);
      tally.attempt(*model, attempt.duration_us, attempt.cost);
      if (attempt.outcome != outcome_ok || arrival.outcome != outcome_ok) continue;
      tally.answer(*model, {.input = attempt.input, .output = attempt.output});
      result.answered_by[index] = *model;
    }
    tally.end(ending);
  }
  auto recorded = tally.finish(traffic.span_us());
  recorded.answered_local = std::count_if(traffic.arrivals.begin(), traffic.arrivals.end(), [](const Arrival& arrival) {
    return arrival.outcome == outcome_ok && arrival.answered_local;
  });
  return recorded;
}

}  // namespace weir::plan
