// The ledger in one SQLite file, `weir.db` in the data folder. Write-ahead log with one fsync per batch: what `append`
// returned for survives kill -9 and loss of power; readers (commands, while a server writes) are never in the way.
#include <chrono>
#include <filesystem>
#include <thread>

#include "core/id.h"
#include "ledger/store.h"
#include "stores/data_folder.h"
#include "stores/sqlite_audit.h"
#include "stores/sqlite_database.h"
#include "stores/sqlite_keys.h"
#include "stores/sqlite_latest.h"
#include "stores/sqlite_rows.h"
#include "stores/sqlite_scan.h"
#include "stores/sqlite_schema.h"
#include "stores/sqlite_usage.h"

namespace weir {

StoreInfo sqlite_store_info();
Result<std::unique_ptr<Store>> open_sqlite_store(const StoreOptions& options);

namespace sqlite {
namespace {

constexpr std::string_view file_name = "weir.db";
constexpr std::string_view audit_key_name = "audit.key";
constexpr int64_t application_id = 0x57454952;  // "WEIR", in the file's header

// cache_size: KiB; appending touches the last pages only. wal_autocheckpoint: pages; a checkpoint costs two fsyncs, so
// not too often; journal_size_limit (bytes) gives back what a busy hour made the log grow to.
constexpr const char* connection_pragmas =
    "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA cache_size = -512; PRAGMA wal_autocheckpoint = "
    "2000; "
    "PRAGMA journal_size_limit = 16777216; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF";

// An event loop that shares the core with this thread need not wait for a whole batch, but a tenth of a millisecond. A
// loop that never sleeps keeps the core until the kernel's next tick each time: so not for long, or rows would be late.
constexpr std::size_t rows_between_yields = 32;
constexpr std::chrono::milliseconds yields_for_at_most{10};

struct Keyed {
  RequestKey key;
  const Entry* entry;
};

// The key inside the entry's id. An id that is none of ours must not cost the row: it gets a key by its time; it cannot
// be found by its own id then, but everything else counts.
RequestKey key_of(const Entry& entry) {
  if (const auto key = parse_request_id(entry.id)) return *key;
  return {.key = first_key_at(entry.time_us), .random = std::hash<std::string_view>{}(entry.id)};
}

class SqliteStore final : public Store {
 public:
  SqliteStore(Database database, std::string folder) : database_(std::move(database)), folder_(std::move(folder)) {}

  [[nodiscard]] StoreInfo info() const override { return sqlite_store_info(); }
  Status migrate() override;
  Status check_version() const;
  Status append(std::span<const Entry* const> entries) override;
  [[nodiscard]] Result<std::optional<Entry>> find(std::string_view request_id) override;
  [[nodiscard]] Result<std::vector<UsageRow>> usage(const UsageQuery& query) override {
    return read_usage_rows(database_, query);
  }
  [[nodiscard]] Result<Latest> latest(const LatestQuery& query) override;
  Status scan(const ScanQuery& query, ScanVisitor& visitor) override { return scan_rows(database_, query, visitor); }
  [[nodiscard]] Result<std::vector<KeySpending>> spending(int64_t since_day) override {
    return read_spending(database_, since_day);
  }
  [[nodiscard]] Result<std::vector<KeyRecord>> keys() override { return read_keys(database_); }
  Status put_key(const KeyRecord& key) override { return write_key(database_, key); }
  [[nodiscard]] Result<int64_t> keys_version() override;
  Status audit(const AuditQuery& query, const AuditVisitor& visit) override {
    return read_audit(database_, query, visit);
  }
  [[nodiscard]] Result<ChainCheck> check_audit(const AuditKey& key, const NotedHead& noted) override {
    return sqlite::check_audit(database_, key, noted);
  }
  Result<int64_t> expire_audit(const AuditExpiry& expiry) override { return sqlite::expire_audit(database_, expiry); }

 private:
  Status prepare_writer();
  Status append_sorted();
  Status prepare_reader();
  [[nodiscard]] Error version_error(int64_t found) const;

  Database database_;
  std::string folder_;
  std::optional<EntryWriter> writer_;  // prepared at the first use
  std::optional<AuditChain> chain_;
  std::optional<EntryReader> reader_;
  std::optional<Statement> keys_version_;
  std::vector<Keyed> batch_;  // kept for its capacity
  SpendingBatch spending_;
};

int64_t newest_version() { return static_cast<int64_t>(schema_steps().size()); }

Error SqliteStore::version_error(int64_t found) const {
  const auto mend = found > newest_version() ? "was written by a newer weir: use that one"
                                             : "is of an older version: `weir serve` brings it up to date";
  return {.code = ErrorCode::internal,
          .message = fmt::format("ledger {}: schema {} {} (this one knows {})", database_.path(), found, mend,
                                 newest_version())};
}

Status SqliteStore::migrate() {
  // Asks for the write lock only if there is something to do.
  auto found = database_.integer("PRAGMA user_version");
  if (!found) return failure(found.error());
  if (*found > newest_version()) return failure(version_error(*found));
  if (*found == newest_version()) return {};

  auto transaction = Transaction::begin(database_);
  if (!transaction) return failure(transaction.error());
  found = database_.integer("PRAGMA user_version");  // another process may have been quicker
  if (!found) return failure(found.error());
  for (auto step = *found; step < newest_version(); ++step) {
    const std::string sql(schema_steps()[static_cast<std::size_t>(step)]);
    if (auto done = database_.execute(sql.c_str()); !done) return done;
  }
  const auto stamp =
      fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {}", newest_version(), application_id);
  if (auto done = database_.execute(stamp.c_str()); !done) return done;
  return transaction->commit();
}

Status SqliteStore::check_version() const {
  const auto found = database_.integer("PRAGMA user_version");
  if (!found) return failure(found.error());
  if (*found != newest_version()) return failure(version_error(*found));
  return {};
}

Status SqliteStore::append(std::span<const Entry* const> entries) {
  if (entries.empty()) return {};
  if (auto ready = prepare_writer(); !ready) return ready;
  // Requests end in another order than they began: sorted, they are all appended at the end of the B-tree.
  batch_.clear();
  for (const auto* entry : entries) batch_.push_back({.key = key_of(*entry), .entry = entry});
  std::sort(batch_.begin(), batch_.end(), [](const Keyed& a, const Keyed& b) { return a.key.key < b.key.key; });
  auto appended = append_sorted();
  spending_.clear();
  if (!appended) writer_->forget();
  return appended;
}

Status SqliteStore::prepare_writer() {
  if (!writer_) {
    auto prepared = EntryWriter::prepare(database_);
    if (!prepared) return failure(prepared.error());
    writer_ = std::move(*prepared);
  }
  if (!chain_) {
    auto key = keep_audit_key((std::filesystem::path(folder_) / audit_key_name).string());
    if (!key) return failure(key.error());
    auto chain = AuditChain::prepare(database_, *key);
    if (!chain) return failure(chain.error());
    chain_ = std::move(*chain);
  }
  return {};
}

Status SqliteStore::append_sorted() {
  // What is written to a file that has no name any more is lost with this process: kept in memory it is not.
  if (database_.moved()) {
    return failure(
        ErrorCode::internal,
        fmt::format("ledger {}: the file was deleted, moved or replaced while it was in use; put it back, or "
                    "start again to use the one that is there now",
                    database_.path()));
  }
  auto transaction = Transaction::begin(database_);
  if (!transaction) return failure(transaction.error());
  if (auto begun = writer_->begin(database_); !begun) return begun;
  if (auto begun = chain_->begin(database_); !begun) return begun;
  const auto last_yield = std::chrono::steady_clock::now() + yields_for_at_most;
  std::size_t added_since_yield = 0;
  for (const auto& [key, entry] : batch_) {
    if (++added_since_yield == rows_between_yields) {
      added_since_yield = 0;
      if (std::chrono::steady_clock::now() < last_yield) std::this_thread::yield();
    }
    const auto added = writer_->add(*entry, key);
    if (!added) return failure(added.error());
    if (!*added) continue;
    spending_.add(*entry);
    if (auto sealed = chain_->add(*entry, **added); !sealed) return sealed;
  }
  if (auto written = spending_.write(database_); !written) return written;
  if (auto ended = writer_->end(database_); !ended) return ended;
  if (auto ended = chain_->end(); !ended) return ended;
  return transaction->commit();
}

Result<std::optional<Entry>> SqliteStore::find(std::string_view request_id) {
  const auto key = parse_request_id(request_id);
  if (!key) return std::nullopt;
  if (auto ready = prepare_reader(); !ready) return failure(ready.error());
  return reader_->find(*key);
}

Result<Latest> SqliteStore::latest(const LatestQuery& query) {
  if (auto ready = prepare_reader(); !ready) return failure(ready.error());
  return read_latest(database_, *reader_, query);
}

Status SqliteStore::prepare_reader() {
  if (reader_) return {};
  auto prepared = EntryReader::prepare(database_);
  if (!prepared) return failure(prepared.error());
  reader_ = std::move(*prepared);
  return {};
}

Result<int64_t> SqliteStore::keys_version() {
  if (!keys_version_) {
    auto prepared = database_.prepare("SELECT value FROM counters WHERE name = 'keys_version'");
    if (!prepared) return failure(prepared.error());
    keys_version_ = std::move(*prepared);
  }
  const auto step = keys_version_->step();
  const int64_t version = step && *step == Step::row ? keys_version_->integer(0) : 0;
  keys_version_->reset();
  if (!step) return failure(step.error());
  return version;
}

}  // namespace
}  // namespace sqlite

StoreInfo sqlite_store_info() {
  return {.name = "sqlite", .description = "one file, weir.db, in the data folder; for one machine"};
}

Result<std::unique_ptr<Store>> open_sqlite_store(const StoreOptions& options) {
  const auto path = (std::filesystem::path(options.folder) / sqlite::file_name).string();
  const bool writes = options.access == StoreAccess::read_write;
  if (writes) {
    if (auto made = make_data_folder(options.folder); !made) return failure(made.error());
  } else if (std::error_code error; !std::filesystem::exists(path, error)) {
    return failure(ErrorCode::not_found, fmt::format("there is no ledger at {}: nothing was served with this data "
                                                     "folder yet, or --data names another one",
                                                     path));
  }
  auto database =
      sqlite::Database::open(path, writes ? sqlite::Database::Access::read_write : sqlite::Database::Access::read_only);
  if (!database) return failure(database.error());
  if (auto set = database->execute(sqlite::connection_pragmas); !set) return failure(set.error());
  // The log mode is a property of the file.
  if (writes) {
    if (auto set = database->execute("PRAGMA journal_mode = WAL"); !set) return failure(set.error());
  }
  auto store = std::make_unique<sqlite::SqliteStore>(std::move(*database), options.folder);
  if (auto ready = writes ? store->migrate() : store->check_version(); !ready) return failure(ready.error());
  return store;
}

}  // namespace weir
