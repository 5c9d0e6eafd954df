// The machines that can serve a team's local model: each kind of the catalog that runs its format and holds it, rented,
// bought, or there already; with what it takes and what it costs. What is assumed of machines stands here. Only for
// advice_costs.cpp and its like. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "economics/advice/advice.h"
#include "economics/cost/comparison.h"
#include "economics/models/model_shape.h"
#include "economics/models/quantisation.h"

namespace weir::plan {

// Why each: docs/economics.md, "Advice".
namespace assumed {
inline constexpr double real_share = 0.5;                           // of the roofline, that a server reaches
inline constexpr int64_t utilisation = 700'000;                     // of that, at the busiest hour
inline constexpr MicroDollars host_price = 3'000'000'000;           // of the computer around the cards
inline constexpr MicroDollars host_price_per_card = 1'500'000'000;  // and what each card needs of it
inline constexpr int64_t host_watts = 150;
inline constexpr int64_t life_months = 36;
inline constexpr int64_t pue = 1'200'000;
}  // namespace assumed

struct Candidate {
  LocalOption option;
  Hardware hardware;
};

// What one machine is asked to do, and what is paid beside it.
struct MachineAsk {
  const Answers& answers;
  const ModelShape& shape;
  const Quantisation& quantisation;
  std::string title;  // of the model, for messages
  MicroDollars staff = 0;
  MicroDollars infrastructure = 0;
  MicroDollars per_kwh = 0;
};

struct Machines {
  std::vector<Candidate> candidates;  // at least one of which there is any number
  int64_t context = 0;                // tokens of each sequence
  int64_t sequences = 1;              // at a time on a machine
  std::vector<Assumption> owned;      // what becomes of the cards that are there already
};
inline constexpr std::string_view not_used = "not used";  // the value in `owned` of cards that cannot serve

// invalid_request when no machine of the catalog holds the model.
[[nodiscard]] Result<Machines> machines_for(const MachineAsk& ask);

}  // namespace weir::plan
