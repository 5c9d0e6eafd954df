// ShareMeters: one meter for each rule of a Snapshot that has a `share`, kept over reloads as long as route, model and
// share stay. Any thread: the loops share a meter, behind a lock that only requests of such rules take.
#pragma once

#include <memory>
#include <vector>

#include "core/plan.h"
#include "core/snapshot.h"

namespace weir {

class ShareMeters {
 public:
  ShareMeters() = default;
  ShareMeters(const Snapshot& snapshot, const ShareMeters* before);

  // By ShareRule::place.
  void observe(std::vector<double>& share_from) const;
  // What became of a request: whether its share's model comes first. Counted where that model may be asked at all.
  void record(const Plan& plan, double difficulty) const;

 private:
  struct Meter;
  std::vector<std::shared_ptr<Meter>> meters_;  // by ShareRule::place
};

}  // namespace weir
