// The reader of a server that streams nothing, or is never asked to.
#pragma once

#include <memory>
#include <string_view>

#include "formats/format.h"

namespace weir {

// Every event that comes all the same is a malformed answer, with `message`, which must outlive the reader: a literal.
[[nodiscard]] std::unique_ptr<EventReader> no_events(std::string_view message);

}  // namespace weir
