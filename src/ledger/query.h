// Queries: what people ask the ledger, as values and as text. Store-neutral; used by `weir usage` and `weir keys list`,
// by the admin API and by GET /v1/requests/{id}. Blocking where a Store is passed: never on an event loop (see
// Writer::run).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ledger/entry.h"
#include "ledger/store.h"

namespace weir {

// `30s`, `30m`, `24h`, `7d`, `2w` before now, or a date or time in UTC: `2026-11-01`, `2026-11-01T08:00`. Microseconds
// since the Unix epoch.
[[nodiscard]] Result<int64_t> parse_since(std::string_view text, int64_t now_us);
[[nodiscard]] Result<UsageGroup> parse_usage_group(std::string_view text);
[[nodiscard]] std::string_view to_string(UsageGroup group);

struct UsageReport {
  UsageQuery query;
  std::vector<UsageRow> rows;  // dearest first; days in order
  UsageRow total;
};
[[nodiscard]] Result<UsageReport> usage_report(Store& store, const UsageQuery& query);
// An aligned table with totals, and a line for each thing that the sums do not say (unpriced, estimated, sandbox).
// For a terminal of `width` columns.
[[nodiscard]] std::string to_table(const UsageReport& report, std::size_t width);
[[nodiscard]] std::string to_json(const UsageReport& report);

// One ledger entry with its plan and attempts: the body of GET /v1/requests/{id}.
[[nodiscard]] std::string entry_json(const Entry& entry);

// `$12.34`; six digits below ten cents: `$0.000123`; `-$0.50`.
[[nodiscard]] std::string format_money(MicroDollars amount);
// `$5`, `5.25`, `0.000001` → micro-dollars; invalid_request otherwise or when negative.
[[nodiscard]] Result<MicroDollars> parse_money(std::string_view text);
// `2026-11-23T14:20:00Z`, UTC; "" for 0.
[[nodiscard]] std::string format_time(int64_t time_us);
// `2026-11-23`, UTC.
[[nodiscard]] std::string format_date(int64_t time_us);

}  // namespace weir
