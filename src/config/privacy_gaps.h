// Privacy gaps: what a config allows that its author most likely does not mean. Warnings, never errors: each may be
// meant. Pure functions; any thread.
#pragma once

#include <vector>

#include "config/problem.h"
#include "core/snapshot.h"

namespace weir {

enum class Keys : uint8_t { none, some };

// Routes without a rule on sensitive data beside routes with one, detectors that are off though a rule asks for what
// they find, browsers of any origin let in without keys.
[[nodiscard]] std::vector<Problem> privacy_gaps(const Snapshot& snapshot, Keys keys);

}  // namespace weir
