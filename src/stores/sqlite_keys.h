// Virtual keys and what they spent, as rows of `keys`, `spending` and `counters`. Used by the SQLite store alone.
#pragma once

#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/entry.h"
#include "ledger/key_record.h"
#include "stores/sqlite_database.h"

namespace weir::sqlite {

// Adds up what the keys of one batch spent, so that each key and day is one row changed per commit.
class SpendingBatch {
 public:
  void add(const Entry& entry);
  // Inside the transaction that adds the entries.
  Status write(const Database& database) const;
  void clear() { sums_.clear(); }

 private:
  struct Sum {
    int64_t requests = 0;
    MicroDollars cost = 0;
    int64_t last_time_us = 0;
  };
  std::map<std::pair<std::string_view, int64_t>, Sum> sums_;  // views into the entries
};

[[nodiscard]] Result<std::vector<KeySpending>> read_spending(const Database& database, int64_t since_day);
[[nodiscard]] Result<std::vector<KeyRecord>> read_keys(const Database& database);
Status write_key(const Database& database, const KeyRecord& key);

}  // namespace weir::sqlite
