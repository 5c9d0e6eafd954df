// Gemini's schemas (`parameters`, `responseSchema`: a part of OpenAPI 3.0, types in capitals, `nullable`) → JSON
// Schema, which every other format takes. Pure; any thread.
#pragma once

#include <string>

#include "core/json.h"

namespace weir::gemini {

[[nodiscard]] std::string json_schema_of(const json::Element& schema);

}  // namespace weir::gemini
