// Random snapshots and requests for property tests, and an oracle that says, on its own and in other words than the
// production code, where a request may go. One thread at a time.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "core/facts.h"
#include "core/snapshot.h"

namespace weir::test {

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  // 0 … below-1
  std::size_t roll(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
  bool one_in(std::size_t n) { return roll(n) == 0; }
  template <typename T>
  const T& pick(const std::vector<T>& from) {
    return from[roll(from.size())];
  }

 private:
  std::mt19937_64 random_;
};

// The texts that a request's views point into.
inline const std::vector<std::string> callers = {"", "anna", "ben"};
inline const std::vector<std::string> tags = {"batch", "night", "vip"};
inline const std::vector<std::string> zones = {"local", "local:rack1", "cloud", "cloud:eu", "cloud:us"};

[[nodiscard]] When random_when(Dice& dice);
[[nodiscard]] Snapshot random_snapshot(Dice& dice);
[[nodiscard]] RequestFacts random_facts(Dice& dice, const Snapshot& snapshot);
[[nodiscard]] HealthView random_health(Dice& dice, const Snapshot& snapshot);

// May a request of these facts, that names what it names, be sent to this model at all?
[[nodiscard]] bool oracle_allows(const RequestFacts& facts, const Snapshot& snapshot, uint32_t model);

}  // namespace weir::test
