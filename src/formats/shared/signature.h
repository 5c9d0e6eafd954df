// Seals of thoughts and tool calls (Part::signature) on their way through another format. A provider's seal is
// worthless to any other provider, and a wrong one is an error there. So a seal that is shown to a client of another
// format carries the name of the one that made it, and comes back with it. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace weir {

// What a client of format `shown_in` is given of a seal that a model of format `made_by` made. The same format: as it
// is.
[[nodiscard]] std::string shown_signature(std::string_view signature, std::string_view made_by,
                                          std::string_view shown_in);

// The seal as a model of format `target` made it, of one that came back in a request of format `came_in`; "" when it
// is none of that format's.
[[nodiscard]] std::string_view signature_for(std::string_view signature, std::string_view came_in,
                                             std::string_view target);

}  // namespace weir
