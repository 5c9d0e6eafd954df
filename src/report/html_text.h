// Text for HTML and SVG. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace weir::report {

// For text and for attribute values: `shown`, then & < > " ' as entities.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace weir::report
