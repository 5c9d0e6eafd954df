// Reading the tab-separated files of catalog/: helpers that the parsers of hardware and shapes share, and names folded
// so that spelling does not matter. Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::plan {

// Cuts off and returns what comes before `separator`; all of it when there is none.
[[nodiscard]] std::string_view cut(std::string_view& text, char separator);
// The next field of a line; "" for `-`, which stands for nothing.
[[nodiscard]] std::string_view next_field(std::string_view& line);
// 0 when it is no number. The files are ours, and a test reads every line.
[[nodiscard]] double number_of(std::string_view text);
[[nodiscard]] int64_t whole_number_of(std::string_view text);
// Lower case, letters, digits and dots only: `RTX 4090` and `rtx-4090` are one name.
[[nodiscard]] std::string folded_name(std::string_view text);

}  // namespace weir::plan
