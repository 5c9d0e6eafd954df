#include "experiments/non_inferiority.h"

#include <algorithm>
#include <array>
#include <random>

namespace weir::experiments {
namespace {

constexpr int futures = 21;
constexpr int64_t least_seen = 20;  // fewer say too little of what is to come

}  // namespace

NonInferiority::NonInferiority(double margin, double alpha)
    : margin_(margin), alpha_(alpha), good_(-1, 1, -margin, Claim::above), bad_(-1, 1, -margin, Claim::below) {}

void NonInferiority::add(double difference) {
  const double value = std::clamp(difference, -1.0, 1.0);
  good_.add(value);
  bad_.add(value);
  seen_.push_back(static_cast<float>(value));
  sum_ += value;
}

Answer NonInferiority::answer() const {
  const bool good = good_.shown(alpha_);
  const bool bad = bad_.shown(alpha_);
  // Both: it was one and became the other. Then neither is known.
  if (good == bad) return Answer::not_yet;
  return good ? Answer::yes : Answer::no;
}

double NonInferiority::mean() const { return seen_.empty() ? 0 : sum_ / static_cast<double>(seen_.size()); }

std::optional<int64_t> NonInferiority::needed() const {
  if (answer() == Answer::yes) return 0;
  if (bad_.shown(alpha_)) return std::nullopt;
  // What is seen, with some differences that were not: a few equal pairs do not promise that all will be.
  std::vector<float> urn = seen_;
  const auto prior = count() < least_seen ? 2 * least_seen : least_seen / 2;
  for (int64_t i = 0; i < prior; ++i) urn.push_back(i % 10 == 0 ? 1.0F : i % 10 == 5 ? -1.0F : 0.0F);
  std::array<int64_t, futures> lengths{};
  std::minstd_rand random(static_cast<unsigned>(urn.size()));
  std::uniform_int_distribution<std::size_t> drawn(0, urn.size() - 1);
  for (auto& length : lengths) {
    auto future = good_;
    while (!future.shown(alpha_) && length < most_needed) {
      future.add(urn[drawn(random)]);
      ++length;
    }
  }
  const auto middle = lengths.begin() + futures / 2;
  std::nth_element(lengths.begin(), middle, lengths.end());
  if (*middle >= most_needed) return std::nullopt;
  return *middle;
}

}  // namespace weir::experiments
