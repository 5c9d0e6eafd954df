// Service model: how long a model works on a request. Where the ledger has this very request on this very model, what
// was recorded is taken. For any other pairing the time is estimated from tokens:
//
//   busy = base + input × per input token + output × per output token
//   first token = the same with one output token
//
// The three rates of a model are fitted by least squares to its own attempts in the ledger (a rate that would come out
// negative is set to 0 and the others are fitted again), or stated as a speed. Where neither is there, the request is
// assumed to take as long as it did on the model that answered it, and the model is listed in `assumed`.
//
// Values; made in one thread, read from any. Times are microseconds.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/snapshot.h"
#include "economics/traffic/traffic.h"

namespace weir::plan {

struct ServiceRates {
  double base_us = 0;
  double per_input_us = 0;  // per input token that is not cached
  double per_output_us = 0;
  int64_t attempts = 0;  // that they are fitted to; 0 = stated

  [[nodiscard]] int64_t busy_us(int64_t input, int64_t output) const {
    return static_cast<int64_t>(base_us + per_input_us * static_cast<double>(input) +
                                per_output_us * static_cast<double>(output));
  }
};

// Sums for a least-squares fit of busy time on input and output tokens.
class RateFit {
 public:
  void add(int64_t input, int64_t output, int64_t busy_us);
  [[nodiscard]] int64_t attempts() const { return attempts_; }
  // nullopt without attempts.
  [[nodiscard]] std::optional<ServiceRates> rates() const;

 private:
  // Of (1, input, output): the products of each pair, and of each with the time.
  std::array<std::array<double, 3>, 3> products_{};
  std::array<double, 3> times_{};
  int64_t attempts_ = 0;
};

// A model's speed as the user states it: output tokens per second of one request.
struct StatedSpeed {
  std::string model;
  double output_per_s = 0;
};

// Which recorded attempts were made on which model of a config: those of the same model id at the same provider id.
class ModelNames {
 public:
  ModelNames(const Traffic& traffic, const Snapshot& snapshot);
  [[nodiscard]] std::optional<uint32_t> model_of(const RecordedAttempt& attempt) const;

 private:
  static constexpr uint32_t none = UINT32_MAX;
  static constexpr Name no_name = UINT32_MAX;
  std::vector<uint32_t> models_;  // by Name of the model
  std::vector<Name> providers_;   // by model
};

// By model of `snapshot`; nullopt for those that answered nothing in `traffic`.
[[nodiscard]] std::vector<std::optional<ServiceRates>> measure_rates(const Traffic& traffic, const Snapshot& snapshot);

}  // namespace weir::plan
