// The vocabulary of the health guard, apart from its code so that it can be read and extended by people who know
// medicine. All lower case; a term stands for a whole word, and for its plural in `s`. See health.cpp for how the lists
// are used.
#pragma once

#include <span>
#include <string_view>

#include "guards/context.h"

namespace weir::guards {

struct HealthTerms {
  std::span<const std::string_view> telling;     // enough by themselves
  std::span<const std::string_view> conditions;  // and treatments, medicines: tell when a person is spoken of nearby
  std::span<const std::string_view> numbers;     // words before the number of a record
  std::span<const std::string_view> labels;      // tell with a colon and what it says behind them: `Blutgruppe: A`
  WordSet people;                                // who a condition may belong to
};

[[nodiscard]] HealthTerms health_terms();

// The same of other languages than English.
struct ConditionsElsewhere {
  std::string_view conditions;  // parted by `|`
  WordSet people;
  WordSet having;  // before a condition, at the beginning of a sentence that leaves the subject out: `tiene`, `ho`
};
[[nodiscard]] ConditionsElsewhere conditions_elsewhere();

}  // namespace weir::guards
