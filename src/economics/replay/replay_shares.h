// ReplayShares: the shares of a Snapshot's rules in a replay, as a server's meters would hold them. One thread.
#pragma once

#include <algorithm>
#include <vector>

#include "core/objective.h"
#include "core/plan.h"
#include "core/snapshot.h"
#include "routing/share_meter.h"

namespace weir::plan {

class ReplayShares {
 public:
  explicit ReplayShares(const Snapshot& snapshot) {
    for (const auto& route : snapshot.routes) {
      for (const auto& rule : route.rules) {
        if (rule.objective && rule.objective->share) meters_.emplace_back(rule.objective->share->of);
      }
    }
  }

  void observe(std::vector<double>& share_from) const {
    share_from.clear();
    for (const auto& meter : meters_) share_from.push_back(meter.threshold());
  }
  void record(const Plan& plan, double difficulty) {
    if (!plan.objective || !plan.objective->share || difficulty < 0) return;
    const ShareRule& share = *plan.objective->share;
    const auto to = std::find_if(plan.candidates.begin(), plan.candidates.end(), [&](const Candidate& one) {
      return one.model == share.to && (one.verdict == Verdict::kept || one.verdict == Verdict::tight);
    });
    if (to == plan.candidates.end() || share.place >= meters_.size()) return;
    meters_[share.place].record(difficulty, to == plan.candidates.begin());
  }

 private:
  std::vector<routing::ShareMeter> meters_;  // by ShareRule::place: rules are numbered in this order
};

}  // namespace weir::plan
