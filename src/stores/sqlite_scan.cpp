#include "stores/sqlite_scan.h"

#include <algorithm>

#include "core/id.h"
#include "core/saturating.h"
#include "stores/sqlite_rows.h"

namespace weir::sqlite {
namespace {

// Keys start with the time, so that this reads only the rows of that time.
constexpr std::string_view select_requests =
    "SELECT time_us, operation, caller, key_id, route, requested, classes, tags, model, zone, outcome, stream, input, "
    "cached, output, reasoning, usage, written, units, cost, priced, baseline_cost, first_token_us, duration_us, "
    "sandbox, "
    "first_attempt, attempts, asked_input, asked_output, asked_flags, task, cache, experiment, difficulty, score FROM "
    "requests WHERE key >= ? AND key < ? "
    "ORDER BY key";
// Of the view `attempts` its two halves, each by what it is sorted by.
constexpr std::string_view select_attempt_rows =
    "SELECT number, model, provider, zone, outcome, http_status, started_us, first_token_us, duration_us, queue_us, "
    "input, cached, output, reasoning, usage, written, units, cost, priced, purpose, score FROM attempt_rows WHERE "
    "number >= ? AND "
    "number < ?";
constexpr std::string_view select_only_attempts =
    "SELECT first_attempt, model, provider, zone, outcome, http_status, attempt_started_us, attempt_first_token_us, "
    "attempt_duration_us, 0, input, cached, output, reasoning, usage, written, units, cost, priced, '', NULL FROM "
    "requests "
    "WHERE key >= ? AND key < ? AND attempt_started_us IS NOT NULL";

// Pages are read where the kernel has them, instead of through a small cache: a scan reads each once.
constexpr const char* read_mapped = "PRAGMA mmap_size = 1099511627776";

// Attempts are numbered in the order they were written, which is nearly that of the requests.
struct Numbers {
  int64_t first = INT64_MAX;
  int64_t end = 0;
};

// A state of the ledger that stays the same between two statements.
class Reading {
 public:
  static Result<Reading> begin(const Database& database) {
    if (auto begun = database.execute("BEGIN"); !begun) return failure(begun.error());
    return Reading(&database);
  }
  Reading(Reading&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Reading& operator=(Reading&&) = delete;
  ~Reading() {
    if (database_) static_cast<void>(database_->execute("COMMIT"));
  }

 private:
  explicit Reading(const Database* database) : database_(database) {}
  const Database* database_;
};

void read_request(Statement& row, ScannedRequest& request) {
  request.time_us = row.next_integer();
  request.operation = static_cast<Operation>(row.next_integer());
  for (auto* field : {&request.caller, &request.key_id, &request.route, &request.requested, &request.classes,
                      &request.tags, &request.model, &request.zone, &request.outcome}) {
    *field = row.next_text();
  }
  request.stream = row.next_integer() != 0;
  request.usage = read_usage(row);
  request.cost = row.next_integer();
  request.priced = row.next_integer() != 0;
  request.baseline_cost = row.next_optional_integer();
  request.first_token_us = row.next_integer();
  request.duration_us = row.next_integer();
  request.sandbox = row.next_integer() != 0;
  request.first_attempt = row.next_integer();
  request.attempts = row.next_integer();
  request.asked = read_asked(row);
  for (auto* field : {&request.task, &request.cache, &request.experiment}) *field = row.next_text();
  request.difficulty = read_share(row);
  request.score = read_share(row);
}

void read_attempt(Statement& row, ScannedAttempt& attempt) {
  attempt.number = row.next_integer();
  for (auto* field : {&attempt.model, &attempt.provider, &attempt.zone, &attempt.outcome}) *field = row.next_text();
  attempt.http_status = static_cast<int32_t>(row.next_integer());
  for (auto* field : {&attempt.started_us, &attempt.first_token_us, &attempt.duration_us, &attempt.queue_us}) {
    *field = row.next_integer();
  }
  attempt.usage = read_usage(row);
  attempt.cost = row.next_integer();
  attempt.price_known = row.next_integer() != 0;
  attempt.purpose = row.next_text();
  attempt.score = read_share(row);
}

struct Keys {
  int64_t first = 0;
  int64_t end = INT64_MAX;
};

Result<Numbers> scan_requests(const Database& database, Keys keys, ScanVisitor& visitor) {
  auto row = database.prepare(select_requests);
  if (!row) return failure(row.error());
  row->bind(keys.first).bind(keys.end);
  Numbers numbers;
  ScannedRequest request;
  const auto done = for_each_row(*row, [&](Statement&) {
    read_request(*row, request);
    if (request.attempts > 0) {
      numbers.first = std::min(numbers.first, request.first_attempt);
      numbers.end = std::max(numbers.end, saturating_add(request.first_attempt, request.attempts));
    }
    visitor.request(request);
  });
  if (!done) return failure(done.error());
  return numbers;
}

Status scan_attempts(const Database& database, std::string_view select, int64_t first, int64_t end,
                     ScanVisitor& visitor) {
  auto row = database.prepare(select);
  if (!row) return failure(row.error());
  row->bind(first).bind(end);
  ScannedAttempt attempt;
  return for_each_row(*row, [&](Statement&) {
    read_attempt(*row, attempt);
    visitor.attempt(attempt);
  });
}

}  // namespace

Status scan_rows(const Database& database, const ScanQuery& query, ScanVisitor& visitor) {
  if (auto set = database.execute(read_mapped); !set) return set;
  const auto reading = Reading::begin(database);
  if (!reading) return failure(reading.error());
  const auto oldest = database.integer("SELECT time_us FROM request_rows ORDER BY key LIMIT 1");
  if (!oldest) return failure(oldest.error());
  visitor.oldest(*oldest);
  const Keys keys{.first = first_key_at(query.since_us),
                  .end = query.until_us == INT64_MAX ? INT64_MAX : first_key_at(query.until_us)};
  const auto numbers = scan_requests(database, keys, visitor);
  if (!numbers) return failure(numbers.error());
  if (numbers->end == 0) return {};
  auto rows = scan_attempts(database, select_attempt_rows, numbers->first, numbers->end, visitor);
  if (!rows) return rows;
  return scan_attempts(database, select_only_attempts, keys.first, keys.end, visitor);
}

}  // namespace weir::sqlite
