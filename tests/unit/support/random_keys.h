// Keys in the forms of their issuers, made by chance: here, so that no scanner of repositories takes a test for a leak.
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "guards/key_marks.h"

namespace weir {

inline constexpr std::string_view letters_and_digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
inline constexpr std::string_view letters = letters_and_digits.substr(0, 52);
inline constexpr std::string_view small_letters = letters.substr(0, 26);

inline std::string random_of(std::string_view alphabet, std::size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  std::string out;
  while (out.size() < size) out.push_back(alphabet[random() % alphabet.size()]);
  return out;
}

inline std::string_view alphabet_of(guards::Body body) {
  using guards::Body;
  if (body == Body::hex || body == Body::hexdash) return "0123456789abcdef";
  if (body == Body::upper32) return "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  if (body == Body::base36) return "abcdefghijklmnopqrstuvwxyz0123456789";
  return letters_and_digits;
}

inline bool of_its_own_form(const guards::KeyMark& mark) {
  constexpr std::string_view what[] = {"jwt", "airtable_token", "onepassword_key", "harness_token"};
  return std::find(std::begin(what), std::end(what), mark.what) != std::end(what);
}

// What stands behind the mark.
inline std::string body_of(const guards::KeyMark& mark, std::size_t size, uint32_t seed) {
  if (mark.what == "jwt") {
    return "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0." + random_of(letters, 30, seed);
  }
  if (mark.what == "airtable_token")
    return random_of(letters, 14, seed) + "." + random_of("0123456789abcdef", 64, seed);
  if (mark.what == "onepassword_key") {
    const std::string all = random_of("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 32, seed);
    return fmt::format("{}-{}-{}-{}-{}-{}", all.substr(0, 6), all.substr(6, 6), all.substr(12, 5), all.substr(17, 5),
                       all.substr(22, 5), all.substr(27, 5));
  }
  if (mark.what == "harness_token")
    return random_of(letters, 22, seed) + "." + random_of("0123456789abcdef", 24, seed) + "." +
           random_of(letters, 20, seed + 1);
  return random_of(alphabet_of(mark.body), size, seed);
}
}  // namespace weir
