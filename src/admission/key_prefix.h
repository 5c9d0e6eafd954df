// How every key of Weir begins.
#pragma once

#include <string_view>

namespace weir {

inline constexpr std::string_view key_prefix = "wk-";

}  // namespace weir
