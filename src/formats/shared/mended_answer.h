// Parses a provider's whole answer; what strict JSON refuses and can be read all the same (core/json_mend.h) is made
// strict first, so that text() is what may go on to clients.
#pragma once

#include <string>

#include "core/json.h"

namespace weir {

// The parser's own fault where nothing helps.
[[nodiscard]] Status parse_answer(json::Document& document, std::string body);

}  // namespace weir
