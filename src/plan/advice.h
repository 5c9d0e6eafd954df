// Advice: cloud, local or hybrid for a team, with the reasons weighed, the stage it is in, and the next step. Decided
// in three moves, each of which a reader can follow: what must not be is taken away (data that has to stay); what the
// budget does not pay for is taken away; of the rest the reasons decide, each with its number, its pull and its weight.
// Money and hardware come from the cost model and from sizing (advice_costs.cpp). Pure; any thread.
//
// What holds for any answers (tests/unit/plan/advice_properties_test.cpp): more sensitive data never moves the verdict
// towards the cloud; more volume never moves one that is local by cost to the cloud; a smaller budget never leads to a
// dearer choice while a cheaper allowed one is there.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/sensitivity.h"
#include "core/usage.h"
#include "ledger/pricing.h"
#include "plan/answers.h"
#include "plan/report.h"

namespace weir::plan {

enum class Verdict : uint8_t { cloud, hybrid, local };  // in this order: from all data out to none
enum class Stage : uint8_t { start, growth, scale };
[[nodiscard]] std::string_view to_string(Verdict value);
[[nodiscard]] std::string_view to_string(Stage value);

// Machines that serve a local model.
struct Hardware {
  std::string gpu;    // id of the catalog
  std::string title;  // `2 × NVIDIA L40S 48 GB`
  int64_t cards = 1;  // of one machine
  int64_t machines = 1;
  bool owned = false;                // bought; else rented by the hour
  MicroDollars per_hour = 0;         // of one machine: rent, or what owning it comes to
  int64_t requests_per_machine = 0;  // a month, with this team's hours
  double memory_bytes = 0;           // that the model takes with its context, on one machine
  double tokens_per_s = 0;           // that one machine is expected to give
  double first_token_s = 0;          // expected
};

struct OptionCost {
  MicroDollars monthly = 0;
  MicroDollars cloud_part = 0;     // of it: paid to the provider
  MicroDollars machines_part = 0;  // of it: machines and electricity
  MicroDollars people_part = 0;    // of it: staff, monitoring, infrastructure
  int64_t local_share = 0;         // of requests, in parts per million
  std::optional<Hardware> hardware;
};

struct CostPoint {
  int64_t requests = 0;  // a month
  MicroDollars cloud = 0;
  MicroDollars local = 0;
};

// What the cost model and sizing say of this team.
struct Economics {
  std::array<OptionCost, 3> options;  // by Verdict
  std::optional<int64_t> break_even;  // requests a month from which local costs less than cloud for good
  MicroDollars people = 0;            // a month for whoever runs a local machine, whatever its size
  int64_t sequences = 1;              // that a machine serves at a time
  std::string cloud_model;            // of the catalog: `openai/gpt-5.4-mini`
  Prices cloud_prices;
  std::string local_model;               // of the catalog of shapes: `qwen2.5-32b`
  std::string quantisation;              // of it: `awq`
  std::string local_name;                // as servers load it: `Qwen/Qwen2.5-32B-Instruct-AWQ`
  std::string local_title;               // `Qwen2.5 32B at 4 bits (awq)`
  int64_t context = 0;                   // tokens it is run with
  std::vector<CostPoint> curve;          // around the team's volume, rising
  std::vector<std::string> assumptions;  // a sentence each

  [[nodiscard]] const OptionCost& of(Verdict verdict) const { return options[static_cast<std::size_t>(verdict)]; }
};
// What a hybrid may at most leave to local machines, in parts per million, by how hard the tasks are: the hardest of
// them are what the second supplier is for.
[[nodiscard]] int64_t most_hybrid_share(Quality quality);
[[nodiscard]] Economics economics_of(const Answers& answers, const Catalog& prices);

struct Reason {
  std::string what;      // `people`
  int weight = 0;        // below 0 pulls to the cloud, above 0 to local, 0 to neither
  bool decides = false;  // it leaves no choice: something is taken away
  std::string number;    // the figures behind it, a sentence
};

struct Standing {
  bool allowed = true;  // by the data
  bool affordable = true;
  std::string why_not;  // "" when both
};

struct Advice {
  Verdict verdict = Verdict::cloud;
  Stage stage = Stage::start;
  std::string stage_reason;
  int weight = 0;                    // sum over the reasons
  std::array<Standing, 3> standing;  // by Verdict
  std::vector<Reason> reasons;
  ClassSet stays_local = 0;  // classes that no rule lets out
  int64_t stays_share = 0;   // of requests, in parts per million
  std::string summary;       // the verdict in one sentence, with its numbers
  std::string next_command;
  std::string next_reason;
};

// Below −hybrid_band the reasons say cloud, above it local; between them, hybrid.
inline constexpr int hybrid_band = 3;

[[nodiscard]] Advice advise(const Answers& answers, const Economics& economics);
// The classes of these answers that must not leave, and why; docs/economics.md has the table.
[[nodiscard]] ClassSet classes_that_stay(const Answers& answers);

// A configuration for the verdict: `weir check` accepts it once the provider's key is in its variable.
[[nodiscard]] std::string weir_yaml(const Answers& answers, const Advice& advice, const Economics& economics);

[[nodiscard]] Report to_report(const Answers& answers, const Advice& advice, const Economics& economics);
// One line; `config` holds weir_yaml's text.
[[nodiscard]] std::string to_json(const Answers& answers, const Advice& advice, const Economics& economics);

}  // namespace weir::plan
