// Parameters: what the config changes in a body that goes out, in whatever format it is (core/parameter_rules.h). Only
// the fields that a rule names change: what stands around them stays as it came, byte for byte. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/parameter_rules.h"

namespace weir {

// Applies `rules` in their order to `body`, valid JSON; what is no object stays as it is. A name that stands there more
// than once is changed wherever it stands. `changed` gets the caller's fields that are gone or have another value:
// `seed`, `temperature (clamped to 1)`. Whether anything in the body is another than before.
bool apply_parameters(std::string& body, const ParameterRules& rules, std::vector<std::string>& changed);

}  // namespace weir
