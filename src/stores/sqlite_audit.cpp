#include "stores/sqlite_audit.h"

#include <cstring>

#include "stores/sqlite_rows.h"

namespace weir::sqlite {
namespace {

constexpr std::size_t most_told_faults = 20;
constexpr std::string_view last_row = "SELECT number, mac FROM audit ORDER BY number DESC LIMIT 1";
// `random` tells an id of a request whose key was taken from the one that has it.
constexpr std::string_view rows_with_requests =
    "SELECT a.number, a.digest, a.mac, a.key_mark, a.request, a.random, a.zones, a.redacted_zones, r.time_us, "
    "r.caller, "
    "r.key_id, r.route, r.classes, r.redacted, r.outcome, r.reason, r.random AS found_random FROM audit a "
    "LEFT JOIN requests r ON r.key = a.request ";

std::string_view view_of(const AuditDigest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

AuditDigest digest_of(std::string_view bytes) {
  AuditDigest digest{};
  std::memcpy(digest.data(), bytes.data(), std::min(bytes.size(), digest.size()));
  return digest;
}

struct StoredRow {
  AuditRow row;
  AuditDigest digest{};
  AuditDigest mac{};
  int64_t mark = 0;
  bool has_request = false;  // the ledger still has the request that it is about
};

StoredRow read_row(Statement& row) {
  StoredRow stored;
  stored.row.number = row.next_integer();
  stored.digest = digest_of(row.next_text());
  stored.mac = digest_of(row.next_text());
  stored.mark = row.next_integer();
  const auto request = row.next_optional_integer();
  const auto random = row.next_integer();
  stored.row.erased = !request;
  if (request) stored.row.request = to_request_id({.key = *request, .random = static_cast<uint64_t>(random)});
  stored.row.left = row.next_text();
  stored.row.left_redacted = row.next_text();
  stored.row.time_us = row.next_integer();
  for (auto* field : {&stored.row.caller, &stored.row.key_id, &stored.row.route, &stored.row.classes,
                      &stored.row.redacted, &stored.row.outcome, &stored.row.reason}) {
    *field = row.next_text();
  }
  const auto found_random = row.next_optional_integer();
  stored.has_request = request && found_random && *found_random == random;
  return stored;
}

// Goes over the chain from its first row.
class Checking {
 public:
  Checking(const AuditKey& key, const NotedHead& noted, ChainCheck& check) : key_(key), noted_(noted), check_(check) {}

  void take(const StoredRow& stored) {
    ++check_.rows;
    const auto& row = stored.row;
    if (row.number != check_.head + 1) {
      fault(row.number, row.request,
            fmt::format("rows {} to {} before it are missing", check_.head + 1, row.number - 1));
    }
    if (row.erased) {
      ++check_.erased;
    } else if (!stored.has_request) {
      fault(row.number, row.request, "its request is not in the ledger any more");
    } else if (sha256(canonical(row)) != stored.digest) {
      fault(row.number, row.request, "what the ledger says of its request was altered");
    }
    if (stored.mark != key_.mark()) {
      ++check_.other_key;
    } else if (row.number == check_.head + 1 && chained(key_, mac_, row.number, stored.digest) != stored.mac) {
      fault(row.number, row.request, "it, or the one before it, was altered");
    }
    if (row.number == noted_.number && to_hex(stored.mac) != noted_.mac) {
      fault(row.number, row.request, "it is not the row whose mac was noted");
    }
    mac_ = stored.mac;
    mark_ = stored.mark;
    check_.head = row.number;
  }

  void finish(const std::optional<AuditDigest>& seal, int64_t sealed_number) {
    check_.head_mac = check_.rows > 0 ? to_hex(mac_) : "";
    if (sealed_number != check_.head) {
      fault(0, "", fmt::format("the chain ends with row {}, and was sealed at row {}", check_.head, sealed_number));
    } else if (seal && mark_ == key_.mark() && sealed_head(key_, check_.head, mac_) != *seal) {
      fault(0, "", "the seal of its end was altered");
    } else if (!seal && check_.rows > 0) {
      fault(0, "", "the seal of its end is missing");
    }
    if (noted_.number > check_.head) {
      fault(0, "", fmt::format("row {} was noted, but the chain ends with row {}", noted_.number, check_.head));
    }
  }

 private:
  void fault(int64_t number, const std::string& request, std::string what) {
    ++check_.faults;
    if (check_.first_faults.size() < most_told_faults) {
      check_.first_faults.push_back({.number = number, .request = request, .what = std::move(what)});
    }
  }

  const AuditKey& key_;
  const NotedHead& noted_;
  ChainCheck& check_;
  AuditDigest mac_{};
  int64_t mark_ = 0;
};

}  // namespace

Result<AuditChain> AuditChain::prepare(const Database& database, const AuditKey& key) {
  AuditChain chain;
  auto insert = database.prepare("INSERT INTO audit VALUES (?,?,?,?,?,?,?,?)");
  if (!insert) return failure(insert.error());
  auto head = database.prepare("INSERT OR REPLACE INTO audit_head VALUES (0, ?, ?)");
  if (!head) return failure(head.error());
  chain.insert_ = std::move(*insert);
  chain.head_ = std::move(*head);
  chain.mark_ = key.mark();
  chain.key_ = key;
  return chain;
}

Status AuditChain::begin(const Database& database) {
  added_ = false;
  number_ = 0;
  mac_ = {};
  auto last = database.prepare(last_row);
  if (!last) return failure(last.error());
  const auto step = last->step();
  if (!step) return failure(step.error());
  if (*step != Step::row) return {};
  number_ = last->next_integer();
  mac_ = digest_of(last->next_text());
  return {};
}

Status AuditChain::add(const Entry& entry, RequestKey key) {
  if (!is_audited(entry)) return {};
  auto row = audit_row(entry);
  row.request = to_request_id(key);  // the ledger's, where its own was no id of ours or taken
  const auto digest = sha256(canonical(row));
  mac_ = chained(key_, mac_, ++number_, digest);
  added_ = true;
  insert_.bind(number_).bind(key.key).bind(static_cast<int64_t>(key.random)).bind_blob(view_of(digest));
  insert_.bind_blob(view_of(mac_)).bind(mark_).bind(row.left).bind(row.left_redacted);
  const auto step = insert_.run();
  if (!step) return failure(step.error());
  if (*step == Step::duplicate) return failure(ErrorCode::internal, "audit: a row's number was taken already");
  return {};
}

Status AuditChain::end() {
  if (!added_) return {};
  const auto seal = sealed_head(key_, number_, mac_);
  const auto step = head_.bind(number_).bind_blob(view_of(seal)).run();
  if (!step) return failure(step.error());
  return {};
}

Status read_audit(const Database& database, const AuditQuery& query, const AuditVisitor& visit) {
  // Keys start with the time; rows of the chain are nearly in their order, but need not be.
  auto rows =
      database.prepare(fmt::format("{} WHERE a.request >= ?1 AND a.request < ?2 AND (?3 = '' OR r.route = ?3) ORDER BY "
                                   "a.number",
                                   rows_with_requests));
  if (!rows) return failure(rows.error());
  rows->bind(first_key_at(query.since_us));
  rows->bind(query.until_us == INT64_MAX ? INT64_MAX : first_key_at(query.until_us)).bind(query.route);
  return for_each_row(*rows, [&](Statement& row) { visit(read_row(row).row); });
}

Result<ChainCheck> check_audit(const Database& database, const AuditKey& key, const NotedHead& noted) {
  ChainCheck check;
  Checking checking(key, noted, check);
  if (auto begun = database.execute("BEGIN"); !begun) return failure(begun.error());
  const auto read = [&]() -> Status {
    auto rows = database.prepare(fmt::format("{} ORDER BY a.number", rows_with_requests));
    if (!rows) return failure(rows.error());
    if (auto all = for_each_row(*rows, [&](Statement& row) { checking.take(read_row(row)); }); !all) return all;
    auto head = database.prepare("SELECT number, seal FROM audit_head");
    if (!head) return failure(head.error());
    const auto step = head->step();
    if (!step) return failure(step.error());
    std::optional<AuditDigest> seal;
    int64_t number = 0;
    if (*step == Step::row) {
      number = head->next_integer();
      seal = digest_of(head->next_text());
    }
    checking.finish(seal, number);
    return {};
  }();
  static_cast<void>(database.execute("COMMIT"));
  if (!read) return failure(read.error());
  return check;
}

Result<int64_t> expire_audit(const Database& database, const AuditExpiry& expiry) {
  auto expire = database.prepare(
      "UPDATE audit SET request = NULL, random = 0, zones = '', redacted_zones = '' WHERE request < ?1 AND "
      "(SELECT route FROM requests WHERE key = audit.request) = ?2");
  if (!expire) return failure(expire.error());
  expire->bind(first_key_at(expiry.before_us)).bind(expiry.route);
  if (const auto step = expire->run(); !step) return failure(step.error());
  return database.changes();
}

}  // namespace weir::sqlite
