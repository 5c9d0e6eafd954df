#include "economics/replay/queueing_theory.h"

#include <limits>

namespace weir::plan {

double erlang_b(double erlangs, int64_t servers) {
  double lost = 1;
  for (int64_t n = 1; n <= servers; ++n) lost = erlangs * lost / (static_cast<double>(n) + erlangs * lost);
  return lost;
}

double erlang_c(double erlangs, int64_t servers) {
  const double load = erlangs / static_cast<double>(servers);
  if (load >= 1) return 1;
  const double lost = erlang_b(erlangs, servers);
  return lost / (1 - load * (1 - lost));
}

double mmc_wait(double arrivals_per_s, double mean_service_s, int64_t servers) {
  const double erlangs = arrivals_per_s * mean_service_s;
  const double spare = static_cast<double>(servers) - erlangs;
  if (spare <= 0) return std::numeric_limits<double>::infinity();
  return erlang_c(erlangs, servers) * mean_service_s / spare;
}

double mg1_wait(double arrivals_per_s, double mean_service_s, double mean_square_service_s2) {
  const double load = arrivals_per_s * mean_service_s;
  if (load >= 1) return std::numeric_limits<double>::infinity();
  return arrivals_per_s * mean_square_service_s2 / (2 * (1 - load));
}

}  // namespace weir::plan
