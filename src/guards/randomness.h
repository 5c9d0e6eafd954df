// Whether a run of characters was made by a machine, as keys are, or out of words, as names of variables and files are.
// By pairs of letters: of those of words nearly all are among the usual pairs of European languages, of random ones
// half. Pure; linear in the run.
#pragma once

#include <string_view>

namespace weir::guards {

// Words, perhaps joined or with a number: `refreshTokenV2`, `sk-learn-model-selection`. What has too few letters to
// tell, no words.
[[nodiscard]] bool looks_like_words(std::string_view run);

// No words and neither a repetition nor a count (`xxxx…`, `abcdefgh…`), in a piece of at least eight letters and digits
// without a mark between. Letters alone are enough.
[[nodiscard]] bool looks_random(std::string_view run);

}  // namespace weir::guards
