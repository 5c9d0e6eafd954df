#include "stores/sqlite_database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "stores/sqlite_functions.h"

namespace weir::sqlite {
namespace {

Error error_of(sqlite3* handle, std::string_view path) {
  const int code = handle ? sqlite3_extended_errcode(handle) : SQLITE_NOMEM;
  std::string_view mend;
  switch (code & 0xff) {
    case SQLITE_FULL:
      mend = "; make room on the disk";
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      mend = "; check the permissions of the file and its folder";
      break;
    case SQLITE_BUSY:
      mend = "; another process holds the write lock for long";
      break;
    case SQLITE_NOTADB:
      mend = "; it is no file of Weir: move it away or name another data folder";
      break;
    default:
      break;
  }
  return {.code = ErrorCode::internal,
          .message =
              fmt::format("{}: {} ({}){}", path, handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code), code, mend)};
}

// SQLite makes new files readable by all, and gives -wal and -shm the mode of the database: so make it first, private.
// Only a file that is new here is ever opened beside SQLite: closing any descriptor of a file drops all locks that this
// process has on it (POSIX), those of SQLite's connections too. Then another process takes itself for the last one and
// deletes the log under us.
void make_private_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) ::close(fd);  // where it failed, it is there, or SQLite says why
}

}  // namespace

void CloseDatabase::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
void FinalizeStatement::operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }

Statement& Statement::bind(int64_t number) {
  sqlite3_bind_int64(handle_.get(), ++parameter_, number);
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  // A null pointer would bind NULL.
  sqlite3_bind_text(handle_.get(), ++parameter_, text.empty() ? "" : text.data(), static_cast<int>(text.size()),
                    SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind_blob(std::string_view bytes) {
  sqlite3_bind_blob(handle_.get(), ++parameter_, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind_null() {
  sqlite3_bind_null(handle_.get(), ++parameter_);
  return *this;
}

Result<Step> Statement::step() {
  column_ = 0;
  switch (sqlite3_step(handle_.get())) {
    case SQLITE_ROW:
      return Step::row;
    case SQLITE_DONE:
      return Step::done;
    default:
      break;
  }
  sqlite3* database = sqlite3_db_handle(handle_.get());
  if (sqlite3_extended_errcode(database) == SQLITE_CONSTRAINT_PRIMARYKEY) return Step::duplicate;
  const char* path = sqlite3_db_filename(database, "main");
  return failure(error_of(database, path ? path : ""));
}

Result<Step> Statement::run() {
  auto result = step();
  reset();
  return result;
}

void Statement::reset() {
  sqlite3_reset(handle_.get());
  parameter_ = 0;
}

int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }

std::string_view Statement::text(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  return {data ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column))};
}

bool Statement::is_null(int column) const { return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL; }

std::optional<int64_t> Statement::next_optional_integer() {
  const int column = column_++;
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

Result<Database> Database::open(std::string path, Access access) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (access == Access::read_write) {
    make_private_file(path);
    flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  } else {
    flags |= SQLITE_OPEN_READONLY;
  }
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database;
  database.handle_.reset(handle);
  database.path_ = std::move(path);
  if (code != SQLITE_OK || add_functions(handle) != SQLITE_OK) return failure(database.error());
  return database;
}

Result<Statement> Database::prepare(std::string_view sql) const {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) return failure(error());
  Statement statement;
  statement.handle_.reset(handle);
  return statement;
}

Status Database::execute(const char* sql) const {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure(error());
  return {};
}

Result<int64_t> Database::integer(std::string_view sql) const {
  auto statement = prepare(sql);
  if (!statement) return failure(statement.error());
  const auto step = statement->step();
  if (!step) return failure(step.error());
  return *step == Step::row ? statement->integer(0) : 0;
}

bool Database::moved() const {
  int moved = 0;
  return sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

Error Database::error() const { return error_of(handle_.get(), path_); }

Result<Transaction> Transaction::begin(const Database& database) {
  if (auto begun = database.execute("BEGIN IMMEDIATE"); !begun) return failure(begun.error());
  return Transaction(&database);
}

Transaction::~Transaction() {
  // After some failures SQLite has rolled back by itself; then this fails, which is fine.
  if (database_) static_cast<void>(database_->execute("ROLLBACK"));
}

Status Transaction::commit() {
  if (auto committed = database_->execute("COMMIT"); !committed) return committed;
  database_ = nullptr;
  return {};
}

}  // namespace weir::sqlite
