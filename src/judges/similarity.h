// How much two answers say the same. Pure; any thread.
#pragma once

#include <string_view>

namespace weir {

// 0 to 1: the share of words that they have in common, half as much where they end with different numbers: those are
// what such answers are about.
[[nodiscard]] double similarity(std::string_view a, std::string_view b);

}  // namespace weir
