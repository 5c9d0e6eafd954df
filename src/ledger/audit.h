// The audit: one row for each request that held something sensitive or was sent to another zone than a local one, kept
// beside the ledger and chained, so that a row that was taken away or altered is seen. A row seals what the ledger says
// of its request: id, time, caller, route, classes, what was taken out, where it went, why, and how it ended.
//
// The chain: digest_n = SHA-256(canonical(row)), mac_n = HMAC-SHA256(key, mac_{n-1} | n | digest_n); the head is sealed
// as HMAC-SHA256(key, "head" | n | mac_n), so that rows cannot be cut off its end. Whoever has the key can make any
// chain: keep a copy of the head (number and mac) elsewhere, and an older state put back is seen too. Values.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/hex.h"
#include "core/result.h"
#include "ledger/entry.h"

namespace weir {

using AuditDigest = std::array<uint8_t, 32>;

// Of the file `audit.key` in the data folder. What a row was sealed with is told by the key's mark, not by the key.
struct AuditKey {
  std::array<uint8_t, 32> secret{};  // never logged
  [[nodiscard]] int64_t mark() const;
};

struct AuditRow {
  int64_t number = 0;   // from 1 on, without gaps
  std::string request;  // id
  int64_t time_us = 0;  // of the request, since the epoch
  std::string caller;   // key name
  std::string key_id;
  std::string route;
  std::string classes;        // found and declared: `personal,secret`
  std::string redacted;       // what was taken out: `email:2`
  std::string left;           // zones other than local ones that it was sent to as it was: `cloud,cloud:eu`
  std::string left_redacted;  // ... without what was taken out
  std::string outcome;
  std::string reason;   // which rule decided
  bool erased = false;  // its time was over: nothing but its place in the chain is left
};

// Has a row of its own: held a class, or was sent away.
[[nodiscard]] bool is_audited(const Entry& entry);
[[nodiscard]] AuditRow audit_row(const Entry& entry);
// Lengths and texts: no two rows have the same.
[[nodiscard]] std::string canonical(const AuditRow& row);

[[nodiscard]] AuditDigest sha256(std::string_view text);
[[nodiscard]] AuditDigest chained(const AuditKey& key, const AuditDigest& previous, int64_t number,
                                  const AuditDigest& digest);
[[nodiscard]] AuditDigest sealed_head(const AuditKey& key, int64_t number, const AuditDigest& mac);
// HMAC-SHA256 of a text, for what else the key seals. It begins with a word that says what it is, so that no seal of
// one kind is one of another.
[[nodiscard]] AuditDigest sealed(const AuditKey& key, std::string_view text);

// Reads the key's file: 64 hexadecimal digits. not_found: there is none.
[[nodiscard]] Result<AuditKey> read_audit_key(const std::string& file);
// The same, made where it is missing, for its owner alone.
[[nodiscard]] Result<AuditKey> keep_audit_key(const std::string& file);

struct AuditQuery {
  int64_t since_us = 0;  // by start of the request; inclusive
  int64_t until_us = INT64_MAX;
  std::string route;  // "" = all
};
using AuditVisitor = std::function<void(const AuditRow& row)>;

// Rows whose time is over: of the routes named, older than that.
struct AuditExpiry {
  std::string route;
  int64_t before_us = 0;
};

struct ChainFault {
  int64_t number = 0;  // of the row; 0: of the chain as a whole
  std::string request;
  std::string what;
};
struct ChainCheck {
  int64_t rows = 0;
  int64_t erased = 0;     // of these, with nothing but their place left; that is checked all the same
  int64_t other_key = 0;  // sealed with another key than the one that was given: not checked
  int64_t faults = 0;
  std::vector<ChainFault> first_faults;
  int64_t head = 0;  // number and mac of the last row
  std::string head_mac;
};
// Of a head that was noted down before; number 0 = none.
struct NotedHead {
  int64_t number = 0;
  std::string mac;
};

}  // namespace weir
