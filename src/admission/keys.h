// Virtual keys: who may call, what they may name, and how much. Commands make and revoke keys in the Store; a server
// holds a KeyRing, which follows the Store: a thread of its own calls `reload_if_changed` five times a second, so a key
// that was made or revoked anywhere counts within a second.
//
// Each event loop has its own KeyRing::View: authenticating reads one atomic and a table that never changes. A KeyState
// outlives its table for as long as a request holds it; its counters survive reloads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "admission/budget.h"
#include "admission/demand.h"
#include "admission/key_hash.h"
#include "admission/rate_limit.h"
#include "core/result.h"
#include "ledger/key_record.h"
#include "ledger/store.h"

namespace weir {

// What one key has used; shared by the KeyStates of the same key and limits across reloads.
struct KeyMeter {
  explicit KeyMeter(const KeyRecord& record);
  [[nodiscard]] bool limited() const;

  RateLimit requests;
  RateLimit tokens;
  Budget budget;
};

struct KeyState {
  KeyRecord record;
  std::shared_ptr<KeyMeter> meter;

  // May it name this route or model?
  [[nodiscard]] bool may_use(std::string_view route_or_model) const;
};

// Days and months are the calendar's; minutes are not: a wall clock that is set back would lock a key for as long.
struct Moment {
  int64_t wall_us = 0;    // since the Unix epoch
  int64_t steady_us = 0;  // of any clock that only goes forward, the same for all calls
};

// What a request was let in with; RAII: what is not settled is given back. Moved, never copied; any thread, one at a
// time.
class Reservation {
 public:
  Reservation() = default;  // holds nothing: for requests without a key
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation() { settle(0, 0); }

  // What the request really took: all tokens, input and output, and the cost of all its attempts. Once; later calls do
  // nothing.
  void settle(int64_t tokens, MicroDollars cost);

 private:
  friend Result<Reservation> admit(const KeyState&, const Demand&, const Moment&);
  friend Result<Reservation> reserve_more(const KeyState&, const Demand&, const Moment&);
  std::shared_ptr<KeyMeter> meter_;
  int64_t tokens_ = 0;
  int64_t day_ = 0;
  MicroDollars cost_ = 0;
};

// Lets one request in, or says why not: rate_limited or budget_exceeded, with the limit, its value and when to come
// again. Nothing is taken from any limit when one refuses.
[[nodiscard]] Result<Reservation> admit(const KeyState& key, const Demand& demand, const Moment& now);

// What a request that was let in takes beside, of tokens and money: another model is asked as well. Errors as above.
[[nodiscard]] Result<Reservation> reserve_more(const KeyState& key, const Demand& demand, const Moment& now);

class KeyRing {
 public:
  class View;

  KeyRing();
  // Reads the Store; at start-up, and from the thread that watches them (one thread at a time). Cheap when nothing
  // changed. `true` in the result: the keys changed.
  Result<bool> reload_if_changed(Store& store, int64_t now_us);

  // Must callers show a key? From the first key that was ever made: revoking the last one closes the gate, it does not
  // open it, and neither does deleting keys from the Store while it is served from. `reload_if_changed` sets it, also
  // for keys that are revoked. Serving beyond loopback without is refused.
  [[nodiscard]] bool required() const { return required_.load(std::memory_order_relaxed); }
  // Are there any keys that are not revoked?
  [[nodiscard]] bool empty() const;
  // The states of all keys that are not revoked, for metrics and the admin API.
  [[nodiscard]] std::vector<std::shared_ptr<KeyState>> active() const;

 private:
  struct HashOfHash {
    std::size_t operator()(const KeyHash& hash) const;
  };
  using Table = std::unordered_map<KeyHash, std::shared_ptr<KeyState>, HashOfHash>;

  [[nodiscard]] std::shared_ptr<const Table> table() const;

  mutable std::mutex mutex_;  // guards table_; taken on a change only
  std::shared_ptr<const Table> table_;
  std::atomic<bool> required_{false};
  std::atomic<std::size_t> in_use_{0};
  std::atomic<uint64_t> generation_{1};  // of table_; rises with each change
  int64_t store_version_ = -1;           // of the reloading thread
};

// One per event loop; the KeyRing outlives it. Not safe from two threads.
class KeyRing::View {
 public:
  explicit View(const KeyRing& ring) : ring_(ring) {}
  [[nodiscard]] bool required() const { return ring_.required(); }
  // `authorization`: the whole header value (`Bearer wk-…`) or the bare key, as some SDKs send it in `x-api-key`.
  // unauthorized with what is wrong: none given, no key of ours, unknown, revoked.
  [[nodiscard]] Result<std::shared_ptr<KeyState>> authenticate(std::string_view authorization);

 private:
  const KeyRing& ring_;
  KeyHasher hasher_;
  std::shared_ptr<const Table> table_;
  uint64_t generation_ = 0;
};

struct NewKey {
  std::string name;
  std::vector<std::string> routes;
  int64_t requests_per_minute = 0;
  int64_t tokens_per_minute = 0;
  MicroDollars budget_per_day = 0;
  MicroDollars budget_per_month = 0;
  bool admin = false;
};

struct CreatedKey {
  KeyRecord record;
  std::string secret;  // shown once, stored nowhere
};

// invalid_request: no name, a name with control characters or longer than 64 bytes, one that an active key has, a
// negative limit.
[[nodiscard]] Result<CreatedKey> create_key(Store& store, const NewKey& key, int64_t now_us);
// By id, or by the name of an active key. not_found with the names that exist; revoking twice is no error.
[[nodiscard]] Result<KeyRecord> revoke_key(Store& store, std::string_view id_or_name, int64_t now_us);
// For `weir keys list`: a table for a terminal of `width` columns, or JSON. Never shows a hash.
[[nodiscard]] std::string keys_table(const std::vector<KeyRecord>& keys, std::size_t width);
[[nodiscard]] std::string keys_json(const std::vector<KeyRecord>& keys);

}  // namespace weir
