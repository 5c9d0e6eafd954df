// Words for what article 9 and 10 of the GDPR protect, and for nationality, in the languages of the guards. Static
// data; who must be said to be it is the guard's business.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "guards/context.h"

namespace weir::guards {

enum class Fact : uint8_t {
  religion,
  ethnicity,
  orientation,
  politics,
  union_member,
  nationality,
  genetic,
  biometric,
  conviction,
};

// What must stand with a term, so that it says something of somebody.
enum class Claim : uint8_t {
  is,    // `she is …`
  says,  // the term is the verb: somebody before it, `he was convicted of`
  has,   // somebody's: `my fingerprint`
};

struct PersonTerms {
  Fact fact;
  Claim claim;
  std::string_view terms;  // parted by `|`, lower case
  WordSet endings;         // that a term may have more
};

[[nodiscard]] std::span<const PersonTerms> person_terms();
[[nodiscard]] std::span<const PersonTerms> nationalities();

// Of whom one can be a member, or vote for: `SPD`, `Labour`, `CGT`.
[[nodiscard]] const WordSet& party_names();
[[nodiscard]] const WordSet& union_names();

}  // namespace weir::guards
