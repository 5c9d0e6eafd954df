#include "experiments/assignment.h"

#include <cmath>

#include "core/stable_hash.h"

namespace weir::experiments {
namespace {

// With a byte that no text has behind it: where one text ends and the next begins.
uint64_t mixed(uint64_t hash, std::string_view text) { return fnv1a("\xff", fnv1a(text, hash)); }

}  // namespace

double place_of(std::string_view experiment, std::string_view what_sticks) {
  constexpr unsigned unused_bits = 11;  // a double holds 53
  const auto hash = stirred(mixed(mixed(fnv1a_basis, experiment), what_sticks));
  return std::ldexp(static_cast<double>(hash >> unused_bits), -53);
}

}  // namespace weir::experiments
