// Hashes that are the same tomorrow, on every machine: for ids that are made of what was said, for names of files, and
// for who goes where. Not against anybody who wants two texts to have the same. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir {

inline constexpr uint64_t fnv1a_basis = 14695981039346656037ULL;

// FNV-1a, 64 bits; from another `hash` on: of what that was made of and the text behind it.
constexpr uint64_t fnv1a(std::string_view text, uint64_t hash = fnv1a_basis) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

// MurmurHash3's last step: FNV's high bits hardly know the last bytes.
constexpr uint64_t stirred(uint64_t hash) {
  hash = (hash ^ hash >> 33U) * 0xff51afd7ed558ccdULL;
  hash = (hash ^ hash >> 33U) * 0xc4ceb9fe1a85ec53ULL;
  return hash ^ hash >> 33U;
}

// Of a whole text, with good bits everywhere.
constexpr uint64_t stable_hash(std::string_view text) { return stirred(fnv1a(text)); }

}  // namespace weir
