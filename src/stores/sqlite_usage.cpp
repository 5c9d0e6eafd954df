#include "stores/sqlite_usage.h"

#include "core/id.h"
#include "core/saturating.h"

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
    case UsageGroup::task:
      return {.label = "task", .by = "task"};
  }
  return {.label = "model", .by = "model"};
}

// A row may hold any numbers: written by an older version, or by hand. What `saved` is made of comes in its place:
// the cost of those that have a baseline. Usage: see UsageKind in sqlite_rows.cpp. Prices: bits of PriceMark.
static_assert((price_tier_unknown | price_of_media) == 192 && price_stated == 8 && price_by_rule == 4);
constexpr std::string_view sums =
    "sum(counted), sum(counted AND outcome NOT IN ('ok', 'client_gone')), saturating_sum(input), "
    "saturating_sum(cached), saturating_sum(output), saturating_sum(reasoning), saturating_sum(cost), "
    "saturating_sum(baseline_cost), saturating_sum(compared_cost), "
    "sum(counted AND baseline_cost IS NULL AND model <> ''), sum(counted AND priced = 0 AND price & 192 = 0), "
    "sum(counted AND usage = 2), sum(counted AND usage = 3), sum(sandbox <> 0), saturating_sum(written), "
    "sum(counted AND price & 192 <> 0), sum(counted AND price & 8 <> 0), sum(counted AND price & 4 <> 0), "
    "sum(counted AND cache = 'hit'), saturating_sum(cache_saved)";
constexpr std::string_view of_the_time = "key >= ?1 AND key < ?2 AND (?3 = '' OR key_id = ?3 OR caller = ?3)";

// What a request used stands with the request; asked by model or zone, with each attempt's own, because another than
// the one that answered may have used it. The savings are the request's, and stand with the model that answered.
std::string rows_of(UsageGroup group) {
  if (group != UsageGroup::model && group != UsageGroup::zone) {
    return fmt::format(
        "SELECT *, 1 AS counted, iif(baseline_cost IS NULL, NULL, cost) AS compared_cost FROM requests WHERE {}",
        of_the_time);
  }
  return fmt::format(
      "SELECT model, zone, 1 AS counted, outcome, 0 AS input, 0 AS cached, 0 AS written, 0 AS output, 0 AS reasoning, "
      "0 AS cost, baseline_cost, iif(baseline_cost IS NULL, NULL, cost) AS compared_cost, priced, price, usage, "
      "sandbox, cache, cache_saved FROM requests "
      "WHERE {0} "
      "UNION ALL SELECT a.model, a.zone, 0, '', a.input, a.cached, a.written, a.output, a.reasoning, a.cost, NULL, "
      "NULL, "
      "1, 0, 0, 0, '', 0 "
      "FROM requests r JOIN attempt_rows a ON a.number >= r.first_attempt AND a.number < r.first_attempt + r.attempts "
      "WHERE {0} AND r.attempt_started_us IS NULL AND (a.usage <> 0 OR a.cost <> 0) "
      "UNION ALL SELECT model, zone, 0, '', input, cached, written, output, reasoning, cost, NULL, NULL, 1, 0, 0, 0, "
      "'', 0 "
      "FROM requests WHERE {0} AND attempt_started_us IS NOT NULL",
      of_the_time);
}

}  // namespace

Result<std::vector<UsageRow>> read_usage_rows(const Database& database, const UsageQuery& query) {
  const auto grouping = grouping_of(query.by);
  // Keys start with the time, so that this reads only the rows of that time.
  auto select = database.prepare(
      fmt::format("SELECT {}, {} FROM ({}) GROUP BY {}", grouping.label, sums, rows_of(query.by), grouping.by));
  if (!select) return failure(select.error());
  select->bind(first_key_at(query.since_us));
  select->bind(query.until_us == INT64_MAX ? INT64_MAX : first_key_at(query.until_us)).bind(query.key);
  // What is summed up as `saved` is first the cost of those with a baseline.
  constexpr std::array fields = {
      &UsageRow::requests,    &UsageRow::errors,           &UsageRow::input,      &UsageRow::cached,
      &UsageRow::output,      &UsageRow::reasoning,        &UsageRow::cost,       &UsageRow::baseline,
      &UsageRow::saved,       &UsageRow::without_baseline, &UsageRow::unpriced,   &UsageRow::estimated,
      &UsageRow::implausible, &UsageRow::sandbox,          &UsageRow::written,    &UsageRow::uncertain,
      &UsageRow::stated,      &UsageRow::by_rule,          &UsageRow::cache_hits, &UsageRow::cache_saved};
  std::vector<UsageRow> rows;
  for (;;) {
    const auto step = select->step();
    if (!step) return failure(step.error());
    if (*step != Step::row) return rows;
    auto& row = rows.emplace_back();
    row.group = select->next_text();
    for (const auto field : fields) row.*field = select->next_integer();
    row.saved = saturating_subtract(row.baseline, row.saved);
  }
}

}  // namespace weir::sqlite
