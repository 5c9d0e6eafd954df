// A smallest instance of a JSON Schema, for the sandbox: what a model that keeps to a schema could have said.
#pragma once

#include <string>

#include "core/json.h"

namespace weir {

// Fills required fields (all of them where none is required), first choices of enums and alternatives, lower bounds.
// `$ref` into the same document is followed; a `pattern` is not honoured.
[[nodiscard]] std::string smallest_instance(const json::Element& schema);

}  // namespace weir
