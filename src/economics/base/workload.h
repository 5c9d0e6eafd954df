// Workload: what a team asks of its models in a month of 30 days, stated in a plan or measured from a ledger. The one
// input that cost model, sizing, advice and reports share. Totals are integers, so that money computed from them is
// exact. Values; safe from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::plan {

// Of all requests together.
struct Tokens {
  int64_t input = 0;   // prompt tokens, the cached ones included
  int64_t cached = 0;  // of `input`
  int64_t output = 0;

  bool operator==(const Tokens&) const = default;
};

// A part of the traffic: a route, a task.
struct Slice {
  std::string name;
  int64_t requests = 0;
  Tokens tokens;
};

// Share of a day's requests that arrives in each hour (UTC); sums to 1.
using HourShares = std::array<double, 24>;
[[nodiscard]] constexpr HourShares flat_hours() {
  HourShares shares{};
  for (auto& share : shares) share = 1.0 / 24;
  return shares;
}

struct Workload {
  int64_t requests = 0;  // a month
  Tokens tokens;         // of a month
  HourShares hours = flat_hours();
  std::vector<Slice> mix;  // empty = not known; else its requests and tokens sum to the totals
  std::string source;      // where the numbers are from: `stated`, `ledger, 2026-10-26 to 2026-11-25, 812,345 requests`
};

}  // namespace weir::plan
