// Advice: cloud, local or hybrid for a team, with what each costs, which stated needs each meets, the stage the team is
// in, and the next step. What the team says becomes needs (advice.cpp); money and hardware come from the cost model and
// from sizing (advice_costs.cpp); the verdict follows from both alone (verdict.h). Pure; any thread.
//
// What holds for any answers (tests/unit/economics/advice_properties_test.cpp): data that must stay never goes to the
// cloud; more volume never moves a verdict that is local by cost to the cloud; a smaller budget never leads to a dearer
// choice; every amount that a sentence names stands in a table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/sensitivity.h"
#include "core/usage.h"
#include "economics/advice/answers.h"
#include "economics/advice/verdict.h"
#include "ledger/pricing.h"
#include "report/report.h"

namespace weir::plan {

enum class Stage : uint8_t { start, growth, scale };
[[nodiscard]] std::string_view to_string(Stage value);

enum class Paid : uint8_t { rented, bought, owned };  // owned: there already, only power is paid for
[[nodiscard]] std::string_view to_string(Paid value);

// Machines that serve a local model.
struct Hardware {
  std::string gpu;    // id of the catalog
  std::string title;  // `2 × NVIDIA L40S 48 GB over PCIe`
  int64_t cards = 1;  // of one machine
  int64_t machines = 1;
  Paid paid = Paid::rented;
  MicroDollars per_hour = 0;         // of one machine: rent, or what owning it comes to
  MicroDollars spot_per_hour = 0;    // of one machine that is rented so; 0 = not known
  std::string prices_from;           // who asks that, and when it was seen
  std::string link;                  // what to know of the link between its cards; "" = one card
  int64_t requests_per_machine = 0;  // a month, with this team's hours
  int64_t most_machines = 0;         // that there are; 0 = any number
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

// A number that is behind the costs, where it is not the team's own.
struct Assumption {
  std::string what;   // `Electricity`
  std::string value;  // `$0.20 a kWh, × 1.2 for the building`
  std::string from;   // `told`, `assumed: what businesses pay in Europe`
};

// What the cost model and sizing say of this team.
struct Economics {
  ByVerdict<OptionCost> options;
  std::optional<int64_t> break_even;  // requests a month from which local costs less than cloud for good
  MicroDollars people = 0;            // a month for whoever runs a local machine, whatever its size
  int64_t sequences = 1;              // that a machine serves at a time
  std::string cloud_model;            // of the catalog: `openai/gpt-5.4-mini`
  std::string cloud_kind;             // of a provider in a configuration; "" = Weir has none of its own for it
  Prices cloud_prices;
  std::string local_model;       // of the catalog of shapes: `qwen3.6-27b`
  std::string quantisation;      // of it: `fp8`
  std::string local_name;        // as servers load it: `Qwen/Qwen3.6-27B-FP8`
  std::string local_title;       // `Qwen3.6 27B at fp8`
  int64_t context = 0;           // tokens it is run with
  std::vector<CostPoint> curve;  // around the team's volume, rising
  std::vector<Assumption> assumptions;
  std::vector<std::string> unused;  // owned cards that do not serve, or not alone, and why: a sentence each

  [[nodiscard]] const OptionCost& of(Verdict verdict) const { return options[verdict]; }
  [[nodiscard]] ByVerdict<MicroDollars> monthly() const;
};
// What a hybrid may at most leave to local machines where nothing says more, in parts per million, by how hard the
// tasks are: the hardest of them are what the second supplier is for.
[[nodiscard]] int64_t most_hybrid_share(Quality quality);
// invalid_request, with the mend in the message, when a model that was told has no price or fits no machine.
[[nodiscard]] Result<Economics> economics_of(const Answers& answers, const Catalog& prices);

// What was looked at and decides nothing by itself.
struct Fact {
  std::string what;
  std::string number;  // the figures, a sentence
};

struct Advice {
  Verdict verdict = Verdict::cloud;
  Stage stage = Stage::start;
  std::string stage_reason;
  std::vector<Need> needs;
  Choice choice;  // of `needs` and the costs
  std::vector<Fact> facts;
  ClassSet stays_local = 0;          // classes that no rule lets out
  int64_t stays_share = 0;           // of requests, in parts per million
  std::string summary;               // the verdict in one sentence, with its numbers
  std::vector<std::string> because;  // why this one, a sentence each
  std::string next_command;
  std::string next_reason;
};

[[nodiscard]] Advice advise(const Answers& answers, const Economics& economics);
// What these answers ask for, strongest first; docs/economics.md has the table.
[[nodiscard]] std::vector<Need> needs_of(const Answers& answers, const Economics& economics);
// The classes of these answers that must not leave, and why; docs/economics.md has the table.
[[nodiscard]] ClassSet classes_that_stay(const Answers& answers);
// The first token that somebody waits for must come within so many seconds; nullopt = nobody waits.
[[nodiscard]] std::optional<double> first_token_limit(Latency latency);

// A configuration for the verdict: `weir check` accepts it once the provider's key is in its variable.
[[nodiscard]] std::string weir_yaml(const Answers& answers, const Advice& advice, const Economics& economics);

[[nodiscard]] Report to_report(const Answers& answers, const Advice& advice, const Economics& economics);
// One line; `config` holds weir_yaml's text.
[[nodiscard]] std::string to_json(const Answers& answers, const Advice& advice, const Economics& economics);

}  // namespace weir::plan
