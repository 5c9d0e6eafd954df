// Scanning: the ledger read as a stream, for planning: a month of requests passes by without becoming Entries. Rows are
// what a Store hands to a visitor, field by field as in ledger/entry.h; their texts live until the visitor returns.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/request.h"
#include "core/usage.h"
#include "ledger/entry.h"

namespace weir {

struct ScanQuery {
  int64_t since_us = 0;          // by start of the request, since the Unix epoch; inclusive
  int64_t until_us = INT64_MAX;  // exclusive
};

struct ScannedRequest {
  int64_t time_us = 0;
  Operation operation = Operation::chat;
  std::string_view caller;
  std::string_view key_id;
  std::string_view route;
  std::string_view requested;
  std::string_view classes;
  std::string_view tags;
  std::string_view model;
  std::string_view zone;
  std::string_view outcome;
  bool stream = false;
  Usage usage;
  MicroDollars cost = 0;
  bool priced = false;  // every attempt's price is known
  std::optional<MicroDollars> baseline_cost;
  int64_t first_token_us = 0;
  int64_t duration_us = 0;
  bool sandbox = false;
  int64_t first_attempt = 0;  // ScannedAttempt::number of the first; the others follow it
  int64_t attempts = 0;       // how many
  AskedFacts asked;
  std::string_view task;
  std::string_view cache;
  std::string_view experiment;
  double difficulty = -1;
  double score = -1;
};

struct ScannedAttempt {
  int64_t number = 0;
  std::string_view model;
  std::string_view provider;
  std::string_view zone;
  std::string_view outcome;
  int32_t http_status = 0;
  int64_t started_us = 0;
  int64_t first_token_us = 0;
  int64_t duration_us = 0;
  int64_t queue_us = 0;
  Usage usage;
  MicroDollars cost = 0;
  bool price_known = false;
  std::string_view purpose;
  double score = -1;
};

class ScanVisitor {
 public:
  virtual ~ScanVisitor() = default;
  // Before all others: when the ledger's oldest request came, whatever the query asks for; 0 where there is none.
  virtual void oldest(int64_t time_us) = 0;
  // All requests of the query, in the order of their keys: that of time, but for clocks that step back.
  virtual void request(const ScannedRequest& request) = 0;
  // After all requests: their attempts in any order, and maybe some of other requests between them.
  virtual void attempt(const ScannedAttempt& attempt) = 0;
};

}  // namespace weir
