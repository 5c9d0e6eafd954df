// The cost model: what an option of a comparison costs at a volume of requests a month. Exact in micro-dollars;
// formulas and their sources are in docs/economics.md, "Planning". Never falls as the volume grows. Pure; any thread.
//
//   cloud   Σ over input, cached, output: requests × tokens/request × price / 1,000,000; + price per request; + fee
//   local   machines × (rent × 24 × days, or (price − residual) / life + watts × 24 × days × PUE × $/kWh)
//           + staff + monitoring + infrastructure, machines = ⌈requests / what one machine takes⌉: never a part of one
//   hybrid  Σ over parts: the part's option at its share of the requests
//   spill   each hour of the day: what the machines cannot take goes to another option
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "economics/base/money.h"
#include "economics/cost/comparison.h"

namespace weir::plan {

// What money is paid for. The names are those of JSON.
enum class Item : uint8_t {
  input,         // tokens not cached
  cached_input,  // tokens read from the provider's cache
  output,        // tokens
  batch,         // all tokens of requests that went as a batch
  requests,      // a price per request
  fee,           // a fixed fee of the provider
  machines,      // rent, or a machine's stated cost
  amortisation,  // of machines that were bought
  electricity,   // of machines that were bought
  staff,
  monitoring,
  infrastructure,
  count_
};
inline constexpr auto item_count = static_cast<std::size_t>(Item::count_);
[[nodiscard]] std::string_view to_string(Item item);
[[nodiscard]] std::string_view title_of(Item item);  // `cached input`

struct Quote {
  std::array<MicroDollars, item_count> lines{};
  int64_t machines = 0;
  Volume spilled = 0;
  // Rises with every machine that is added and every hour that begins to spill; between two volumes where it is the
  // same, cost is a straight line but for rounding.
  int64_t shape = 0;

  [[nodiscard]] MicroDollars total() const;
  [[nodiscard]] bool too_much() const { return total() >= most_money; }
  [[nodiscard]] MicroDollars of(Item item) const { return lines[static_cast<std::size_t>(item)]; }
};

// A part of a hybrid, and what it costs.
struct PartQuote {
  std::size_t option = 0;
  int64_t share = 0;
  Volume volume = 0;
  Quote quote;
};

// Prices one comparison at any volume. Keeps what depends on the comparison alone; the comparison outlives it.
class CostModel {
 public:
  explicit CostModel(const Comparison& comparison);

  // `volume` ≤ most_requests × one_request.
  [[nodiscard]] Quote quote(std::size_t option, Volume volume) const;
  // The parts of a hybrid, the sum of which is its quote; empty for other options.
  [[nodiscard]] std::vector<PartQuote> parts(std::size_t option, Volume volume) const;
  // What one machine of a local option takes in a month of this workload's hours; 0 = not known.
  [[nodiscard]] Volume machine_takes(std::size_t option) const { return takes_[option]; }
  // How far a cost can be off its straight line through rounding.
  [[nodiscard]] MicroDollars rounding(std::size_t option) const;

  [[nodiscard]] const Comparison& comparison() const { return comparison_; }

 private:
  struct CloudRates {
    Rate input, cached, output, batch_input, batch_output;
  };
  [[nodiscard]] Quote cloud(std::size_t option, const CloudOption& what, Volume volume) const;
  [[nodiscard]] Quote local(std::size_t option, const LocalOption& what, Volume volume) const;
  [[nodiscard]] Volume spilled(const LocalOption& what, Volume takes, Volume volume, int64_t& hours_full) const;

  const Comparison& comparison_;
  std::vector<CloudRates> rates_;          // by option
  std::vector<Volume> takes_;              // by option
  std::array<int64_t, 24> hour_shares_{};  // of 10^12
  double busiest_hour_ = 1.0 / 24;
};

// Hours of a day with one smooth peak: the busiest hour has `peak` times the average hour's requests, 1 ≤ peak ≤ 24.
// The shares follow exp(k cos(2π (h − 14) / 24)) (the von Mises curve, a bell round the clock), k as the peak asks for
// it.
[[nodiscard]] HourShares hours_with_peak(double peak);

}  // namespace weir::plan
