// What the arms of an A/B experiment or a canary have shown: quality, errors, cost and time of each, and what callers
// said of its answers, and how the last arm differs from the first, with intervals that hold at every look (95 %).
// Values; pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "experiments/median.h"
#include "experiments/unbounded.h"
#include "trials/trial.h"

namespace weir {

struct ArmSummary {
  experiments::DriftingMean quality{0, 1};
  experiments::DriftingMean errors{0, 1};
  experiments::DriftingMean feedback{0, 1};
  experiments::UnboundedMean cost;  // dollars
  experiments::UnboundedMean log_time;
  experiments::Median time_ms;

  // `feedback`: what was thought of this answer later, 0 to 1; nullopt: nobody said.
  void add(const ArmOutcome& one, std::optional<double> feedback = std::nullopt);
};

using ArmSummaries = std::map<std::string, ArmSummary>;

// {arms: [{arm, answers, quality, errors, feedback, cost_usd, time_ms}], difference: {arm, against, …}}. `last`: the
// arm that is compared with all others; where it is not there, no difference is told.
void append_json(json::Writer& out, const ArmSummaries& arms, std::string_view last);
[[nodiscard]] std::string to_text(const ArmSummaries& arms, std::string_view last, std::string_view indent);

}  // namespace weir
