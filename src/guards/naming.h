// What names a value: the one mechanism of all guards that know numbers by their names. A name leads to the value
// (`NIP: 526-…`, `"nip": "…"`, `my NIP number is …`), stands behind it (`526-… is my NIP`, `526-… (NIP)`), or was asked
// for. So named, a value with a wrong check digit is found too, with low confidence. Each function looks at a bounded
// piece of text. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "guards/context.h"

namespace weir::guards {

// Words between a name and its value, in the languages of the guards: `number`, `is`, `meine`.
[[nodiscard]] const WordSet& naming_fillers();

// Whether a word stands right before or behind [begin, end): where there are but numbers, nothing is named. Cheap, so
// that it is asked once before many names are.
[[nodiscard]] bool has_word_beside(std::string_view text, std::size_t begin, std::size_t end);

// Whether one of `names` names what stands at [begin, end), with nothing but fillers between.
[[nodiscard]] bool is_named(std::string_view text, std::size_t begin, std::size_t end, const WordSet& names);

// False where none of `names` names it, nor would one of a part of them: one list of the names of many kinds turns most
// values away at once.
[[nodiscard]] bool may_be_named(std::string_view text, std::size_t begin, std::size_t end, const WordSet& names);

// The names that the rows of a table have: for GuardInfo::names.
template <typename Rows>
std::vector<std::string_view> names_of(const Rows& rows) {
  std::vector<std::string_view> names;
  for (const auto& row : rows) {
    const auto own = row.names.words();
    names.insert(names.end(), own.begin(), own.end());
  }
  return names;
}

// Where a value may end that what stands at `at` names from behind, `… is my ` and `… (` being passed over; npos where
// a name that stands there can name nothing before it.
[[nodiscard]] std::size_t named_before(std::string_view text, std::size_t at);

}  // namespace weir::guards
