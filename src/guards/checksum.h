// Check digits. All take ASCII digits only (the caller has made sure) and are pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::guards {

// ISO/IEC 7812-1 annex B (cards, Swedish and Canadian ids): doubled digits from the right, sum divisible by 10.
[[nodiscard]] bool luhn_valid(std::string_view digits);
// Verhoeff 1969 (Aadhaar): over the dihedral group D5.
[[nodiscard]] bool verhoeff_valid(std::string_view digits);
// ISO 7064 MOD 11,10 (German tax id, Croatian OIB).
[[nodiscard]] bool mod11_10_valid(std::string_view digits);
// ISO 7064 MOD 97-10 over letters and digits (A = 10 … Z = 35): remainder.
[[nodiscard]] uint32_t mod97(std::string_view alnum);
// Sum of digit × weight for the first `weights.size()` digits; weights are written as digits or, above 9, letters from
// A = 10.
[[nodiscard]] int weighted(std::string_view digits, std::string_view weights);
// Day 1–31 fitting month 1–12; February has 29.
[[nodiscard]] bool is_day_of_month(int day, int month);

[[nodiscard]] constexpr int two(std::string_view digits, std::size_t at) {
  return (digits[at] - '0') * 10 + (digits[at + 1] - '0');
}

}  // namespace weir::guards
