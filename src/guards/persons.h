// Whether a sentence speaks of somebody: pronouns, relatives, titles and roles, in the languages of the guards; and of
// what is nobody: houses, firms, whisky. For guards that read what is said of people. Each function looks at a bounded
// piece of text. Pure.
#pragma once

#include <string_view>

namespace weir::guards {

// Whether `word` is one for a person: `she`, `fille`, `пациент`; for oneself also where a verb says so: `soy`,
// `jestem`.
[[nodiscard]] bool is_person_word(std::string_view word);

// What stands in the same sentence before `at`, at most 96 bytes of it.
struct Sentence {
  std::string_view text;
  std::size_t words = 0;
  bool somebody = false;  // a word for a person
  bool thing = false;     // the part before `at` is about what has years too and is no person
};
[[nodiscard]] Sentence sentence_before(std::string_view text, std::size_t at);

// Whether one of the next few words is a person's: `34-year-old pregnant woman`.
[[nodiscard]] bool names_person_behind(std::string_view text, std::size_t at);
// Whether the next word is a thing's: `5-year-old startup`.
[[nodiscard]] bool is_of_thing(std::string_view text, std::size_t at);

// ASCII case folded.
[[nodiscard]] bool ends_with_word(std::string_view text, std::string_view words);

}  // namespace weir::guards
