// A value held against a JSON Schema, as far as answers are asked for with one: types, properties, items, enumerations,
// bounds, combinations and references within the schema. What it does not know (`pattern`, `format`, `if` …) it takes
// for fulfilled: a judge must not find fault where there may be none. Pure; any thread.
#pragma once

#include <string>

#include "core/json.h"

namespace weir {

// What is wrong first, with its place: `items[2].price: a string where a number is wanted`. "" = nothing.
[[nodiscard]] std::string schema_fault(const json::Value& schema, const json::Element& value);

}  // namespace weir
