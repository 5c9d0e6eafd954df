#include "stores/sqlite_keys.h"

#include "core/json.h"
#include "core/saturating.h"

namespace weir::sqlite {
namespace {

constexpr int64_t us_per_day = 86'400'000'000;

std::string routes_json(const std::vector<std::string>& routes) {
  std::string text;
  json::Writer writer(text);
  writer.begin_array();
  for (const auto& route : routes) writer.value(route);
  writer.end_array();
  return text;
}

Result<std::vector<std::string>> parse_routes(std::string_view text) {
  json::Document document;
  if (auto parsed = document.parse(std::string(text)); !parsed) return failure(parsed.error());
  json::Array array;
  std::vector<std::string> routes;
  if (document.root().get_array().get(array) == simdjson::SUCCESS) {
    for (const auto element : array) {
      std::string_view route;
      if (element.get_string().get(route) == simdjson::SUCCESS) routes.emplace_back(route);
    }
  }
  return routes;
}

Result<KeyRecord> read_key(Statement& row) {
  KeyRecord key;
  key.id = row.next_text();
  key.name = row.next_text();
  const auto hash = row.next_text();
  if (hash.size() != key.hash.size()) {
    return failure(ErrorCode::internal, fmt::format("ledger: the hash of key {} has {} bytes", key.id, hash.size()));
  }
  std::memcpy(key.hash.data(), hash.data(), hash.size());
  key.hint = row.next_text();
  auto routes = parse_routes(row.next_text());
  if (!routes) return failure(ErrorCode::internal, fmt::format("ledger: the routes of key {} are no JSON", key.id));
  key.routes = std::move(*routes);
  for (auto* field : {&key.requests_per_minute, &key.tokens_per_minute, &key.budget_per_day, &key.budget_per_month}) {
    *field = row.next_integer();
  }
  key.admin = row.next_integer() != 0;
  key.created_us = row.next_integer();
  key.revoked_us = row.next_integer();
  key.last_used_us = row.next_integer();
  return key;
}

}  // namespace

void SpendingBatch::add(const Entry& entry) {
  if (entry.key_id.empty()) return;
  auto& sum = sums_[{entry.key_id, entry.time_us / us_per_day}];
  ++sum.requests;
  sum.cost = saturating_add(sum.cost, entry.cost);
  sum.last_time_us = std::max(sum.last_time_us, entry.time_us);
}

Status SpendingBatch::write(const Database& database) const {
  if (sums_.empty()) return {};
  auto upsert = database.prepare(
      "INSERT INTO spending VALUES (?,?,?,?,?) ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, "
      "cost = saturating_add(cost, excluded.cost), last_time_us = max(last_time_us, excluded.last_time_us)");
  if (!upsert) return failure(upsert.error());
  for (const auto& [key_and_day, sum] : sums_) {
    upsert->bind(key_and_day.first).bind(key_and_day.second).bind(sum.requests).bind(sum.cost).bind(sum.last_time_us);
    if (auto step = upsert->run(); !step) return failure(step.error());
  }
  return {};
}

Result<std::vector<KeySpending>> read_spending(const Database& database, int64_t since_day) {
  auto select = database.prepare("SELECT key_id, day, cost FROM spending WHERE day >= ?");
  if (!select) return failure(select.error());
  select->bind(since_day);
  std::vector<KeySpending> all;
  for (;;) {
    const auto step = select->step();
    if (!step) return failure(step.error());
    if (*step != Step::row) return all;
    auto& spending = all.emplace_back();
    spending.key_id = select->next_text();
    spending.day = select->next_integer();
    spending.cost = select->next_integer();
  }
}

Result<std::vector<KeyRecord>> read_keys(const Database& database) {
  auto select = database.prepare(
      "SELECT id, name, hash, hint, routes, requests_per_minute, tokens_per_minute, budget_per_day, budget_per_month, "
      "admin, created_us, revoked_us, "
      "(SELECT coalesce(max(last_time_us), 0) FROM spending WHERE key_id = keys.id) "
      "FROM keys ORDER BY created_us, id");
  if (!select) return failure(select.error());
  std::vector<KeyRecord> all;
  for (;;) {
    const auto step = select->step();
    if (!step) return failure(step.error());
    if (*step != Step::row) return all;
    auto key = read_key(*select);
    if (!key) return failure(key.error());
    all.push_back(std::move(*key));
  }
}

Status write_key(const Database& database, const KeyRecord& key) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return failure(transaction.error());
  auto replace = database.prepare("INSERT OR REPLACE INTO keys VALUES (?,?,?,?,?,?,?,?,?,?,?,?)");
  if (!replace) return failure(replace.error());
  const auto routes = routes_json(key.routes);
  const std::string_view hash(reinterpret_cast<const char*>(key.hash.data()), key.hash.size());
  replace->bind(key.id).bind(key.name).bind_blob(hash).bind(key.hint).bind(routes);
  replace->bind(key.requests_per_minute).bind(key.tokens_per_minute);
  replace->bind(key.budget_per_day).bind(key.budget_per_month);
  replace->bind(int64_t{key.admin}).bind(key.created_us).bind(key.revoked_us);
  if (auto step = replace->run(); !step) return failure(step.error());
  if (auto raised = database.execute("UPDATE counters SET value = value + 1 WHERE name = 'keys_version'"); !raised) {
    return raised;
  }
  return transaction->commit();
}

}  // namespace weir::sqlite
