// Recorded traffic for commands that plan with it. Blocking; main thread.
#pragma once

#include <optional>
#include <string>

#include "cli/command.h"
#include "economics/traffic/traffic.h"

namespace weir {

struct RecordedTraffic {
  plan::Traffic traffic;
  plan::Workload month;  // of it
};

// `since`: as in --from-ledger 30d. `failed` gets the exit code and the console the reason where there is none.
[[nodiscard]] std::optional<RecordedTraffic> recorded_traffic(const std::string& since, const DataOption& data,
                                                              Console& console, ExitCode& failed);

}  // namespace weir
