// Demand: what one request may take at most, to be reserved from its key's limits before it is sent. Never less than
// what was asked for: prompts, choices and lengths are multiplied without wrapping. Pure; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "core/facts.h"
#include "core/request.h"
#include "core/snapshot.h"

namespace weir {

struct Demand {
  int64_t tokens = 0;  // input and output
  MicroDollars cost = 0;
};

// `models`: who may answer; the dearest counts.
[[nodiscard]] Demand demand_of(const Request& request, const RequestFacts& facts, const Snapshot& snapshot,
                               const std::vector<uint32_t>& models);

}  // namespace weir
