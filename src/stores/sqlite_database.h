// SQLite's C interface as values: a Database and its prepared Statements, closed by their destructors, errors as
// Status. One thread at a time, like the connection beneath. A Database outlives its Statements.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace weir::sqlite {

struct CloseDatabase {
  void operator()(sqlite3* handle) const;
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* handle) const;
};

enum class Step : uint8_t { row, done, duplicate };  // duplicate: an INSERT met an existing primary key and did nothing

class Statement {
 public:
  Statement() = default;

  // Bound texts are not copied: they live until the next reset. Parameters count on from 1 with every call.
  Statement& bind(int64_t number);
  Statement& bind(std::string_view text);
  Statement& bind_blob(std::string_view bytes);
  Statement& bind_null();

  Result<Step> step();
  // Step, expecting no rows, and reset.
  Result<Step> run();
  void reset();

  [[nodiscard]] int64_t integer(int column) const;
  [[nodiscard]] std::string_view text(int column) const;  // until the next step
  [[nodiscard]] bool is_null(int column) const;
  // Columns in order, one each call, starting anew with each row.
  [[nodiscard]] int64_t next_integer() { return integer(column_++); }
  [[nodiscard]] std::string_view next_text() { return text(column_++); }
  [[nodiscard]] std::optional<int64_t> next_optional_integer();  // nullopt: NULL

 private:
  friend class Database;
  std::unique_ptr<sqlite3_stmt, FinalizeStatement> handle_;
  int parameter_ = 0;
  int column_ = 0;
};

// Hands every row that is left to `take(statement)`, and resets.
template <typename Take>
Status for_each_row(Statement& statement, const Take& take) {
  for (;;) {
    const auto step = statement.step();
    if (step && *step == Step::row) {
      take(statement);
      continue;
    }
    statement.reset();
    if (!step) return failure(step.error());
    return {};
  }
}

class Database {
 public:
  enum class Access : uint8_t { read_write, read_only };

  static Result<Database> open(std::string path, Access access);

  [[nodiscard]] Result<Statement> prepare(std::string_view sql) const;
  Status execute(const char* sql) const;
  // The first column of the first row; 0 when there is none.
  [[nodiscard]] Result<int64_t> integer(std::string_view sql) const;
  // How many rows the last statement changed.
  [[nodiscard]] Result<int64_t> changes() const { return integer("SELECT changes()"); }
  // Is the file that was opened no longer the one of that name: deleted, moved, replaced?
  [[nodiscard]] bool moved() const;
  // The last failure, as an Error that names the file.
  [[nodiscard]] Error error() const;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::unique_ptr<sqlite3, CloseDatabase> handle_;
  std::string path_;
};

// BEGIN IMMEDIATE … COMMIT; rolled back unless committed.
class Transaction {
 public:
  static Result<Transaction> begin(const Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Status commit();

 private:
  explicit Transaction(const Database* database) : database_(database) {}
  const Database* database_;
};

}  // namespace weir::sqlite
