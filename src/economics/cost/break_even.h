// Break-even: from which volume one option costs no more than another. Costs are staircases, so that an option can fall
// behind again when it needs one more machine: all stretches where it is ahead are found, exactly, to the request.
// Pure; any thread.
//
// How: costs never fall as volume grows. So within two volumes, an option that costs more at the lower one than the
// other does at the higher one is never ahead between them; and where neither gets a new machine, both are straight
// lines. The volumes that neither rule decides are halved until they are one request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "economics/cost/cost_model.h"

namespace weir::plan {

// Where the option costs no more than the other: from `first` to `last` requests a month.
struct Ahead {
  int64_t first = 0;
  std::optional<int64_t> last;  // nullopt = to the end of what was looked at
};

struct BreakEven {
  std::size_t option = 0;
  std::size_t against = 0;
  std::vector<Ahead> ahead;  // rising; at most `most_stretches`
  bool more = false;         // there are further stretches
  bool undecided = false;    // the two run so close beside each other that the search was given up
  int64_t looked_to = 0;     // requests a month; beyond, an amount would pass most_money
  std::string reason;        // why it is never ahead, or from the first request on; "" otherwise

  // The first volume from which it costs no more; nullopt = none, or not decided.
  [[nodiscard]] std::optional<int64_t> requests() const;
  // The volume from which it stays so; nullopt = it does not.
  [[nodiscard]] std::optional<int64_t> stays_from() const;
};

inline constexpr std::size_t most_stretches = 8;

// A stretch ends only where the option is dearer by more than rounding can be (CostModel::rounding).
[[nodiscard]] BreakEven break_even(const CostModel& model, std::size_t option, std::size_t against);

// How many months of what it saves a month pay for the machines that an option owns, in tenths of a month, at `volume`:
// their price / (what `against` costs − what the option costs without amortisation). nullopt = it owns none, or saves
// nothing.
[[nodiscard]] std::optional<int64_t> payback_tenths(const CostModel& model, std::size_t option, std::size_t against,
                                                    Volume volume);
// The price of the machines that the option owns at that volume, its parts' included.
[[nodiscard]] MicroDollars hardware_price(const CostModel& model, std::size_t option, Volume volume);

}  // namespace weir::plan
