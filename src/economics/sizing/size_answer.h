// What `weir plan size` answers: memory, the cards that hold the model, their speed, and the same at other
// quantisations; as values, as a report and as JSON. Pure; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "economics/sizing/roofline.h"
#include "report/report.h"

namespace weir::plan {

struct SizeQuestion {
  SizingRequest request;
  TokenMix mix;
  std::optional<Gpu> gpu;  // only this one, `cards` of it
  int64_t cards = 1;
  std::optional<double> measured_tokens_per_s;  // on that GPU, at that concurrency
  std::string measured_from;                    // `--measured`, or the file
  std::vector<std::string> warnings;            // to be said with the answer
};

struct SizedPlacement {
  Placement placement;
  Speed bound;
  MicroDollars rent_per_hour = 0;     // of all cards, on demand; 0 = hardly rented
  MicroDollars spot_per_hour = 0;     // of all cards, where it may end at short notice; 0 = not known
  double usd_per_million_output = 0;  // rent on demand, at the bound with the asked concurrency; 0 = not known
};

// The same model at other bits.
struct SizedQuantisation {
  Quantisation quantisation;
  double weights = 0;
  double total = 0;                   // on one card
  std::optional<Placement> smallest;  // the single card with the least memory that holds it
  std::optional<Placement> cheapest;  // to rent, up to eight cards
  bool asked = false;
};

struct SizeAnswer {
  Memory memory;
  std::vector<SizedPlacement> placements;  // of the asked GPU only, where one is asked for
  std::vector<SizedQuantisation> quantisations;
  std::optional<Speed> measured;  // what the measurement gives
};

[[nodiscard]] SizeAnswer answer_size(const SizeQuestion& question);
[[nodiscard]] Report to_report(const SizeAnswer& answer, const SizeQuestion& question);
// The table of cards alone, with all its columns and plain numbers: for CSV.
[[nodiscard]] Report to_plain_table(const SizeAnswer& answer, const SizeQuestion& question);
[[nodiscard]] std::string to_json(const SizeAnswer& answer, const SizeQuestion& question);
// What every number rests on, a sentence each.
[[nodiscard]] std::vector<std::string> assumptions_of(const SizeAnswer& answer, const SizeQuestion& question);

}  // namespace weir::plan
