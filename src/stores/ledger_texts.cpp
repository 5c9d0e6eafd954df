#include "stores/ledger_texts.h"

namespace weir {
namespace {

Result<sqlite::Database> open(const std::string& file, Forgetting mode) {
  const bool reads = mode == Forgetting::count;
  auto database =
      sqlite::Database::open(file, reads ? sqlite::Database::Access::read_only : sqlite::Database::Access::read_write);
  if (!database) return database;
  const auto* const pragmas = reads
                                  ? "PRAGMA busy_timeout = 5000"
                                  : "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; "
                                    "PRAGMA temp_store = MEMORY";
  if (auto set = database->execute(pragmas); !set) return failure(set.error());
  return database;
}

// Rows with a number and what the ledger says of their request: key, random, key id and tags.
Result<int64_t> forget_of_rows(const std::string& file, const sqlite::ForgetRows& rows, const Whose& whose,
                               Forgetting mode) {
  auto database = open(file, mode);
  if (!database) return failure(database.error());
  return sqlite::forget_rows(*database, rows, sqlite::RowIsTheirs([&](sqlite::Statement& row) -> Result<bool> {
    const RequestKey key{.key = row.next_integer(), .random = static_cast<uint64_t>(row.next_integer())};
    const auto key_id = row.next_text();
    return whose.includes_row(key, key_id, row.next_text());
  }),
                             mode);
}

}  // namespace

Result<int64_t> forget_feedback(const std::string& file, Whose& whose, Forgetting mode) {
  auto database = open(file, mode);
  if (!database) return failure(database.error());
  return sqlite::forget_rows(
      *database,
      {.select = "SELECT rowid, request_id, key_id FROM feedback", .erase = "DELETE FROM feedback WHERE rowid = ?"},
      Theirs([&](auto request, auto key) { return whose.includes(request, key); }), mode);
}

Result<int64_t> forget_messages(const std::string& file, Whose& whose, Forgetting mode) {
  return forget_of_rows(file,
                        {.select = "SELECT a.number, r.key, r.random, c.key_id, r.tags FROM attempt_rows a "
                                   "JOIN request_rows r ON r.key = a.request JOIN callers c ON c.id = r.caller "
                                   "WHERE a.message != ''",
                         .erase = "UPDATE attempt_rows SET message = '' WHERE number = ?"},
                        whose, mode);
}

Result<int64_t> forget_tags(const std::string& file, Whose& whose, Forgetting mode) {
  return forget_of_rows(file,
                        {.select = "SELECT r.key, r.key, r.random, c.key_id, r.tags FROM request_rows r "
                                   "JOIN callers c ON c.id = r.caller WHERE r.tags != ''",
                         .erase = "UPDATE request_rows SET tags = '' WHERE key = ?"},
                        whose, mode);
}

}  // namespace weir
