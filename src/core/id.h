// Ids and secrets. A request id is `req_` and 26 characters of Crockford's base32 (digits and lower-case letters
// without i, l, o, u): 13 for a key that rises with time and is unique on this machine, 13 for 64 random bits that make
// it unique among machines.
//
//   key  = 51 bits: microseconds since 2020-01-01 | 12 bits: number of the RequestIds that made it
//
// The key fits a signed 64-bit integer, so a store can use it as its primary key: rows are appended in order, a lookup
// by id is one step, and a span of time is a range of keys. RequestIds belongs to one thread; the rest is safe from
// any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir {

struct RequestKey {
  int64_t key = 0;      // time and source: what orders
  uint64_t random = 0;  // what distinguishes machines
  bool operator==(const RequestKey&) const = default;
};

[[nodiscard]] std::string to_request_id(const RequestKey& key);
// The same, in the memory of `out`.
void write_request_id(const RequestKey& key, std::string& out);

// Makes request ids without locks: one per event loop. `source` must differ among those of one process.
class RequestIds {
 public:
  static constexpr uint16_t max_sources = 4096;

  // Start-up only: throws std::system_error if the kernel gives no randomness, std::invalid_argument for a source
  // beyond max_sources.
  explicit RequestIds(uint16_t source);

  // `now_us` since the Unix epoch. Two calls in the same microsecond, or a clock that steps back, still give a rising
  // id.
  [[nodiscard]] RequestKey next_key(int64_t now_us);
  [[nodiscard]] std::string next(int64_t now_us) { return to_request_id(next_key(now_us)); }

 private:
  int64_t source_;
  int64_t last_us_ = 0;
  uint64_t state_;
};

// nullopt for anything that is not a request id as written above; upper case is accepted.
[[nodiscard]] std::optional<RequestKey> parse_request_id(std::string_view id);
// The smallest key that an id made at `time_us` (since the Unix epoch) can have; times before 2020 give 0.
[[nodiscard]] int64_t first_key_at(int64_t time_us);
// Always the same for the same thing that happened then (since the Unix epoch): for what is told more than once.
[[nodiscard]] RequestKey request_key_of(std::string_view what, int64_t time_us);
// When the id of this key was made, in microseconds since the Unix epoch.
[[nodiscard]] int64_t time_of_key(int64_t key);

// `bytes` bytes from getrandom(2) as base32, for secrets and ids that nobody may guess.
[[nodiscard]] Result<std::string> random_text(std::size_t bytes);
// A key's id: `key_` and 16 characters (80 random bits). Not a secret.
[[nodiscard]] Result<std::string> new_key_id();

}  // namespace weir
