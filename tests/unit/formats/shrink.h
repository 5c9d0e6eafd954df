// The smallest part of a random conversation (conversations.h) that still fails: messages, parts, tools and settings
// are taken away one by one for as long as it does.
#pragma once

#include <functional>

#include "formats/conversations.h"

namespace weir {

// A request is moved and never copied, so that each try is made anew from the seed. `fails`: does it still?
[[nodiscard]] Request shrunk(const std::function<Request()>& make, const std::function<bool(Request&)>& fails);

}  // namespace weir
