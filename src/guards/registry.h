// The guards of guards.def, made. Start-up only.
#pragma once

#include <memory>
#include <vector>

#include "guards/guard.h"

namespace weir::guards {

// All of them, in the order of guards.def, also those that `settings.off` names.
[[nodiscard]] std::vector<std::unique_ptr<Guard>> make_guards(const GuardSettings& settings);

}  // namespace weir::guards
