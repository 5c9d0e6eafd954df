#include "experiments/assignment.h"

#include <cmath>

namespace weir::experiments {
namespace {

uint64_t mixed(uint64_t hash, std::string_view text) {
  constexpr uint64_t prime = 1099511628211ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  return (hash ^ 0xffU) * prime;  // where one text ends and the next begins
}

// MurmurHash3's: FNV's high bits hardly know the last bytes.
uint64_t finished(uint64_t hash) {
  hash = (hash ^ hash >> 33U) * 0xff51afd7ed558ccdULL;
  hash = (hash ^ hash >> 33U) * 0xc4ceb9fe1a85ec53ULL;
  return hash ^ hash >> 33U;
}

}  // namespace

double place_of(std::string_view experiment, std::string_view what_sticks) {
  constexpr uint64_t basis = 14695981039346656037ULL;
  constexpr unsigned unused_bits = 11;  // a double holds 53
  const auto hash = finished(mixed(mixed(basis, experiment), what_sticks));
  return std::ldexp(static_cast<double>(hash >> unused_bits), -53);
}

}  // namespace weir::experiments
