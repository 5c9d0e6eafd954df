// Queueing theory: closed formulas for the mean wait in queues of one kind, to hold the simulator against and for rough
// answers without one. Rates are per second, times in seconds; all ≥ 0. Pure; any thread.
#pragma once

#include <cstdint>

namespace weir::plan {

// Offered load in erlangs: arrivals per second × mean service time. Servers: at least 1.

// The share of arrivals that find all servers busy and are lost, where nobody waits (M/G/c/c).
// Erlang's B formula (A. K. Erlang, 1917), by the recursion B(0) = 1, B(n) = a·B(n−1) / (n + a·B(n−1)).
[[nodiscard]] double erlang_b(double erlangs, int64_t servers);

// The share of arrivals that must wait in an M/M/c queue; 1 from `erlangs` = `servers` on.
// Erlang's C formula: C = B / (1 − ρ·(1 − B)), ρ = a / c; e.g. Kleinrock, Queueing Systems I (1975), section 3.5.
[[nodiscard]] double erlang_c(double erlangs, int64_t servers);

// Mean wait in an M/M/c queue: C · s / (c − a), s the mean service time. Infinite from full load on.
[[nodiscard]] double mmc_wait(double arrivals_per_s, double mean_service_s, int64_t servers);

// Mean wait in an M/G/1 queue: λ·E[S²] / (2·(1 − ρ)), ρ = λ·E[S]. Pollaczek (1930), Khinchine (1932); Kleinrock,
// section 5.6. Infinite from full load on.
[[nodiscard]] double mg1_wait(double arrivals_per_s, double mean_service_s, double mean_square_service_s2);

}  // namespace weir::plan
