// Who is in which arm: by a hash of what sticks (caller, tag, conversation) and of the experiment's name, so that the
// same one is always in the same arm, and two experiments have nothing to do with each other. As a share grows, those
// who are in stay in. The hash is FNV-1a with a finisher, the same on every machine and in every version: it must not
// change while experiments run. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::experiments {

// In [0, 1).
[[nodiscard]] double place_of(std::string_view experiment, std::string_view what_sticks);

}  // namespace weir::experiments
