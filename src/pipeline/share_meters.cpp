#include "pipeline/share_meters.h"

#include <algorithm>
#include <mutex>
#include <string>

#include "core/objective.h"
#include "routing/share_meter.h"

namespace weir {

struct ShareMeters::Meter {
  Meter(std::string route_name, std::string model_id, double of)
      : route(std::move(route_name)), model(std::move(model_id)), share(of), meter(of) {}
  const std::string route;
  const std::string model;
  const double share;
  std::mutex mutex;
  routing::ShareMeter meter;
};

ShareMeters::ShareMeters(const Snapshot& snapshot, const ShareMeters* before) {
  std::vector<std::shared_ptr<Meter>> left = before == nullptr ? decltype(meters_)() : before->meters_;
  for (const auto& route : snapshot.routes) {
    for (const auto& rule : route.rules) {
      if (!rule.objective || !rule.objective->share) continue;
      const ShareRule& share = *rule.objective->share;
      const std::string& model = snapshot.models[share.to].id;
      const auto same = std::find_if(left.begin(), left.end(), [&](const auto& one) {
        return one->route == route.name && one->model == model && one->share == share.of;
      });
      if (meters_.size() <= share.place) meters_.resize(share.place + 1);
      if (same == left.end()) {
        meters_[share.place] = std::make_shared<Meter>(route.name, model, share.of);
      } else {
        meters_[share.place] = *same;
        left.erase(same);  // another rule like it has a meter of its own
      }
    }
  }
}

void ShareMeters::observe(std::vector<double>& share_from) const {
  share_from.resize(meters_.size());
  for (std::size_t i = 0; i < meters_.size(); ++i) {
    if (!meters_[i]) continue;
    const std::scoped_lock lock(meters_[i]->mutex);
    share_from[i] = meters_[i]->meter.threshold();
  }
}

void ShareMeters::record(const Plan& plan, double difficulty) const {
  if (!plan.objective || !plan.objective->share || difficulty < 0) return;
  const ShareRule& share = *plan.objective->share;
  const auto to = std::find_if(plan.candidates.begin(), plan.candidates.end(), [&](const Candidate& one) {
    return one.model == share.to && (one.verdict == Verdict::kept || one.verdict == Verdict::tight);
  });
  if (to == plan.candidates.end() || share.place >= meters_.size() || !meters_[share.place]) return;
  Meter& meter = *meters_[share.place];
  const std::scoped_lock lock(meter.mutex);
  meter.meter.record(difficulty, to == plan.candidates.begin());
}

}  // namespace weir
