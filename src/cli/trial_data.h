// What `experiment`, `verdict` and `dial` share: the file that experiments keep in the data folder, and what the
// configuration says of them, where there is one. Blocking; main thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cli/command.h"
#include "core/experiment_settings.h"
#include "core/plan.h"
#include "core/snapshot.h"
#include "trials/pair_summary.h"
#include "trials/trial_shelf.h"

namespace weir {

// nullopt: the reason is on the console.
[[nodiscard]] std::optional<TrialShelf> open_trials(const DataOption& data, TrialShelf::Access access,
                                                    Console& console);
// As the server would load it, without asking any server; nullopt where there is none, or it is not valid.
[[nodiscard]] std::optional<Snapshot> configured(const ConfigOption& config, const DataOption& data);
[[nodiscard]] const ExperimentSettings* find_experiment(const std::optional<Snapshot>& snapshot, std::string_view name);
// The last state that was set by hand or by a rule; nullopt: none was.
struct StandsAt {
  double share = -1;  // -1 = never moved
  bool stopped = false;
  bool held = false;
  std::string state;
  std::string reason;
  int64_t time_us = 0;
};
// What was thought of answers, by the request's id; empty where there is no ledger yet.
[[nodiscard]] Result<std::unordered_map<std::string, double>> feedback_in(const DataOption& data);
// By task.
[[nodiscard]] std::map<std::string, StandsAt> standing(const std::vector<ShareMove>& moves);
// What experiments may change of a plan, or ask beside it: a line each; "" = its route has none.
[[nodiscard]] std::string experiments_note(const Plan& plan, const Snapshot& snapshot);
// Without what a terminal might take for a command.
[[nodiscard]] std::string harmless(std::string_view text);

}  // namespace weir
