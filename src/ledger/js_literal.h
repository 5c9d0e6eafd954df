// A list of plain data out of a JavaScript module, as JSON: what a bundler writes for data (unquoted keys, `!0` for
// true, strings in any quotes). Reads, never runs. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir {

// The first array of `text`, from its opening bracket to the closing one; nullopt where there is none, or where it
// holds anything but data. Of JSON the array itself.
[[nodiscard]] std::optional<std::string> first_array(std::string_view text);

}  // namespace weir
