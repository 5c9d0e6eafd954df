// Comparison: what a plan compares, with every number resolved: a month's workload and the options to serve it. Read
// from a plan file (document.h) or made from a ledger; cost_model.h prices it. Values; safe from any thread.
//
// Prices are micro-dollars per million tokens; shares are parts per million; rates and machines are of the workload as
// a whole. An option refers to another by its position in `options`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/usage.h"
#include "economics/base/money.h"
#include "economics/base/workload.h"

namespace weir::plan {

inline constexpr int64_t whole_share = 1'000'000;  // 100 %

// Paid by what is used.
struct CloudOption {
  std::string model;               // of the catalog, `openai/gpt-4o`; "" = prices are stated
  Prices prices;                   // not known = nothing is paid by tokens
  int64_t batch_discount = 0;      // off both list prices, for the batch share of the workload
  int64_t pico_per_request = 0;    // 10^-12 dollars a request
  MicroDollars fee_per_month = 0;  // whatever the volume
};

// A machine that was bought: straight-line over its life, and its electricity.
struct Owned {
  MicroDollars price = 0;     // of the machine
  MicroDollars residual = 0;  // what it is worth at the end of its life
  int64_t life_months = 0;
  int64_t watts = 0;  // that it draws, on average
  MicroDollars dollars_per_kwh = 0;
  int64_t pue = whole_share;  // power of the building / power of the machine, in millionths
};

// One machine; it is there or it is not.
struct Machine {
  std::string gpu;  // an id of the catalog; "" = not said
  int64_t gpus = 1;
  MicroDollars rent_per_hour = 0;  // of the whole machine
  MicroDollars usd_per_month = 0;  // of the whole machine, as stated
  std::optional<Owned> owned;
};

// What one machine takes; all zero = not known, and then the machines stated take any volume.
struct Capacity {
  int64_t output_rate = 0;         // thousandths of output tokens/s, all requests together
  int64_t prompt_rate = 0;         // the same of prompt tokens read; 0 = takes no time of its own
  int64_t utilisation = 0;         // of that rate at the busiest hour
  int64_t requests_per_month = 0;  // or this, with peaks and headroom in it
  [[nodiscard]] bool known() const { return output_rate > 0 || requests_per_month > 0; }
};

// Paid by the machine, whatever goes through it.
struct LocalOption {
  Machine machine;
  int64_t machines = 1;  // at least; with `spill`: exactly
  Capacity capacity;
  MicroDollars staff = 0;  // a month, and so the next two
  MicroDollars monitoring = 0;
  MicroDollars infrastructure = 0;
  std::optional<std::size_t> spill;  // the option that takes what the machines cannot, hour by hour
};

struct Part {
  std::size_t option = 0;  // no hybrid
  int64_t share = 0;       // of the requests
};

struct HybridOption {
  std::vector<Part> parts;  // shares sum to whole_share
};

struct Option {
  std::string name;
  std::variant<CloudOption, LocalOption, HybridOption> what;
  std::vector<std::string> sources;  // where its numbers are from, a sentence each
};

// What somebody says of an option, to be held against what comes out.
struct Claim {
  enum class What : uint8_t { monthly_usd, saved_usd, saved_pct, break_even_requests };
  std::size_t option = 0;
  std::optional<std::size_t> part;  // of it: an option that it has as a part; only with monthly_usd
  What what = What::monthly_usd;
  int64_t from = 0;    // micro-dollars, requests, or millionths of a percent
  int64_t to = 0;      // the same as `from` when one value is claimed
  int digits = 0;      // decimals it was written with, -3 for `37k`: so exactly it is held to
  std::string source;  // "" = not said
};

struct Comparison {
  std::string name;
  int64_t days = 30;  // of the month
  Workload workload;
  int64_t batch_share = 0;      // of requests that can wait for a batch
  std::vector<Option> options;  // the first is what the others are compared with
  std::vector<Claim> claims;
  std::vector<int64_t> volumes;   // to show costs at; empty = chosen around the workload's
  std::optional<int64_t> growth;  // of requests a month
};

inline constexpr std::size_t most_options = 20;  // and parts of one

[[nodiscard]] std::string_view to_string(Claim::What what);
[[nodiscard]] bool is_cloud(const Option& option);
[[nodiscard]] bool is_local(const Option& option);

}  // namespace weir::plan
