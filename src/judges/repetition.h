// Models that have lost themselves say the same again and again. Pure; any thread.
#pragma once

#include <string_view>

namespace weir {

// The end of the text repeats itself (whatever its language), or most of its lines or sentences are the same.
[[nodiscard]] bool repeats_itself(std::string_view text);

}  // namespace weir
