// What a replay found, for people and for programs. The first of `results` is the record, the second the candidate
// config, the others are changes to it and other configs. Pure; any thread.
#pragma once

#include <span>
#include <string>

#include "economics/replay/replay.h"
#include "report/report.h"

namespace weir::plan {

[[nodiscard]] Report replay_report(std::span<const ReplayResult> results, const Traffic& traffic);
// One wide table, a row per scenario: for CSV.
[[nodiscard]] Report replay_table(std::span<const ReplayResult> results, const Traffic& traffic);
// {requests, since, until, span_hours, scenarios: [{name, …}]}: money in whole micro-dollars, times in microseconds.
[[nodiscard]] std::string replay_json(std::span<const ReplayResult> results, const Traffic& traffic);

}  // namespace weir::plan
