// Characters that stand for others or for nothing: digits of other scripts, full-width letters, characters that nobody
// sees between those of a value. A text with such is inspected as it stands and once more in plain characters, so that
// guards need not know of them. Pure.
#pragma once

#include <string_view>

#include "guards/unescape.h"

namespace weir::guards {

// Whether the non-ASCII character at `at` may hide something from a reader of plain characters.
[[nodiscard]] bool is_disguise(std::string_view text, std::size_t at);

// The first bytes of all such characters.
inline constexpr std::string_view disguise_leads = "\xC2\xCD\xD8\xD9\xDB\xDF\xE0\xE1\xE2\xE3\xEA\xEF\xF0\xF3";

// All of them in plain characters.
[[nodiscard]] Unescaped undisguise(std::string_view text);

}  // namespace weir::guards
