// Entries as rows of `requests`, `attempts`, and of what requests share (`shapes`, `callers`, `plans`), and back. Used
// by the SQLite store alone, inside its transactions.
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

  // At the start of every transaction: other processes may have added rows. And before it is committed.
  Status begin(const Database& database);
  Status end(const Database& database);
  // The key that it has in the ledger; nullopt: it was there already.
  Result<std::optional<RequestKey>> add(const Entry& entry, RequestKey key);
  // After a rollback: what was remembered about the transaction's rows is not true.
  void forget();

 private:
  Result<int64_t> plan_hash(const std::shared_ptr<const std::string>& plan);
  Result<int64_t> store_plan(const std::string& json);
  // The ids of the rows that hold what `entry` shares with others; made where they are new.
  Result<int64_t> shape_of(const Entry& entry);
  Result<int64_t> caller_of(const Entry& entry);
  Result<int64_t> remember(Statement& find_or_insert, std::unordered_map<std::string, int64_t>& known);
  Result<Added> insert_request(const Entry& entry, RequestKey key, int64_t caller, int64_t shape);
  Status insert_marks(const Entry& entry, int64_t request);
  Status insert_attempt(const AttemptEntry& attempt, int64_t request);

  Statement request_;
  Statement request_random_;
  Statement marks_;
  Statement attempt_;
  Statement shape_;
  Statement caller_;
  Statement plan_;
  Statement plan_json_;
  int64_t next_attempt_ = 1;
  // Equal decisions share one plan: most lookups end here. Holds the plans, so that no address is used twice.
  std::unordered_map<std::shared_ptr<const std::string>, int64_t> known_plans_;
  std::unordered_map<std::string, int64_t> known_shapes_;
  std::unordered_map<std::string, int64_t> known_callers_;
  std::string content_;  // of the one that is looked up, kept for its memory
};

// The next seven columns: input, cached, output, reasoning, usage, written, units.
[[nodiscard]] Usage read_usage(Statement& row);
// The next three: asked_input, asked_output, asked_flags.
[[nodiscard]] AskedFacts read_asked(Statement& row);
// A difficulty or score: 0 to 1, -1 = there is none.
[[nodiscard]] double read_share(Statement& row);

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
