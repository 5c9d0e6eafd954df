// KeyRecord: a virtual key as it is stored. Only the SHA-256 of the secret is kept, and that is enough: the secret is
// 256 random bits, so there is no dictionary to try, and a slow hash would only slow down every request. Values; safe
// from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/usage.h"

namespace weir {

using KeyHash = std::array<uint8_t, 32>;

struct KeyRecord {
  std::string id;                   // `key_…`; in the ledger and in messages
  std::string name;                 // for people; unique among the keys that are not revoked
  KeyHash hash{};                   // of the whole secret, `wk-` included
  std::string hint;                 // the secret's last four characters, so that people can tell keys apart
  std::vector<std::string> routes;  // routes and models it may name; empty = all
  int64_t requests_per_minute = 0;  // 0 = no limit, here and below
  int64_t tokens_per_minute = 0;
  MicroDollars budget_per_day = 0;    // UTC days
  MicroDollars budget_per_month = 0;  // UTC months
  bool admin = false;                 // may read every ledger entry and the admin paths
  int64_t created_us = 0;             // since the Unix epoch, here and below
  int64_t revoked_us = 0;             // 0 = not revoked
  int64_t last_used_us = 0;           // start of the newest ledger entry; filled in by the store, 0 = never

  bool operator==(const KeyRecord&) const = default;
};

// What one key spent on one day.
struct KeySpending {
  std::string key_id;
  int64_t day = 0;  // days since 1970-01-01, UTC, of the requests' start
  MicroDollars cost = 0;
};

}  // namespace weir
