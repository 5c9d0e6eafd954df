// What a tool said, for formats whose results are a text and nothing else. Pure function; any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/request.h"

namespace weir {

// All texts of the result. Of a tool that failed, where the text does not say so by itself, with `Error: ` before it:
// such formats have no other place for that. Memory of `buffer` only where it is needed.
[[nodiscard]] std::string_view result_text(const Message& message, std::string& buffer);
// The same for results with pictures in them, which are a list: the text to begin it with; "" = none is needed.
[[nodiscard]] std::string_view failure_note(const Message& message);

}  // namespace weir
