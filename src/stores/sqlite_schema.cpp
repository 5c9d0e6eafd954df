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

// What the decision saw. Null in what older versions wrote, and where a request was refused before its facts were known.
constexpr std::string_view version_2 = R"sql(
ALTER TABLE requests ADD COLUMN asked_input  INTEGER;  -- tokens, as estimated for the decision
ALTER TABLE requests ADD COLUMN asked_output INTEGER;  -- max_tokens; 0: none was set
ALTER TABLE requests ADD COLUMN asked_flags  INTEGER;  -- 1: tools, 2: images, and 4 × `n`
)sql";

constexpr std::array steps = {version_1, version_2};

}  // namespace

std::span<const std::string_view> schema_steps() { return steps; }

}  // namespace weir::sqlite
