// Entries as rows of `requests`, `attempts` and `plans`, and back. Used by the SQLite store alone, inside its
// transactions.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "core/id.h"
#include "ledger/entry.h"
#include "stores/sqlite_database.h"

namespace weir::sqlite {

enum class Added : uint8_t { yes, was_there };

class EntryWriter {
 public:
  static Result<EntryWriter> prepare(const Database& database);

  // At the start of every transaction: other processes may have added rows.
  Status begin(const Database& database);
  Result<Added> add(const Entry& entry, RequestKey key);
  // After a rollback: what was remembered about the transaction's rows is not true.
  void forget();

 private:
  Result<int64_t> plan_hash(const std::shared_ptr<const std::string>& plan);
  Result<int64_t> store_plan(const std::string& json);
  Result<Added> insert_request(const Entry& entry, RequestKey key, std::optional<int64_t> plan);
  Status insert_attempt(const AttemptEntry& attempt, int64_t request);

  Statement request_;
  Statement request_random_;
  Statement attempt_;
  Statement plan_;
  Statement plan_json_;
  int64_t next_attempt_ = 1;
  // Equal decisions share one plan: most lookups end here. Holds the plans, so that no address is used twice.
  std::unordered_map<std::shared_ptr<const std::string>, int64_t> known_plans_;
};

// The next five columns: input, cached, output, reasoning, usage.
[[nodiscard]] Usage read_usage(Statement& row);
// The columns that `read_asked` reads next, or nulls where the file is of a version without them.
[[nodiscard]] Result<std::string_view> asked_columns(const Database& database);
[[nodiscard]] AskedFacts read_asked(Statement& row);

class EntryReader {
 public:
  static Result<EntryReader> prepare(const Database& database);
  [[nodiscard]] Result<std::optional<Entry>> find(RequestKey key);

 private:
  Status read_attempts(Entry& entry, int64_t first, int64_t count);

  Statement request_;
  Statement attempts_;
};

}  // namespace weir::sqlite
