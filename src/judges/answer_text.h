// What judges read of requests and answers: texts, words, characters. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/request.h"
#include "core/response.h"

namespace weir {

// What a choice says to its reader, refusals included, thoughts not.
[[nodiscard]] std::string said_text(const Choice& choice);
// The last thing that a user said; of a completion, its prompt. "" where there is nothing of that kind.
[[nodiscard]] std::string question_text(const Request& request);
// Instructions (system, developer) and all that users said, one behind the other, at most `most` bytes: the end of it.
[[nodiscard]] std::string asked_text(const Request& request, std::size_t most);

// Small letters, typographic quotes as plain ones, all blanks as one space. Latin, Greek and Cyrillic; others stay.
[[nodiscard]] std::string normalised(std::string_view text);
// Runs of letters and digits, in small letters; each CJK character is a word of its own.
[[nodiscard]] std::vector<std::string> words_of(std::string_view text);

// The next character of `text` at `at`, which moves behind it; U+FFFD for what is none. Precondition: there is one.
[[nodiscard]] char32_t next_character(std::string_view text, std::size_t& at);
[[nodiscard]] bool is_cjk(char32_t character);
[[nodiscard]] bool is_letter(char32_t character);

// About how many tokens a model wrote: four bytes a token, and each CJK character one.
[[nodiscard]] int64_t tokens_of(std::string_view text);

}  // namespace weir
