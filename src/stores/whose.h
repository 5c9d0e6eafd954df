// Whose: who must be forgotten, by what the ledger knows of requests: all of a key, one request by its id, or all that
// had a tag. Shelves ask it of each of their rows. Reads the ledger's file by a connection of its own. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/id.h"
#include "core/usage.h"
#include "stores/sqlite_database.h"

namespace weir {

enum class ForgetBy : uint8_t { key, request, tag };
[[nodiscard]] std::string_view to_string(ForgetBy by);

// What the ledger keeps of them: counts.
struct LedgerShare {
  int64_t requests = 0;
  MicroDollars cost = 0;
};

class Whose {
 public:
  // A key by its id, or all keys that ever had this name; a request by its id. The ledger is there and up to date.
  // not_found: the ledger knows no such key.
  [[nodiscard]] static Result<Whose> find(const std::string& folder, ForgetBy by, std::string_view name);

  [[nodiscard]] ForgetBy by() const { return by_; }
  // Ids of keys, in order; or the one request or tag.
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  // Of something that is kept of a request, or was given with a key; "" = not known.
  [[nodiscard]] Result<bool> includes(std::string_view request_id, std::string_view key_id);
  // Of a request's row in the ledger.
  [[nodiscard]] bool includes_row(RequestKey row, std::string_view key_id, std::string_view tags) const;
  [[nodiscard]] Result<LedgerShare> share() const;

 private:
  Whose(sqlite::Database ledger, ForgetBy by) : ledger_(std::move(ledger)), by_(by) {}
  Status find_keys(std::string_view name);
  [[nodiscard]] bool has(std::string_view name) const;

  sqlite::Database ledger_;
  ForgetBy by_;
  std::vector<std::string> names_;
  RequestKey request_;  // by == request
  sqlite::Statement row_;
};

}  // namespace weir
