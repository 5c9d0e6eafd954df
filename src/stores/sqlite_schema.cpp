#include "stores/sqlite_schema.h"

#include <array>

namespace weir::sqlite {
namespace {

// Times are microseconds (`time_us` since the Unix epoch, the others durations), money is micro-dollars, 0/1 are
// no/yes.
constexpr std::string_view version_1 = R"sql(
CREATE TABLE requests (
  key            INTEGER PRIMARY KEY,  -- of the request id: time and source
  random         INTEGER NOT NULL,     -- of the request id
  time_us        INTEGER NOT NULL,
  operation      INTEGER NOT NULL,     -- 0 chat, 1 completion, 2 embedding
  caller         TEXT    NOT NULL,
  key_id         TEXT    NOT NULL,
  route          TEXT    NOT NULL,
  requested      TEXT    NOT NULL,
  reason         TEXT    NOT NULL,
  plan           INTEGER,              -- plans.hash
  classes        TEXT    NOT NULL,
  tags           TEXT    NOT NULL,
  model          TEXT    NOT NULL,
  provider       TEXT    NOT NULL,
  zone           TEXT    NOT NULL,
  outcome        TEXT    NOT NULL,
  http_status    INTEGER NOT NULL,
  stream         INTEGER NOT NULL,
  input          INTEGER NOT NULL,
  cached         INTEGER NOT NULL,
  output         INTEGER NOT NULL,
  reasoning      INTEGER NOT NULL,
  usage          INTEGER NOT NULL,     -- 0 none, 1 reported by the provider, 2 estimated
  cost           INTEGER NOT NULL,
  priced         INTEGER NOT NULL,     -- 0: an attempt has no known price
  baseline_cost  INTEGER,              -- null: no baseline
  first_token_us INTEGER NOT NULL,
  duration_us    INTEGER NOT NULL,
  sandbox        INTEGER NOT NULL,
  first_attempt  INTEGER NOT NULL,     -- attempts.number of the first; the others follow it
  attempts       INTEGER NOT NULL      -- how many
) STRICT;

CREATE TABLE attempts (
  number         INTEGER PRIMARY KEY,
  request        INTEGER NOT NULL,     -- requests.key
  model          TEXT    NOT NULL,
  provider       TEXT    NOT NULL,
  zone           TEXT    NOT NULL,
  outcome        TEXT    NOT NULL,
  message        TEXT    NOT NULL,
  http_status    INTEGER NOT NULL,
  started_us     INTEGER NOT NULL,
  first_token_us INTEGER NOT NULL,
  duration_us    INTEGER NOT NULL,
  queue_us       INTEGER NOT NULL,
  bad_events     INTEGER NOT NULL,
  partial        INTEGER NOT NULL,
  input          INTEGER NOT NULL,
  cached         INTEGER NOT NULL,
  output         INTEGER NOT NULL,
  reasoning      INTEGER NOT NULL,
  usage          INTEGER NOT NULL,
  cost           INTEGER NOT NULL,
  priced         INTEGER NOT NULL
) STRICT;

CREATE TABLE plans (
  hash INTEGER PRIMARY KEY,
  json TEXT NOT NULL
) STRICT;

CREATE TABLE keys (
  id                  TEXT PRIMARY KEY,
  name                TEXT    NOT NULL,
  hash                BLOB    NOT NULL UNIQUE,  -- SHA-256 of the secret
  hint                TEXT    NOT NULL,
  routes              TEXT    NOT NULL,         -- JSON array; [] = all
  requests_per_minute INTEGER NOT NULL,
  tokens_per_minute   INTEGER NOT NULL,
  budget_per_day      INTEGER NOT NULL,
  budget_per_month    INTEGER NOT NULL,
  admin               INTEGER NOT NULL,
  created_us          INTEGER NOT NULL,
  revoked_us          INTEGER NOT NULL
) STRICT;

-- What each key spent on each UTC day: kept with every commit, so that a start need not read the ledger.
CREATE TABLE spending (
  key_id       TEXT    NOT NULL,
  day          INTEGER NOT NULL,  -- since 1970-01-01
  requests     INTEGER NOT NULL,
  cost         INTEGER NOT NULL,
  last_time_us INTEGER NOT NULL,
  PRIMARY KEY (key_id, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO counters VALUES ('keys_version', 0);
)sql";

// Most requests share all of their text with others: it is kept once, and a request is a row of numbers, about 60 bytes
// instead of 280. The only attempt of most requests ended as the request did, and needs no row of its own. Whoever
// reads finds one row per request and one per attempt, with all texts, in the views `requests` and `attempts`.
constexpr std::string_view version_2 = R"sql(
CREATE TABLE callers (
  id     INTEGER PRIMARY KEY,
  name   TEXT NOT NULL,
  key_id TEXT NOT NULL,
  UNIQUE (name, key_id)
) STRICT;

CREATE TABLE shapes (
  id          INTEGER PRIMARY KEY,
  operation   INTEGER NOT NULL,  -- 0 chat, 1 completion, 2 embedding
  route       TEXT    NOT NULL,
  requested   TEXT    NOT NULL,
  reason      TEXT    NOT NULL,
  plan        INTEGER NOT NULL,  -- plans.hash; 0: none
  classes     TEXT    NOT NULL,
  model       TEXT    NOT NULL,
  provider    TEXT    NOT NULL,
  zone        TEXT    NOT NULL,
  outcome     TEXT    NOT NULL,
  http_status INTEGER NOT NULL,
  stream      INTEGER NOT NULL,
  usage       INTEGER NOT NULL,  -- 0 none, 1 reported by the provider, 2 estimated
  priced      INTEGER NOT NULL,  -- 0: an attempt has no known price
  sandbox     INTEGER NOT NULL,
  UNIQUE (operation, route, requested, reason, plan, classes, model, provider, zone, outcome, http_status, stream,
          usage, priced, sandbox)
) STRICT;

INSERT INTO callers (name, key_id) SELECT DISTINCT caller, key_id FROM requests;
INSERT INTO shapes (operation, route, requested, reason, plan, classes, model, provider, zone, outcome, http_status,
                    stream, usage, priced, sandbox)
  SELECT DISTINCT operation, route, requested, reason, coalesce(plan, 0), classes, model, provider, zone, outcome,
                  http_status, stream, usage, priced, sandbox FROM requests;

ALTER TABLE attempts RENAME TO attempt_rows;
ALTER TABLE requests RENAME TO requests_1;
CREATE TABLE request_rows (
  key                    INTEGER PRIMARY KEY,  -- of the request id: time and source
  random                 INTEGER NOT NULL,     -- of the request id
  time_us                INTEGER NOT NULL,
  caller                 INTEGER NOT NULL,     -- callers.id
  shape                  INTEGER NOT NULL,     -- shapes.id
  tags                   TEXT    NOT NULL,
  input                  INTEGER NOT NULL,
  cached                 INTEGER NOT NULL,
  output                 INTEGER NOT NULL,
  reasoning              INTEGER NOT NULL,
  cost                   INTEGER NOT NULL,
  baseline_cost          INTEGER,              -- null: no baseline
  first_token_us         INTEGER NOT NULL,
  duration_us            INTEGER NOT NULL,
  first_attempt          INTEGER NOT NULL,     -- attempts.number of the first; the others follow it
  attempts               INTEGER NOT NULL,     -- how many
  attempt_started_us     INTEGER,              -- of the only attempt, where it ended as the request did; else null, and
  attempt_first_token_us INTEGER,              -- the attempts are rows of their own
  attempt_duration_us    INTEGER,
  asked_input            INTEGER,              -- tokens, as estimated for the decision; null: refused before, or older
  asked_output           INTEGER,              -- max_tokens; 0: none was set
  asked_flags            INTEGER               -- 1: tools, 2: images, and 4 × `n`
) STRICT;

INSERT INTO request_rows
  SELECT r.key, r.random, r.time_us, c.id, s.id, r.tags, r.input, r.cached, r.output, r.reasoning, r.cost,
         r.baseline_cost, r.first_token_us, r.duration_us, r.first_attempt, r.attempts, NULL, NULL, NULL, NULL, NULL,
         NULL
  FROM requests_1 r
    CROSS JOIN callers c ON c.name = r.caller AND c.key_id = r.key_id
    CROSS JOIN shapes s ON
      s.operation = r.operation AND s.route = r.route AND s.requested = r.requested AND s.reason = r.reason AND
      s.plan = coalesce(r.plan, 0) AND s.classes = r.classes AND s.model = r.model AND s.provider = r.provider AND
      s.zone = r.zone AND s.outcome = r.outcome AND s.http_status = r.http_status AND s.stream = r.stream AND
      s.usage = r.usage AND s.priced = r.priced AND s.sandbox = r.sandbox
  ORDER BY r.key;
DROP TABLE requests_1;

INSERT INTO counters SELECT 'next_attempt', coalesce(max(number), 0) + 1 FROM attempt_rows;

CREATE VIEW requests AS
  SELECT r.key, r.random, r.time_us, s.operation, c.name AS caller, c.key_id, s.route, s.requested, s.reason, s.plan,
         s.classes, r.tags, s.model, s.provider, s.zone, s.outcome, s.http_status, s.stream, r.input, r.cached,
         r.output, r.reasoning, s.usage, r.cost, s.priced, r.baseline_cost, r.first_token_us, r.duration_us, s.sandbox,
         r.first_attempt, r.attempts, r.attempt_started_us, r.attempt_first_token_us, r.attempt_duration_us,
         r.asked_input, r.asked_output, r.asked_flags
  FROM request_rows r CROSS JOIN shapes s ON s.id = r.shape CROSS JOIN callers c ON c.id = r.caller;

CREATE VIEW attempts AS
  SELECT number, request, model, provider, zone, outcome, message, http_status, started_us, first_token_us, duration_us,
         queue_us, bad_events, partial, input, cached, output, reasoning, usage, cost, priced
  FROM attempt_rows
  UNION ALL
  SELECT first_attempt, key, model, provider, zone, outcome, '', http_status, attempt_started_us,
         attempt_first_token_us, attempt_duration_us, 0, 0, 0, input, cached, output, reasoning, usage, cost, priced
  FROM requests WHERE attempt_started_us IS NOT NULL;
)sql";

// What a provider's cache took in, and where prices came from (PriceMark in ledger/entry.h).
constexpr std::string_view version_3 = R"sql(
ALTER TABLE request_rows ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
ALTER TABLE request_rows ADD COLUMN price   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempt_rows ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempt_rows ADD COLUMN price   INTEGER NOT NULL DEFAULT 0;

DROP VIEW attempts;
DROP VIEW requests;
CREATE VIEW requests AS
  SELECT r.key, r.random, r.time_us, s.operation, c.name AS caller, c.key_id, s.route, s.requested, s.reason, s.plan,
         s.classes, r.tags, s.model, s.provider, s.zone, s.outcome, s.http_status, s.stream, r.input, r.cached,
         r.written, r.output, r.reasoning, s.usage, r.cost, s.priced, r.price, r.baseline_cost, r.first_token_us,
         r.duration_us, s.sandbox, r.first_attempt, r.attempts, r.attempt_started_us, r.attempt_first_token_us,
         r.attempt_duration_us, r.asked_input, r.asked_output, r.asked_flags
  FROM request_rows r CROSS JOIN shapes s ON s.id = r.shape CROSS JOIN callers c ON c.id = r.caller;

CREATE VIEW attempts AS
  SELECT number, request, model, provider, zone, outcome, message, http_status, started_us, first_token_us, duration_us,
         queue_us, bad_events, partial, input, cached, written, output, reasoning, usage, cost, priced, price
  FROM attempt_rows
  UNION ALL
  SELECT first_attempt, key, model, provider, zone, outcome, '', http_status, attempt_started_us,
         attempt_first_token_us, attempt_duration_us, 0, 0, 0, input, cached, written, output, reasoning, usage, cost,
         priced, price
  FROM requests WHERE attempt_started_us IS NOT NULL;
)sql";

// What is paid by something else than tokens: thousandths of a picture, of a second of sound …
constexpr std::string_view version_4 = R"sql(
ALTER TABLE request_rows ADD COLUMN units INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempt_rows ADD COLUMN units INTEGER NOT NULL DEFAULT 0;

DROP VIEW attempts;
DROP VIEW requests;
CREATE VIEW requests AS
  SELECT r.key, r.random, r.time_us, s.operation, c.name AS caller, c.key_id, s.route, s.requested, s.reason, s.plan,
         s.classes, r.tags, s.model, s.provider, s.zone, s.outcome, s.http_status, s.stream, r.input, r.cached,
         r.written, r.output, r.reasoning, r.units, s.usage, r.cost, s.priced, r.price, r.baseline_cost,
         r.first_token_us, r.duration_us, s.sandbox, r.first_attempt, r.attempts, r.attempt_started_us,
         r.attempt_first_token_us, r.attempt_duration_us, r.asked_input, r.asked_output, r.asked_flags
  FROM request_rows r CROSS JOIN shapes s ON s.id = r.shape CROSS JOIN callers c ON c.id = r.caller;

CREATE VIEW attempts AS
  SELECT number, request, model, provider, zone, outcome, message, http_status, started_us, first_token_us, duration_us,
         queue_us, bad_events, partial, input, cached, written, output, reasoning, units, usage, cost, priced, price
  FROM attempt_rows
  UNION ALL
  SELECT first_attempt, key, model, provider, zone, outcome, '', http_status, attempt_started_us,
         attempt_first_token_us, attempt_duration_us, 0, 0, 0, input, cached, written, output, reasoning, units, usage,
         cost, priced, price
  FROM requests WHERE attempt_started_us IS NOT NULL;
)sql";

// What most requests do not have: a row for each that does. Difficulty and score in millionths; null: there is none.
constexpr std::string_view version_5 = R"sql(
CREATE TABLE request_marks (
  request     INTEGER PRIMARY KEY,  -- request_rows.key
  task        TEXT    NOT NULL,
  difficulty  INTEGER,
  redacted    TEXT    NOT NULL,     -- `email:2,iban:1`
  cache       TEXT    NOT NULL,     -- `hit`, `miss` …
  cache_saved INTEGER NOT NULL,
  experiment  TEXT    NOT NULL,     -- `NAME:ARM`
  score       INTEGER
) STRICT;
ALTER TABLE attempt_rows ADD COLUMN purpose  TEXT    NOT NULL DEFAULT '';
ALTER TABLE attempt_rows ADD COLUMN score    INTEGER;
ALTER TABLE attempt_rows ADD COLUMN redacted INTEGER NOT NULL DEFAULT 0;

DROP VIEW attempts;
DROP VIEW requests;
CREATE VIEW requests AS
  SELECT r.key, r.random, r.time_us, s.operation, c.name AS caller, c.key_id, s.route, s.requested, s.reason, s.plan,
         s.classes, r.tags, s.model, s.provider, s.zone, s.outcome, s.http_status, s.stream, r.input, r.cached,
         r.written, r.output, r.reasoning, r.units, s.usage, r.cost, s.priced, r.price, r.baseline_cost,
         r.first_token_us, r.duration_us, s.sandbox, r.first_attempt, r.attempts, r.attempt_started_us,
         r.attempt_first_token_us, r.attempt_duration_us, r.asked_input, r.asked_output, r.asked_flags,
         coalesce(m.task, '') AS task, m.difficulty, coalesce(m.redacted, '') AS redacted,
         coalesce(m.cache, '') AS cache, coalesce(m.cache_saved, 0) AS cache_saved,
         coalesce(m.experiment, '') AS experiment, m.score
  FROM request_rows r CROSS JOIN shapes s ON s.id = r.shape CROSS JOIN callers c ON c.id = r.caller
    LEFT JOIN request_marks m ON m.request = r.key;

CREATE VIEW attempts AS
  SELECT number, request, model, provider, zone, outcome, message, http_status, started_us, first_token_us, duration_us,
         queue_us, bad_events, partial, input, cached, written, output, reasoning, units, usage, cost, priced, price,
         purpose, score, redacted
  FROM attempt_rows
  UNION ALL
  SELECT first_attempt, key, model, provider, zone, outcome, '', http_status, attempt_started_us,
         attempt_first_token_us, attempt_duration_us, 0, 0, 0, input, cached, written, output, reasoning, units, usage,
         cost, priced, price, '', NULL, 0
  FROM requests WHERE attempt_started_us IS NOT NULL;
)sql";

// The audit (ledger/audit.h): what left and what was held, chained. Of an erased row nothing but its place is left.
constexpr std::string_view version_6 = R"sql(
CREATE TABLE audit (
  number         INTEGER PRIMARY KEY,  -- from 1 on, without gaps
  request        INTEGER,              -- request_rows.key; null: erased
  random         INTEGER NOT NULL,     -- request_rows.random
  digest         BLOB    NOT NULL,
  mac            BLOB    NOT NULL,
  key_mark       INTEGER NOT NULL,     -- of the key that it was made with
  zones          TEXT    NOT NULL,     -- not local ones, that it was sent to as it was
  redacted_zones TEXT    NOT NULL      -- the same, without what was taken out
) STRICT;
CREATE INDEX audit_by_request ON audit (request);
CREATE TABLE audit_head (one INTEGER PRIMARY KEY, number INTEGER NOT NULL, seal BLOB NOT NULL) STRICT;
)sql";

// What somebody thought of an answer later; the score in millionths.
constexpr std::string_view version_7 = R"sql(
CREATE TABLE feedback (
  request_id TEXT    PRIMARY KEY,  -- as callers know it
  time_us    INTEGER NOT NULL,
  score      INTEGER NOT NULL,
  comment    TEXT    NOT NULL,
  key_id     TEXT    NOT NULL
) STRICT;
)sql";

constexpr std::array steps = {version_1, version_2, version_3, version_4, version_5, version_6, version_7};

}  // namespace

std::span<const std::string_view> schema_steps() { return steps; }

}  // namespace weir::sqlite
