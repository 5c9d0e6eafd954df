#include "stores/whose.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/saturating.h"
#include "core/text_list.h"
#include "stores/sqlite_rows.h"

namespace weir {
namespace {

constexpr std::string_view rows_of_requests =
    "SELECT r.key, r.random, c.key_id, r.tags, r.cost FROM request_rows r JOIN callers c ON c.id = r.caller";

bool lists(std::string_view list, std::string_view wanted) {
  const auto all = split_list(list);
  return std::find(all.begin(), all.end(), wanted) != all.end();
}

}  // namespace

std::string_view to_string(ForgetBy by) {
  switch (by) {
    case ForgetBy::key:
      return "key";
    case ForgetBy::request:
      return "request";
    case ForgetBy::tag:
      return "tag";
  }
  return "";
}

Result<Whose> Whose::find(const std::string& folder, ForgetBy by, std::string_view name) {
  auto ledger =
      sqlite::Database::open((std::filesystem::path(folder) / "weir.db").string(), sqlite::Database::Access::read_only);
  if (!ledger) return failure(ledger.error());
  if (auto set = ledger->execute("PRAGMA busy_timeout = 5000"); !set) return failure(set.error());
  Whose whose(std::move(*ledger), by);
  if (by == ForgetBy::key) {
    if (auto found = whose.find_keys(name); !found) return failure(found.error());
  } else if (by == ForgetBy::request) {
    const auto key = parse_request_id(name);
    if (!key) {
      return failure(ErrorCode::invalid_request,
                     "that is no request's id: one is `req_` and 26 letters and digits, as x-weir-request-id says it");
    }
    whose.request_ = *key;
    whose.names_.push_back(to_request_id(*key));
  } else {
    whose.names_.emplace_back(name);
  }
  auto row = whose.ledger_.prepare(
      fmt::format("{} WHERE r.key BETWEEN ?1 AND ?1 + {} AND r.random = ?2", rows_of_requests, sqlite::key_tries - 1));
  if (!row) return failure(row.error());
  whose.row_ = std::move(*row);
  return whose;
}

// Names are given anew after a key was revoked: all that had it are meant.
Status Whose::find_keys(std::string_view name) {
  auto ids = ledger_.prepare(
      "SELECT id FROM keys WHERE id = ?1 OR name = ?1 UNION SELECT key_id FROM callers WHERE key_id = ?1 OR name = ?1");
  if (!ids) return failure(ids.error());
  ids->bind(name);
  auto read = for_each_row(*ids, [&](sqlite::Statement& one) {
    if (const auto id = one.next_text(); !id.empty()) names_.emplace_back(id);
  });
  if (!read) return read;
  if (!names_.empty()) return {};
  std::string known;
  auto all = ledger_.prepare("SELECT DISTINCT name FROM keys ORDER BY name LIMIT 20");
  if (!all) return failure(all.error());
  read = for_each_row(*all,
                      [&](sqlite::Statement& one) { known.append(known.empty() ? "" : ", ").append(one.next_text()); });
  if (!read) return read;
  return failure(ErrorCode::not_found, known.empty() ? fmt::format("no key was ever made: `{}` is none", name)
                                                     : fmt::format("no key `{}`; there are: {}", name, known));
}

bool Whose::has(std::string_view name) const { return std::find(names_.begin(), names_.end(), name) != names_.end(); }

Result<bool> Whose::includes(std::string_view request_id, std::string_view key_id) {
  if (by_ == ForgetBy::request) return request_id == names_.front();
  if (by_ == ForgetBy::key && !key_id.empty() && has(key_id)) return true;
  const auto key = parse_request_id(request_id);
  if (!key) return false;
  bool theirs = false;
  row_.bind(key->key).bind(static_cast<int64_t>(key->random));
  auto read = for_each_row(row_, [&](sqlite::Statement& row) {
    const RequestKey found{.key = row.next_integer(), .random = static_cast<uint64_t>(row.next_integer())};
    const auto caller = row.next_text();
    theirs = theirs || includes_row(found, caller, row.next_text());
  });
  if (!read) return failure(read.error());
  return theirs;
}

bool Whose::includes_row(RequestKey row, std::string_view key_id, std::string_view tags) const {
  switch (by_) {
    case ForgetBy::key:
      return !key_id.empty() && has(key_id);
    case ForgetBy::request:
      return row.random == request_.random && row.key >= request_.key && row.key - request_.key < sqlite::key_tries;
    case ForgetBy::tag:
      return lists(tags, names_.front());
  }
  return false;
}

Result<LedgerShare> Whose::share() const {
  auto rows = ledger_.prepare(rows_of_requests);
  if (!rows) return failure(rows.error());
  LedgerShare share;
  auto read = for_each_row(*rows, [&](sqlite::Statement& row) {
    const RequestKey found{.key = row.next_integer(), .random = static_cast<uint64_t>(row.next_integer())};
    const auto key_id = row.next_text();
    if (!includes_row(found, key_id, row.next_text())) return;
    ++share.requests;
    share.cost = saturating_add(share.cost, row.next_integer());
  });
  if (!read) return failure(read.error());
  return share;
}

}  // namespace weir
