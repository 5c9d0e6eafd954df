// Verdict: which of three ways to serve a team's requests. It is the cheapest that meets every stated need; a dearer
// one is only ever taken for a need that has a name, and what that need costs a month is told beside it. Pure; any
// thread.
//
// Needs come in three strengths. Where no option meets all, the weaker give way: wishes from the last to the first,
// then the money; what the law or a contract says never does. Where not even the cheapest lawful option is affordable,
// that one is the verdict.
//
// What holds for any offers and needs (tests/unit/economics/verdict_test.cpp): no lawful option that costs less meets
// all that the verdict meets; each need's cost is the verdict less the verdict without it; a smaller budget never leads
// to a dearer verdict; options that cost the same to the cent are said to.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/usage.h"

namespace weir::plan {

enum class Verdict : uint8_t { cloud, hybrid, local };  // in this order: from all data out to none
inline constexpr std::array all_verdicts = {Verdict::cloud, Verdict::hybrid, Verdict::local};
[[nodiscard]] std::string_view to_string(Verdict value);

// One value for each option.
template <typename T>
struct ByVerdict {
  std::array<T, 3> values{};
  [[nodiscard]] T& operator[](Verdict verdict) { return values[static_cast<std::size_t>(verdict)]; }
  [[nodiscard]] const T& operator[](Verdict verdict) const { return values[static_cast<std::size_t>(verdict)]; }
};

enum class Strength : uint8_t { law, money, wish };

struct Need {
  std::string name;    // `data`
  std::string stated;  // `health data (30.0 % of requests) stays local`
  Strength strength = Strength::wish;
  ByVerdict<std::string> why_not;  // "" = the option meets it

  [[nodiscard]] bool met_by(Verdict verdict) const { return why_not[verdict].empty(); }
};

struct Choice {
  Verdict verdict = Verdict::cloud;
  Verdict cheapest = Verdict::cloud;  // needs aside
  std::vector<Verdict> ties;          // others that meet as much and cost the same, to the cent
  // By need: what the verdict costs more, a month, than the verdict would without this need alone; 0 where another need
  // asks for the same, below 0 for a budget that kept from a dearer one. nullopt = the verdict does not meet it.
  std::vector<std::optional<MicroDollars>> costs;
  MicroDollars needs_cost = 0;  // of all together: the verdict less the cheapest
};

// Amounts that people see as the same are the same: whole cents.
[[nodiscard]] MicroDollars to_cents(MicroDollars amount);

// `monthly`: what each option costs.
[[nodiscard]] Choice choose(const ByVerdict<MicroDollars>& monthly, const std::vector<Need>& needs);

}  // namespace weir::plan
