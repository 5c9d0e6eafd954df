#include "stores/sqlite_usage.h"

#include "core/id.h"

namespace weir::sqlite {
namespace {

struct Grouping {
  std::string_view label;
  std::string_view by;
};

// Two keys may have had the same name, one after the other: they are grouped by id and shown by name.
Grouping grouping_of(UsageGroup group) {
  switch (group) {
    case UsageGroup::model:
      return {.label = "model", .by = "model"};
    case UsageGroup::route:
      return {.label = "route", .by = "route"};
    case UsageGroup::key:
      return {.label = "max(caller)", .by = "key_id"};
    case UsageGroup::zone:
      return {.label = "zone", .by = "zone"};
    case UsageGroup::day:
      return {.label = "date(time_us / 1000000, 'unixepoch')", .by = "time_us / 86400000000"};
  }
  return {.label = "model", .by = "model"};
}

// Usage kind 2 is "estimated"; see sqlite_schema.cpp.
constexpr std::string_view sums =
    "count(*), sum(outcome NOT IN ('ok', 'client_gone')), sum(input), sum(cached), sum(output), sum(reasoning), "
    "sum(cost), coalesce(sum(baseline_cost), 0), coalesce(sum(baseline_cost - cost), 0), "
    "sum(baseline_cost IS NULL AND model <> ''), sum(priced = 0), sum(usage = 2), sum(sandbox)";

}  // namespace

Result<std::vector<UsageRow>> read_usage_rows(const Database& database, const UsageQuery& query) {
  const auto grouping = grouping_of(query.by);
  // Keys start with the time, so that this reads only the rows of that time.
  auto select = database.prepare(
      fmt::format("SELECT {}, {} FROM entries WHERE key >= ?1 AND key < ?2 AND (?3 = '' OR key_id = ?3) GROUP BY {}",
                  grouping.label, sums, grouping.by));
  if (!select) return failure(select.error());
  select->bind(first_key_at(query.since_us));
  select->bind(query.until_us == INT64_MAX ? INT64_MAX : first_key_at(query.until_us)).bind(query.key_id);
  std::vector<UsageRow> rows;
  for (;;) {
    const auto step = select->step();
    if (!step) return failure(step.error());
    if (*step != Step::row) return rows;
    auto& row = rows.emplace_back();
    row.group = select->next_text();
    for (auto* field :
         {&row.requests, &row.errors, &row.input, &row.cached, &row.output, &row.reasoning, &row.cost, &row.baseline,
          &row.saved, &row.without_baseline, &row.unpriced, &row.estimated, &row.sandbox}) {
      *field = select->next_integer();
    }
  }
}

}  // namespace weir::sqlite
