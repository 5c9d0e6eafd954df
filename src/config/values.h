// Texts of a config as numbers: durations, sizes, money; and variables of the environment put in. Pure; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/usage.h"

namespace weir {

// Looks a variable up; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// `300ms`, `2s`, `1.5m`, `1h` → milliseconds. nullopt without a unit, for less than 0, or more than 10 years.
[[nodiscard]] std::optional<int64_t> parse_duration(std::string_view text);
// `4096`, `64KiB`, `32MiB`, `1GiB`, `10MB` → bytes.
[[nodiscard]] std::optional<int64_t> parse_size(std::string_view text);
// `2.5`, `$2.50`, `0` → micro-dollars, rounded half up. nullopt for less than 0 or more than a billion dollars.
[[nodiscard]] std::optional<MicroDollars> parse_dollars(std::string_view text);
// `40000`, `40k`, `1.5M`, `2G`.
[[nodiscard]] std::optional<int64_t> parse_integer(std::string_view text);
// The same for how often something happens: `40k/day`, `1M/month`, `500/hour`; a month of 30 days where nothing is
// said.
[[nodiscard]] std::optional<int64_t> parse_per_month(std::string_view text);
// `3`, `0.045` as a whole number of 10^-digits, exactly: 0.045 with 6 digits is 45'000. nullopt for a sign, an
// exponent, more decimals than `digits` (0 ≤ digits ≤ 12), or what does not fit.
[[nodiscard]] std::optional<int64_t> parse_decimal(std::string_view text, int digits);
// `80%`, `12.5 %`, `0.8` → parts per million, exactly; nullopt for more than 100 %, for more than 4 decimals of a
// percent, and for 1 or more without a unit: nobody can say which of 1 % and 100 % it means.
[[nodiscard]] std::optional<int64_t> parse_share(std::string_view text);
[[nodiscard]] std::optional<bool> parse_flag(std::string_view text);  // `true` or `false`, nothing else

[[nodiscard]] std::string duration_text(int64_t ms);                // `300ms`, `2s`, `10m`
[[nodiscard]] std::string size_text(int64_t bytes);                 // `32MiB`
[[nodiscard]] std::string dollars_text(MicroDollars amount);        // `2.5`, `0.075`
[[nodiscard]] std::string decimal_text(int64_t value, int digits);  // 45'000 with 6 digits: `0.045`

// `${NAME}`, `${NAME:-otherwise}` put in; `$$` is one `$`. A variable that is set but empty counts as not set for `:-`.
struct Expanded {
  std::string text;
  bool changed = false;              // at least one variable was put in
  std::vector<std::string> missing;  // variables that are not set and have no `otherwise`
  std::string fault;                 // what is wrong with the writing itself; "" for nothing
};
[[nodiscard]] Expanded expand(std::string_view text, const Environment& environment);

}  // namespace weir
