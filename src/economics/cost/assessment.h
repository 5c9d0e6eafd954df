// Assessment: all that a comparison comes to: what each option costs and of what, what it saves, where it breaks even,
// over volumes and months, how sensitive that is, and whether what was claimed of it follows. One call, a value;
// rendered by assessment_json and assessment_report. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "economics/cost/break_even.h"
#include "economics/cost/comparison.h"
#include "economics/cost/cost_model.h"
#include "economics/cost/variation.h"
#include "report/report.h"

namespace weir::plan {

struct OptionResult {
  Quote quote;                             // at the workload's volume
  std::vector<PartQuote> parts;            // of a hybrid
  MicroDollars saved = 0;                  // against the first option; negative = costs more
  int64_t saved_tenths = 0;                // the same in tenths of a percent
  std::optional<BreakEven> against_first;  // not of the first
  std::optional<int64_t> payback_tenths;   // tenths of a month until its own hardware is paid for
  MicroDollars hardware = 0;               // what that hardware cost
  Volume machine_takes = 0;                // requests that one machine takes a month; 0 = not known
};

// What all options cost at one volume.
struct VolumeRow {
  int64_t requests = 0;
  std::vector<Quote> quotes;  // by option
};

struct MonthRow {
  int64_t month = 0;  // 1 = the workload as it is
  VolumeRow costs;
};

struct ClaimResult {
  Claim claim;
  std::optional<int64_t> computed;  // in the claim's unit; nullopt = there is none
  bool follows = false;
  std::string why;  // the arithmetic
};

struct Assessment {
  std::vector<OptionResult> options;     // by option of the comparison
  std::vector<BreakEven> against_cloud;  // every local and hybrid option against every cloud option
  std::vector<VolumeRow> volumes;
  std::vector<MonthRow> months;  // empty without growth
  std::vector<VariationRow> variations;
  std::vector<ClaimResult> claims;
  std::vector<std::string> assumptions;
  std::vector<std::string> cautions;  // what to beware of
};

[[nodiscard]] Assessment assess(const Comparison& comparison);

// A piece of it, by itself for tests.
[[nodiscard]] ClaimResult judge(const Claim& claim, const CostModel& model, const std::vector<OptionResult>& results);

// Dollars as JSON numbers, and the exact micro-dollars beside them. One line.
[[nodiscard]] std::string to_json(const Assessment& assessment, const Comparison& comparison);
[[nodiscard]] Report to_report(const Assessment& assessment, const Comparison& comparison);
// One table with plain numbers, for to_csv.
[[nodiscard]] Report to_plain_table(const Assessment& assessment, const Comparison& comparison);

}  // namespace weir::plan
