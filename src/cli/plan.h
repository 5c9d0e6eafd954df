// The verbs of `weir plan` beside planning itself, one file each (`plan_size.cpp`, `plan_replay.cpp`). Like a Command,
// but one level down. Main thread.
#pragma once

#include <memory>

#include "cli/command.h"

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
  std::string html;  // a file to write; "" = none
  void add(CLI::App& app);
};

}  // namespace weir
