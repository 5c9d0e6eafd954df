#include "stores/sqlite_rows.h"

#include <cmath>

#include "core/saturating.h"
#include "core/stable_hash.h"

namespace weir::sqlite {
namespace {

// Two ids may have the same key when they were made on different machines; then the second takes the next free one.
constexpr int64_t key_tries = 16;
constexpr std::size_t most_known_plans = 256;
constexpr std::size_t most_known_names = 4096;

constexpr std::string_view insert_request_sql =
    "INSERT INTO request_rows VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
// What is there already is found by its unique index; the update changes nothing, but makes RETURNING give its id.
constexpr std::string_view find_or_insert_shape_sql =
    "INSERT INTO shapes VALUES (NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET id = id RETURNING id";
constexpr std::string_view find_or_insert_caller_sql =
    "INSERT INTO callers VALUES (NULL,?,?) ON CONFLICT DO UPDATE SET id = id RETURNING id";
constexpr std::string_view insert_attempt_sql =
    "INSERT INTO attempt_rows VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr std::string_view insert_marks_sql = "INSERT INTO request_marks VALUES (?,?,?,?,?,?,?,?)";
constexpr std::string_view select_request_sql =
    "SELECT time_us, operation, caller, key_id, route, requested, reason, p.json, classes, tags, model, "
    "provider, zone, outcome, http_status, stream, input, cached, output, reasoning, usage, written, units, cost, "
    "baseline_cost, "
    "first_token_us, duration_us, sandbox, first_attempt, attempts, "
    "attempt_started_us, attempt_first_token_us, attempt_duration_us, priced, price, asked_input, asked_output, "
    "asked_flags, task, difficulty, redacted, cache, cache_saved, experiment, score FROM requests r LEFT JOIN plans p "
    "ON p.hash = r.plan WHERE r.key BETWEEN ?1 AND ?1 + ?2 AND r.random "
    "= ?3";
constexpr std::string_view select_attempts_sql =
    "SELECT model, provider, zone, outcome, message, http_status, started_us, first_token_us, duration_us, queue_us, "
    "bad_events, partial, input, cached, output, reasoning, usage, written, units, cost, priced, price, "
    "purpose, score, redacted FROM attempt_rows WHERE number >= ? AND number < ? ORDER BY number";

enum class UsageKind : uint8_t {
  none,
  reported,
  estimated,
  implausible
};  // the last: reported, and cut to what can be

int64_t usage_kind(const Usage& usage) {
  return static_cast<int64_t>(usage.estimated     ? UsageKind::estimated
                              : !usage.known      ? UsageKind::none
                              : usage.implausible ? UsageKind::implausible
                                                  : UsageKind::reported);
}

int64_t kept_units(const Usage& usage) { return std::max<int64_t>(usage.units, 0); }

void bind_usage(Statement& statement, const Usage& usage) {
  statement.bind(usage.input).bind(usage.cached).bind(usage.output).bind(usage.reasoning).bind(usage_kind(usage));
}

// Of the number that holds what was asked: bits 0 and 1 and, since older versions wrote the number of choices between
// them, bits from 20 on.
constexpr int64_t asked_tools = 1;
constexpr int64_t asked_images = 2;
constexpr int64_t asked_choice = 4;
constexpr int64_t asked_files = int64_t{1} << 20;
constexpr int64_t asked_audio = int64_t{1} << 21;

void bind_asked(Statement& statement, const AskedFacts& asked) {
  if (!asked.known) {
    statement.bind_null().bind_null().bind_null();
    return;
  }
  const auto choices = std::clamp<int64_t>(asked.choices, 0, asked_files / asked_choice - 1);
  const int64_t flags = (asked.has_tools ? asked_tools : 0) | (asked.has_images ? asked_images : 0) |
                        (asked.has_files ? asked_files : 0) | (asked.has_audio ? asked_audio : 0) |
                        choices * asked_choice;
  statement.bind(asked.input_tokens).bind(asked.output_tokens).bind(flags);
}

// Of what is between 0 and 1, -1 = none.
constexpr double millionths = 1e6;

void bind_share(Statement& statement, double share) {
  share < 0 ? statement.bind_null()
            : statement.bind(static_cast<int64_t>(std::lround(std::min(share, 1.0) * millionths)));
}

bool has_marks(const Entry& entry) {
  return !entry.task.empty() || entry.difficulty >= 0 || !entry.redacted.empty() || !entry.cache.empty() ||
         entry.cache_saved != 0 || !entry.experiment.empty() || entry.score >= 0;
}

// An attempt that used nothing costs nothing, whatever its price.
bool is_priced(const AttemptEntry& attempt) {
  return attempt.price_known || (attempt.usage.input == 0 && attempt.usage.output == 0 && attempt.usage.units == 0);
}

// All that is kept of them.
bool same_counts(const Usage& a, const Usage& b) {
  return a.input == b.input && a.cached == b.cached && a.written == b.written && a.output == b.output &&
         a.reasoning == b.reasoning && a.units == b.units && usage_kind(a) == usage_kind(b);
}

// The entry says all of its only attempt, but when it was.
bool told_by(const Entry& entry, const AttemptEntry& attempt) {
  return attempt.model == entry.model && attempt.provider == entry.provider && attempt.zone == entry.zone &&
         attempt.outcome == entry.outcome && attempt.message.empty() && attempt.http_status == entry.http_status &&
         attempt.queue_us == 0 && attempt.bad_events == 0 && !attempt.partial && attempt.purpose.empty() &&
         attempt.score < 0 && !attempt.redacted && same_counts(attempt.usage, entry.usage) &&
         attempt.cost == entry.cost && attempt.price_known == is_priced(attempt);
}

bool has_own_rows(const Entry& entry) { return entry.attempts.size() != 1 || !told_by(entry, entry.attempts.front()); }

void append_content(std::string& out, std::string_view text) {
  const auto size = text.size();
  out.append(reinterpret_cast<const char*>(&size), sizeof size).append(text);
}

PriceMarks marks_of(const Entry& entry) {
  PriceMarks marks = 0;
  for (const auto& attempt : entry.attempts) marks |= attempt.price;
  return marks;
}

bool all_priced(const Entry& entry) { return std::all_of(entry.attempts.begin(), entry.attempts.end(), is_priced); }

// Of 63 bits. Equal hashes of different plans are told apart by their text.
int64_t hash_of(std::string_view text) { return static_cast<int64_t>(fnv1a(text) >> 1); }

}  // namespace

Usage read_usage(Statement& row) {
  Usage usage;
  usage.input = row.next_integer();
  usage.cached = row.next_integer();
  usage.output = row.next_integer();
  usage.reasoning = row.next_integer();
  const auto kind = static_cast<UsageKind>(row.next_integer());
  usage.written = row.next_integer();
  usage.units = row.next_integer();
  usage.known = kind == UsageKind::reported || kind == UsageKind::implausible;
  usage.implausible = kind == UsageKind::implausible;
  usage.estimated = kind == UsageKind::estimated;
  return usage;
}

AskedFacts read_asked(Statement& row) {
  const auto input = row.next_optional_integer();
  const auto output = row.next_integer();
  const auto flags = row.next_integer();
  if (!input) return {};
  return {.input_tokens = *input,
          .output_tokens = output,
          .choices = flags % asked_files / asked_choice,
          .has_tools = (flags & asked_tools) != 0,
          .has_images = (flags & asked_images) != 0,
          .has_files = (flags & asked_files) != 0,
          .has_audio = (flags & asked_audio) != 0,
          .known = true};
}

double read_share(Statement& row) {
  const auto share = row.next_optional_integer();
  return share ? static_cast<double>(*share) / millionths : -1;
}

Result<EntryWriter> EntryWriter::prepare(const Database& database) {
  EntryWriter writer;
  struct Wanted {
    Statement* statement;
    std::string_view sql;
  };
  for (const auto& [statement, sql] : {
           Wanted{&writer.request_, insert_request_sql},
           Wanted{&writer.request_random_, "SELECT random FROM request_rows WHERE key = ?"},
           Wanted{&writer.marks_, insert_marks_sql},
           Wanted{&writer.attempt_, insert_attempt_sql},
           Wanted{&writer.shape_, find_or_insert_shape_sql},
           Wanted{&writer.caller_, find_or_insert_caller_sql},
           Wanted{&writer.plan_, "INSERT INTO plans VALUES (?, ?)"},
           Wanted{&writer.plan_json_, "SELECT json FROM plans WHERE hash = ?"},
       }) {
    auto prepared = database.prepare(sql);
    if (!prepared) return failure(prepared.error());
    *statement = std::move(*prepared);
  }
  return writer;
}

Status EntryWriter::begin(const Database& database) {
  const auto next = database.integer("SELECT value FROM counters WHERE name = 'next_attempt'");
  if (!next) return failure(next.error());
  next_attempt_ = *next;
  return {};
}

Status EntryWriter::end(const Database& database) {
  const auto sql = fmt::format("UPDATE counters SET value = {} WHERE name = 'next_attempt'", next_attempt_);
  return database.execute(sql.c_str());
}

void EntryWriter::forget() {
  known_plans_.clear();
  known_shapes_.clear();
  known_callers_.clear();
}

Result<std::optional<RequestKey>> EntryWriter::add(const Entry& entry, RequestKey key) {
  const auto caller = caller_of(entry);
  if (!caller) return failure(caller.error());
  const auto shape = shape_of(entry);
  if (!shape) return failure(shape.error());
  const auto wanted = key;
  for (; key.key < wanted.key + key_tries; ++key.key) {
    auto added = insert_request(entry, key, *caller, *shape);
    if (!added) return failure(added.error());
    if (*added == Added::yes) {
      if (auto marked = insert_marks(entry, key.key); !marked) return failure(marked.error());
      if (!has_own_rows(entry)) {
        ++next_attempt_;
        return key;
      }
      for (const auto& attempt : entry.attempts) {
        if (auto status = insert_attempt(attempt, key.key); !status) return failure(status.error());
      }
      return key;
    }
    request_random_.bind(key.key);
    const auto found = request_random_.step();
    const bool same = found && *found == Step::row && request_random_.integer(0) == static_cast<int64_t>(key.random);
    request_random_.reset();
    if (!found) return failure(found.error());
    if (same) return std::nullopt;
  }
  return failure(ErrorCode::internal, "no free key for request " + entry.id);
}

Result<int64_t> EntryWriter::caller_of(const Entry& entry) {
  content_.clear();
  append_content(content_, entry.caller);
  append_content(content_, entry.key_id);
  if (const auto known = known_callers_.find(content_); known != known_callers_.end()) return known->second;
  caller_.bind(entry.caller).bind(entry.key_id);
  return remember(caller_, known_callers_);
}

Result<int64_t> EntryWriter::shape_of(const Entry& entry) {
  int64_t plan = 0;
  if (entry.plan) {
    auto hash = plan_hash(entry.plan);
    if (!hash) return hash;
    plan = *hash;
  }
  const std::array numbers = {static_cast<int64_t>(entry.operation),
                              plan,
                              int64_t{entry.http_status},
                              int64_t{entry.stream},
                              usage_kind(entry.usage),
                              int64_t{all_priced(entry)},
                              int64_t{entry.sandbox}};
  content_.assign(reinterpret_cast<const char*>(numbers.data()), sizeof numbers);
  for (const auto* text : {&entry.route, &entry.requested, &entry.reason, &entry.classes, &entry.model, &entry.provider,
                           &entry.zone, &entry.outcome}) {
    append_content(content_, *text);
  }
  if (const auto known = known_shapes_.find(content_); known != known_shapes_.end()) return known->second;
  const auto [operation, hash, status, stream, usage, priced, sandbox] = numbers;
  shape_.bind(operation).bind(entry.route).bind(entry.requested).bind(entry.reason).bind(hash).bind(entry.classes);
  shape_.bind(entry.model).bind(entry.provider).bind(entry.zone).bind(entry.outcome).bind(status).bind(stream);
  shape_.bind(usage).bind(priced).bind(sandbox);
  return remember(shape_, known_shapes_);
}

// Runs a bound "find or insert" for `content_`.
Result<int64_t> EntryWriter::remember(Statement& find_or_insert, std::unordered_map<std::string, int64_t>& known) {
  const auto step = find_or_insert.step();
  const int64_t id = step && *step == Step::row ? find_or_insert.integer(0) : 0;
  find_or_insert.reset();
  if (!step) return failure(step.error());
  if (known.size() >= most_known_names) known.clear();
  known.emplace(content_, id);
  return id;
}

Result<Added> EntryWriter::insert_request(const Entry& entry, RequestKey key, int64_t caller, int64_t shape) {
  request_.bind(key.key).bind(static_cast<int64_t>(key.random)).bind(entry.time_us).bind(caller).bind(shape);
  request_.bind(entry.tags);
  request_.bind(entry.usage.input).bind(entry.usage.cached).bind(entry.usage.output).bind(entry.usage.reasoning);
  request_.bind(entry.cost);
  entry.baseline_known ? request_.bind(entry.baseline_cost) : request_.bind_null();
  request_.bind(entry.first_token_us).bind(entry.duration_us);
  request_.bind(next_attempt_).bind(static_cast<int64_t>(entry.attempts.size()));
  if (has_own_rows(entry)) {
    request_.bind_null().bind_null().bind_null();
  } else {
    const auto& attempt = entry.attempts.front();
    request_.bind(attempt.started_us).bind(attempt.first_token_us).bind(attempt.duration_us);
  }
  bind_asked(request_, entry.asked);
  request_.bind(entry.usage.written).bind(int64_t{marks_of(entry)}).bind(kept_units(entry.usage));
  const auto step = request_.run();
  if (!step) return failure(step.error());
  return *step == Step::duplicate ? Added::was_there : Added::yes;
}

Status EntryWriter::insert_marks(const Entry& entry, int64_t request) {
  if (!has_marks(entry)) return {};
  marks_.bind(request).bind(entry.task);
  bind_share(marks_, entry.difficulty);
  marks_.bind(entry.redacted).bind(entry.cache).bind(entry.cache_saved).bind(entry.experiment);
  bind_share(marks_, entry.score);
  const auto step = marks_.run();
  if (!step) return failure(step.error());
  return {};
}

Status EntryWriter::insert_attempt(const AttemptEntry& attempt, int64_t request) {
  attempt_.bind(next_attempt_++).bind(request).bind(attempt.model).bind(attempt.provider).bind(attempt.zone);
  attempt_.bind(attempt.outcome).bind(attempt.message).bind(int64_t{attempt.http_status}).bind(attempt.started_us);
  attempt_.bind(attempt.first_token_us).bind(attempt.duration_us).bind(attempt.queue_us).bind(attempt.bad_events);
  attempt_.bind(int64_t{attempt.partial});
  bind_usage(attempt_, attempt.usage);
  attempt_.bind(attempt.cost).bind(int64_t{attempt.price_known});
  attempt_.bind(attempt.usage.written).bind(int64_t{attempt.price}).bind(kept_units(attempt.usage));
  attempt_.bind(attempt.purpose);
  bind_share(attempt_, attempt.score);
  attempt_.bind(int64_t{attempt.redacted});
  const auto step = attempt_.run();
  if (!step) return failure(step.error());
  if (*step == Step::duplicate) return failure(ErrorCode::internal, "ledger: an attempt's number was taken already");
  return {};
}

Result<int64_t> EntryWriter::plan_hash(const std::shared_ptr<const std::string>& plan) {
  if (const auto known = known_plans_.find(plan); known != known_plans_.end()) return known->second;
  auto hash = store_plan(*plan);
  if (!hash) return hash;
  if (known_plans_.size() >= most_known_plans) known_plans_.clear();
  known_plans_.emplace(plan, *hash);
  return hash;
}

Result<int64_t> EntryWriter::store_plan(const std::string& json) {
  for (int64_t hash = hash_of(json);; ++hash) {
    plan_json_.bind(hash);
    const auto found = plan_json_.step();
    const bool taken = found && *found == Step::row;
    const bool same = taken && plan_json_.text(0) == json;
    plan_json_.reset();
    if (!found) return failure(found.error());
    if (same) return hash;
    if (taken) continue;
    plan_.bind(hash).bind(json);
    const auto step = plan_.run();
    if (!step) return failure(step.error());
    return hash;
  }
}

Result<EntryReader> EntryReader::prepare(const Database& database) {
  EntryReader reader;
  auto request = database.prepare(select_request_sql);
  if (!request) return failure(request.error());
  auto attempts = database.prepare(select_attempts_sql);
  if (!attempts) return failure(attempts.error());
  reader.request_ = std::move(*request);
  reader.attempts_ = std::move(*attempts);
  return reader;
}

Result<std::optional<Entry>> EntryReader::find(RequestKey key) {
  auto& row = request_;
  row.bind(key.key).bind(key_tries - 1).bind(static_cast<int64_t>(key.random));
  const auto step = row.step();
  if (!step || *step != Step::row) {
    row.reset();
    if (!step) return failure(step.error());
    return std::nullopt;
  }
  Entry entry;
  entry.id = to_request_id(key);
  entry.time_us = row.next_integer();
  entry.operation = static_cast<Operation>(row.next_integer());
  for (auto* field : {&entry.caller, &entry.key_id, &entry.route, &entry.requested, &entry.reason}) {
    *field = row.next_text();
  }
  if (const auto plan = row.next_text(); !plan.empty()) entry.plan = std::make_shared<const std::string>(plan);
  for (auto* field : {&entry.classes, &entry.tags, &entry.model, &entry.provider, &entry.zone, &entry.outcome}) {
    *field = row.next_text();
  }
  entry.http_status = static_cast<int32_t>(row.next_integer());
  entry.stream = row.next_integer() != 0;
  entry.usage = read_usage(row);
  entry.cost = row.next_integer();
  const auto baseline = row.next_optional_integer();
  entry.baseline_known = baseline.has_value();
  entry.baseline_cost = baseline.value_or(0);
  entry.first_token_us = row.next_integer();
  entry.duration_us = row.next_integer();
  entry.sandbox = row.next_integer() != 0;
  const int64_t first = row.next_integer();
  const int64_t count = row.next_integer();
  const auto started_us = row.next_optional_integer();
  const auto first_token_us = row.next_integer();
  const auto duration_us = row.next_integer();
  const bool priced = row.next_integer() != 0;
  const auto marks = static_cast<PriceMarks>(row.next_integer());
  entry.asked = read_asked(row);
  entry.task = row.next_text();
  entry.difficulty = read_share(row);
  entry.redacted = row.next_text();
  entry.cache = row.next_text();
  entry.cache_saved = row.next_integer();
  entry.experiment = row.next_text();
  entry.score = read_share(row);
  row.reset();
  if (started_us) {
    entry.attempts.push_back({.model = entry.model,
                              .provider = entry.provider,
                              .zone = entry.zone,
                              .outcome = entry.outcome,
                              .http_status = entry.http_status,
                              .started_us = *started_us,
                              .first_token_us = first_token_us,
                              .duration_us = duration_us,
                              .usage = entry.usage,
                              .cost = entry.cost,
                              .price_known = priced,
                              .price = marks});
    return entry;
  }
  if (auto status = read_attempts(entry, first, count); !status) return failure(status.error());
  return entry;
}

Status EntryReader::read_attempts(Entry& entry, int64_t first, int64_t count) {
  auto& row = attempts_;
  row.bind(first).bind(saturating_add(first, count));
  for (;;) {
    const auto step = row.step();
    if (!step || *step != Step::row) {
      row.reset();
      if (!step) return failure(step.error());
      return {};
    }
    auto& attempt = entry.attempts.emplace_back();
    for (auto* field : {&attempt.model, &attempt.provider, &attempt.zone, &attempt.outcome, &attempt.message}) {
      *field = row.next_text();
    }
    attempt.http_status = static_cast<int32_t>(row.next_integer());
    for (auto* field :
         {&attempt.started_us, &attempt.first_token_us, &attempt.duration_us, &attempt.queue_us, &attempt.bad_events}) {
      *field = row.next_integer();
    }
    attempt.partial = row.next_integer() != 0;
    attempt.usage = read_usage(row);
    attempt.cost = row.next_integer();
    attempt.price_known = row.next_integer() != 0;
    attempt.price = static_cast<PriceMarks>(row.next_integer());
    attempt.purpose = row.next_text();
    attempt.score = read_share(row);
    attempt.redacted = row.next_integer() != 0;
  }
}

}  // namespace weir::sqlite
