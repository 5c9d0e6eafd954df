// The vocabulary of the guard `person_fact`, apart from its code so that it can be read and extended: words that say
// what somebody is or belongs to, by kind. All lower case; a term stands for whole words, and for its plural in `s`.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::guards {

enum class Fact : uint8_t { religion, ethnicity, orientation, politics, union_member, nationality };

struct PersonTerms {
  Fact fact;
  std::span<const std::string_view> terms;
};

[[nodiscard]] std::span<const PersonTerms> person_terms();

}  // namespace weir::guards
