// Dates as people write them: `12.03.1984`, `1984-03-12`, `12 March 1984`, `March 12, 1984`, `12 de marzo de 1984`,
// `1984年3月12日`. Pure; reads at most 40 bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace weir::guards {

// Where the date ends that begins at `at`, a digit or the name of a month; 0: there is none. Day, month and year are
// all wanted; names of months are any word of three letters and more between day and year.
[[nodiscard]] std::size_t date_end(std::string_view text, std::size_t at);

}  // namespace weir::guards
