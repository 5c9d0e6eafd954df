// The nearest of some names, for "did you mean …?" in messages. Pure; safe from any thread.
#pragma once

#include <span>
#include <string_view>

namespace weir {

// The name with the smallest edit distance to `text` (insert, delete, replace, swap of neighbours; case is no
// difference);
// "" when none is near enough to be what was meant: more than two fifths of the longer of the two differ. A name that
// starts with `text`, or the reverse, is near if it shares three bytes or more.
[[nodiscard]] std::string_view nearest(std::string_view text, std::span<const std::string_view> names);

}  // namespace weir
