#include "stores/sqlite_latest.h"

#include <array>

#include "core/id.h"
#include "core/saturating.h"

namespace weir::sqlite {
namespace {

// Keys are in the order of time: both read the end of one B-tree, and only as many rows as they are told.
constexpr std::string_view newest_keys = "SELECT key, random FROM request_rows ORDER BY key DESC LIMIT ?";
constexpr std::string_view newest_sums =
    "SELECT count(*), sum(outcome NOT IN ('ok', 'client_gone')), saturating_sum(input), saturating_sum(output), "
    "saturating_sum(cost), saturating_sum(baseline_cost), saturating_sum(iif(baseline_cost IS NULL, NULL, cost)), "
    "sum(baseline_cost IS NULL AND model <> ''), sum(priced = 0), sum(sandbox <> 0), min(time_us) "
    "FROM (SELECT * FROM requests WHERE key >= ? ORDER BY key DESC LIMIT ?)";

Status read_sums(const Database& database, const LatestQuery& query, Latest& latest) {
  auto row = database.prepare(newest_sums);
  if (!row) return failure(row.error());
  row->bind(first_key_at(query.summed_since_us)).bind(static_cast<int64_t>(query.summed));
  const auto step = row->step();
  if (!step) return failure(step.error());
  if (*step != Step::row) return {};
  auto& sums = latest.sums;
  // What is read as `saved` is first the cost of those with a baseline.
  for (const auto field :
       {&UsageRow::requests, &UsageRow::errors, &UsageRow::input, &UsageRow::output, &UsageRow::cost,
        &UsageRow::baseline, &UsageRow::saved, &UsageRow::without_baseline, &UsageRow::unpriced, &UsageRow::sandbox}) {
    sums.*field = row->next_integer();
  }
  sums.saved = saturating_subtract(sums.baseline, sums.saved);
  latest.oldest_summed_us = row->next_integer();
  return {};
}

Result<std::vector<RequestKey>> read_newest_keys(const Database& database, std::size_t most) {
  auto row = database.prepare(newest_keys);
  if (!row) return failure(row.error());
  row->bind(static_cast<int64_t>(most));
  std::vector<RequestKey> keys;
  for (;;) {
    const auto step = row->step();
    if (!step) return failure(step.error());
    if (*step != Step::row) return keys;
    const auto key = row->next_integer();
    keys.push_back({.key = key, .random = static_cast<uint64_t>(row->next_integer())});
  }
}

}  // namespace

Result<Latest> read_latest(const Database& database, EntryReader& reader, const LatestQuery& query) {
  Latest latest;
  if (auto read = read_sums(database, query, latest); !read) return failure(read.error());
  const auto keys = read_newest_keys(database, query.shown);
  if (!keys) return failure(keys.error());
  for (const auto& key : *keys) {
    auto entry = reader.find(key);
    if (!entry) return failure(entry.error());
    if (*entry) latest.requests.push_back(std::move(**entry));
  }
  return latest;
}

}  // namespace weir::sqlite
