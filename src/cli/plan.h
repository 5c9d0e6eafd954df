// The verbs of `weir plan` beside planning itself, one file each (`plan_size.cpp`, `plan_replay.cpp`). Like a Command,
// but one level down. Main thread.
#pragma once

#include <memory>

#include "cli/command.h"
#include "report/report.h"

namespace weir {

class PlanVerb {
 public:
  virtual ~PlanVerb() = default;
  // Adds itself as a subcommand of `plan`, with its options bound to members.
  virtual void add(CLI::App& plan) = 0;
  [[nodiscard]] virtual bool chosen() const = 0;
  [[nodiscard]] virtual ExitCode run(Console& console) = 0;
};

[[nodiscard]] std::unique_ptr<PlanVerb> make_plan_size();
[[nodiscard]] std::unique_ptr<PlanVerb> make_plan_replay();

// How a report is to be shown: options that `plan`, its verbs and `advise` share.
struct OutputOptions {
  bool json = false;
  bool csv = false;
  std::string html;  // a file to write; `-` = standard output, in place of the table; "" = none
  void add(CLI::App& app);
  // Prints `json` (one JSON value, no newline at its end), the report's first table as CSV, or the report as text: as
  // wide as COLUMNS says, else the terminal, else 80. Then writes the HTML file and notes where. `failed`, said on
  // stderr, when that file cannot be written; else `ok`.
  [[nodiscard]] ExitCode show(const plan::Report& report, std::string_view as_json, Console& console) const;
};

}  // namespace weir
