// What a model should have filled in and left as it was: `[Your Name]`, `{{company}}`, `<PERSON_1>`, lorem ipsum.
// Pure; any thread.
#pragma once

#include <string_view>

namespace weir {

// The first placeholder in `answer` that does not stand in `asked` as well: what was asked for with it may be answered
// with it. "" = none. A view of `answer`.
[[nodiscard]] std::string_view left_over_in(std::string_view answer, std::string_view asked);

}  // namespace weir
