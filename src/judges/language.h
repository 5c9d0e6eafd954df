// In which language a text is, as far as that can be told for certain: by its letters, and in Latin letters by the
// small words that every text of a language is full of. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace weir {

// `en`, `de` … in Latin letters; for others the script: `cyrillic`, `arabic`, `han`, `japanese` …; "" where it cannot
// be told for certain: too short, mixed, code, numbers. Static.
[[nodiscard]] std::string_view language_of(std::string_view text);

// The text speaks of a language, or of translating: what language an answer is to have cannot be told from the
// language of the question then. `asked`: as normalised() gives it.
[[nodiscard]] bool speaks_of_languages(std::string_view asked);

}  // namespace weir
