// Slowdown: what requests that a machine works on at the same time cost each other, measured in a ledger. A machine
// that is shared by more is slower for each: so a replay with other slots or more machines must not take recorded times
// as they are. Fitted by least squares over a provider's attempts:
//
//   busy time / (time that its tokens take by the rates of its model) = alone + per_other × others
//
// where `others` is how many other requests held a slot when the attempt began. Values; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "core/snapshot.h"
#include "economics/replay/service_model.h"
#include "economics/traffic/traffic.h"

namespace weir::plan {

struct Slowdown {
  double alone = 1;
  double per_other = 0;    // never below 0
  double mean_others = 0;  // of the attempts that it is fitted to
  int64_t attempts = 0;    // that it is fitted to; 0 = too few, or always the same `others`: nothing is known

  // How much longer a request takes beside `others` than the mean of the record.
  [[nodiscard]] double at(double others) const { return alone + per_other * others; }
};

struct Concurrency {
  std::vector<uint16_t> others;     // by recorded attempt, when it began
  std::vector<Slowdown> slowdowns;  // by provider
};

[[nodiscard]] Concurrency measure_concurrency(const Traffic& traffic, const Snapshot& snapshot, const ModelNames& names,
                                              const std::vector<std::optional<ServiceRates>>& rates);

}  // namespace weir::plan
