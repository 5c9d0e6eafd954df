// Objective: how the models of a rule's `use` are put into order for each request, and which share of the requests the
// most capable of them gets. Part of a Snapshot: immutable, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/usage.h"

namespace weir {

enum class Take : uint8_t { as_written, cheapest, best, fastest, weighted };

// How good a model's answers are held to be, 0 to 1.
struct ModelQuality {
  std::optional<double> of_all;
  std::vector<std::pair<std::string, double>> of_task;  // in place of `of_all`

  [[nodiscard]] std::optional<double> of(std::string_view task) const {
    for (const auto& [name, quality] : of_task) {
      if (name == task) return quality;
    }
    return of_all;
  }
};

// The most difficult requests, so many of all, go to one model first.
struct ShareRule {
  uint32_t to = 0;     // model index; it is in the rule's `use`
  double of = 0;       // 0 to 1
  uint32_t place = 0;  // in HealthView::share_from; each of a Snapshot has its own
};

struct Objective {
  Take take = Take::as_written;
  std::optional<double> least_quality;
  std::optional<MicroDollars> most_cost;  // of one request, estimated
  double cost_weight = 0;                 // the three of Take::weighted
  double latency_weight = 0;
  double quality_weight = 0;
  bool unmet_last = false;              // those that do not meet the bounds come last; false: they are dropped
  std::vector<ModelQuality> qualities;  // by place in the rule's `use`
  std::optional<ShareRule> share;
};

}  // namespace weir
