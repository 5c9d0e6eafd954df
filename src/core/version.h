// The version of this build, as the project file says it: `0.1.0`. Constant; any thread.
#pragma once

#include <string_view>

namespace weir {

[[nodiscard]] std::string_view version();

}  // namespace weir
