#include "cli/ledger_traffic.h"

#include "ledger/query.h"
#include "ledger/store.h"
#include "pipeline/worker.h"

namespace weir {

std::optional<RecordedTraffic> recorded_traffic(const std::string& since, const DataOption& data, Console& console,
                                                ExitCode& failed) {
  const auto now = wall_clock_us();
  const auto refuse = [&](ExitCode code, std::string_view message, std::string_view hint) {
    console.error(message, hint);
    failed = code;
    return std::nullopt;
  };
  const auto from = parse_since(since, now);
  if (!from) return refuse(ExitCode::usage, from.error().message, "");
  const auto store = open_store("sqlite", {.folder = data.folder(), .access = StoreAccess::read_only});
  if (!store)
    return refuse(ExitCode::data_unavailable, store.error().message,
                  "the ledger begins with the first request: weir serve");
  const ScanQuery query{.since_us = *from, .until_us = now};
  plan::TrafficReader reader(query);
  if (const auto done = (*store)->scan(query, reader); !done)
    return refuse(ExitCode::data_unavailable, done.error().message, "");
  auto traffic = reader.take(now);
  auto month = traffic ? plan::to_workload(*traffic, now - *from) : failure(traffic.error());
  if (!month)
    return refuse(ExitCode::failed, month.error().message,
                  "ask for a longer time with --from-ledger, or state the volume in a file");
  return RecordedTraffic{.traffic = std::move(*traffic), .month = std::move(*month)};
}

}  // namespace weir
