// What of a caller's settings reached the model as something else, or not at all: read from the body that was written
// for it, so that no format can leave one out, or put it between its own bounds, without its being said. Pure function;
// any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"

namespace weir {

// `body`: JSON, of another format than the request's. Appends `temperature (sent as 1)`, `seed (not sent)`: named in
// x-weir-left-out.
void note_changed_settings(const Request& request, std::string_view body, std::vector<std::string>& changed);

}  // namespace weir
