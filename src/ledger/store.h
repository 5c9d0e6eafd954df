// Store: where ledger entries and virtual keys are kept. The interface that engines in stores/ implement; everything
// above it is engine-neutral. A Store object is used by one thread at a time and never by an event loop: its calls
// block. Several objects and processes may have the same data open at once: the Writer's, and one for each command that
// reads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "ledger/audit.h"
#include "ledger/entry.h"
#include "ledger/key_record.h"
#include "ledger/scan.h"

namespace weir {

struct StoreInfo {
  std::string_view name;  // as in stores.def
  std::string_view description;
};

enum class UsageGroup : uint8_t { model, route, key, zone, day, task };

struct UsageQuery {
  int64_t since_us = 0;          // by start of the request, since the Unix epoch; inclusive
  int64_t until_us = INT64_MAX;  // exclusive
  UsageGroup by = UsageGroup::model;
  std::string key;  // only this key's, by id, or those of this name; "" = all
};

// Sums over the requests of one group.
struct UsageRow {
  std::string group;  // model id, route, key name, zone, `2026-11-23` or task; "" where the entries have none
  int64_t requests = 0;
  int64_t errors = 0;  // outcome neither `ok` nor `client_gone`
  int64_t input = 0;   // tokens
  int64_t cached = 0;
  int64_t output = 0;
  int64_t reasoning = 0;
  MicroDollars cost = 0;      // of all attempts
  MicroDollars baseline = 0;  // of the requests that have one
  MicroDollars saved = 0;  // baseline − cost, over the requests that have a baseline; negative where Weir cost more
  int64_t without_baseline = 0;  // answered requests that `saved` says nothing about
  int64_t unpriced = 0;          // requests with an attempt whose price is not known: `cost` lacks them
  int64_t estimated = 0;         // requests whose tokens were estimated
  int64_t implausible = 0;       // requests whose provider reported tokens that cannot be: they were cut to what can
  int64_t sandbox = 0;           // requests answered by sandbox models: no real money
  int64_t written = 0;           // tokens of `input` that were written to a provider's cache
  int64_t uncertain = 0;         // requests whose cost is an estimate: a part of them has no known price
  int64_t stated = 0;            // requests whose provider itself said what they cost
  int64_t by_rule = 0;           // requests priced by a rule of the catalog for names like their model's
  int64_t cache_hits = 0;        // requests answered from a cache of ours
  MicroDollars cache_saved = 0;  // what those answers cost when they were made
};

// What came last, for a look that must not take long: sums are over no more requests than are read in a moment.
struct LatestQuery {
  std::size_t shown = 20;       // requests given whole, however old
  std::size_t summed = 10'000;  // of the newest, at most
  int64_t summed_since_us = 0;  // by start of the request
};
struct Latest {
  std::vector<Entry> requests;   // newest first
  UsageRow sums;                 // without cached, reasoning, estimated and implausible
  int64_t oldest_summed_us = 0;  // 0: none was
};

class Store {
 public:
  virtual ~Store() = default;
  [[nodiscard]] virtual StoreInfo info() const = 0;

  // Brings the schema to this version. Refuses data that a newer version wrote.
  virtual Status migrate() = 0;

  // Makes all of `entries` durable, or none. An entry that is there already (same id) is left as it is, so that a batch
  // whose fate is unknown may be appended again.
  virtual Status append(std::span<const Entry* const> entries) = 0;
  [[nodiscard]] virtual Result<std::optional<Entry>> find(std::string_view request_id) = 0;
  [[nodiscard]] virtual Result<std::vector<UsageRow>> usage(const UsageQuery& query) = 0;

  // Milliseconds, whatever the ledger's size.
  [[nodiscard]] virtual Result<Latest> latest(const LatestQuery& query) = 0;

  // All requests of the query and then their attempts, handed to `visitor` one by one: about a second for a million.
  virtual Status scan(const ScanQuery& query, ScanVisitor& visitor) = 0;

  // Per key and day from `since_day` (days since 1970-01-01) on. Kept up to date by `append`: costs a row per key and
  // day.
  [[nodiscard]] virtual Result<std::vector<KeySpending>> spending(int64_t since_day) = 0;
  // In order of creation, revoked ones included.
  [[nodiscard]] virtual Result<std::vector<KeyRecord>> keys() = 0;
  // Adds the key, or replaces the one of the same id.
  virtual Status put_key(const KeyRecord& key) = 0;
  // Rows of the audit in their order.
  virtual Status audit(const AuditQuery& query, const AuditVisitor& visit) = 0;
  // Goes over the whole chain: a second for a million rows.
  [[nodiscard]] virtual Result<ChainCheck> check_audit(const AuditKey& key, const NotedHead& noted) = 0;
  // Erases what rows say whose time is over; how many.
  virtual Result<int64_t> expire_audit(const AuditExpiry& expiry) = 0;
  // Differs after every put_key, by whomever; ledger entries leave it as it is. Cheap.
  [[nodiscard]] virtual Result<int64_t> keys_version() = 0;
};

enum class StoreAccess : uint8_t { read_write, read_only };

struct StoreOptions {
  std::string folder;  // the data folder; made by read_write where it is missing
  StoreAccess access = StoreAccess::read_write;
};

// All entries of stores.def, in that order.
[[nodiscard]] std::vector<StoreInfo> store_infos();
// Opens `engine` and, with read_write, migrates. `read_only` fails with not_found where nothing was ever written.
[[nodiscard]] Result<std::unique_ptr<Store>> open_store(std::string_view engine, const StoreOptions& options);

}  // namespace weir
