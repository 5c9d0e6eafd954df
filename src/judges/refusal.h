// Answers that say no more than that there will be none: refusals and excuses, in the languages that models speak.
// Pure; any thread.
#pragma once

#include <string_view>

namespace weir {

// Only short answers are refusals: who goes on for longer has something to say after all.
inline constexpr std::size_t longest_refusal = 700;  // bytes

// `text`: as normalised() gives it (answer_text.h). What stands at its beginning says no.
[[nodiscard]] bool begins_as_refusal(std::string_view text);

}  // namespace weir
