// What guards find in base64 and hex that stand inside a text, told at the place of the whole run: for those who read
// one text by itself (GuardSet::inspect); requests are read by Contents, which decodes before it asks. Pure; linear.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "guards/guard.h"

namespace weir::guards {

// Adds to the end of `list`. `inspect`: what stands in a text as it is.
using InspectPlain = std::function<std::vector<Finding>(std::string_view text)>;
void add_encoded_findings(std::string_view text, const InspectPlain& inspect, std::vector<Finding>& list);

}  // namespace weir::guards
