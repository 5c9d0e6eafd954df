// Lists in one text, as headers carry them: `a, b,c`. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

namespace weir {

// The items between commas, without the blanks around them; empty ones left out. Views into `text`.
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view text);

}  // namespace weir
