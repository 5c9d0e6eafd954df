// Bodies whose model is named elsewhere, as in the paths of Azure. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace weir {

// `body` with `model` for its model, all else byte for byte as it came. What is no JSON object, or says `model` in a
// way that is not read here (twice, with escapes), stays for a decoder to refuse.
[[nodiscard]] std::string with_model(std::string body, std::string_view model);

}  // namespace weir
