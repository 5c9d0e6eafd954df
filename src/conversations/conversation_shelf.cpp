#include "conversations/conversation_shelf.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "stores/side_file.h"

namespace weir {
namespace {

constexpr std::size_t most_turns = 10'000;  // of one conversation
constexpr int64_t swept_at_once = 256;
constexpr int time_column = 6;  // of the rows that are found

// auto_vacuum is a property of a file that has no table yet. secure_delete overwrites what is deleted.
constexpr const char* schema =
    "CREATE TABLE turns ("
    "  number   INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  owner    TEXT    NOT NULL,"  // key that asked; '' = without keys
    "  id       TEXT    NOT NULL,"
    "  previous INTEGER NOT NULL,"  // turns.number; 0 = none
    "  time_us  INTEGER NOT NULL,"
    "  bytes    INTEGER NOT NULL,"
    "  declared TEXT    NOT NULL,"
    "  input    TEXT    NOT NULL,"
    "  answer   TEXT    NOT NULL"
    ") STRICT;"
    "CREATE INDEX turns_by_id ON turns (owner, id);"
    "CREATE INDEX turns_by_time ON turns (time_us);"
    "PRAGMA user_version = 1";
// Which request it came of, so that one request can be forgotten; '' = kept by a version that did not say.
constexpr const char* with_request =
    "ALTER TABLE turns ADD COLUMN request TEXT NOT NULL DEFAULT '';"
    "PRAGMA user_version = 2";
// Where the items of answers stand, so that one can be referred to by its id.
constexpr const char* with_items =
    "CREATE TABLE items ("
    "  owner  TEXT    NOT NULL,"
    "  id     TEXT    NOT NULL,"
    "  number INTEGER NOT NULL,"  // turns.number
    "  PRIMARY KEY (owner, id, number)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX items_by_number ON items (number);"
    "CREATE TRIGGER items_go AFTER DELETE ON turns BEGIN DELETE FROM items WHERE number = old.number; END;"
    "PRAGMA user_version = 3";
constexpr std::array steps = {schema, with_request, with_items};

Turn read_turn(sqlite::Statement& row) {
  Turn turn{.number = row.next_integer()};
  turn.id = row.next_text();
  turn.input = row.next_text();
  turn.answer = row.next_text();
  turn.declared = row.next_text();
  return turn;
}

}  // namespace

Result<ConversationShelf> ConversationShelf::open(const std::string& file) {
  auto database = sqlite::Database::open(file, sqlite::Database::Access::read_write);
  if (!database) return failure(database.error());
  ConversationShelf shelf(std::move(*database));
  if (auto ready = shelf.prepare(); !ready) return failure(ready.error());
  return shelf;
}

Status ConversationShelf::prepare() {
  if (auto set = set_up_side_file(database_, sqlite::Survives::power_cut); !set) return set;
  if (auto ready = sqlite::bring_to_version(database_, steps); !ready) return ready;
  constexpr std::string_view columns =
      "SELECT number, id, input, answer, declared, previous, time_us FROM turns WHERE ";
  const auto ready = [&](sqlite::Statement& statement, std::string_view sql) -> Status {
    auto made = database_.prepare(sql);
    if (!made) return failure(made.error());
    statement = std::move(*made);
    return {};
  };
  if (auto done =
          ready(insert_,
                "INSERT INTO turns (owner, id, previous, time_us, bytes, declared, input, answer, request) VALUES "
                "(?,?,?,?,?,?,?,?,?)");
      !done) {
    return done;
  }
  if (auto done = ready(by_id_, fmt::format("{}owner = ? AND id = ? ORDER BY number DESC LIMIT 1", columns)); !done)
    return done;
  if (auto done = ready(by_number_, fmt::format("{}owner = ? AND number = ?", columns)); !done) return done;
  if (auto done = ready(delete_, "DELETE FROM turns WHERE number = ?"); !done) return done;
  if (auto done = ready(insert_item_, "INSERT OR IGNORE INTO items (owner, id, number) VALUES (?,?,?)"); !done)
    return done;
  if (auto done = ready(by_item_, "SELECT number FROM items WHERE owner = ? AND id = ? ORDER BY number DESC LIMIT 1");
      !done) {
    return done;
  }
  const auto bytes = database_.integer("SELECT coalesce(sum(bytes), 0) FROM turns");
  if (!bytes) return failure(bytes.error());
  bytes_ = *bytes;
  return {};
}

Status ConversationShelf::add(std::span<const NewTurn> turns) {
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return failure(transaction.error());
  int64_t added = 0;
  for (const auto& turn : turns) {
    const auto bytes = static_cast<int64_t>(turn.bytes());
    insert_.bind(turn.owner).bind(turn.id).bind(turn.previous).bind(turn.time_us).bind(bytes);
    insert_.bind(turn.declared).bind(turn.input).bind(turn.answer).bind(turn.request);
    if (auto done = insert_.run(); !done) return failure(done.error());
    if (auto done = insert_items(turn); !done) return failure(done.error());
    added += bytes;
  }
  if (auto committed = transaction->commit(); !committed) return committed;
  bytes_ += added;
  return {};
}

Status ConversationShelf::insert_items(const NewTurn& turn) {
  if (turn.items.empty()) return {};
  const auto number = database_.integer("SELECT last_insert_rowid()");
  if (!number) return failure(number.error());
  for (const auto& item : turn.items) {
    insert_item_.bind(turn.owner).bind(item).bind(*number);
    if (auto done = insert_item_.run(); !done) return failure(done.error());
  }
  return {};
}

Result<int64_t> ConversationShelf::turn_with_item(std::string_view owner, std::string_view id) {
  by_item_.bind(owner).bind(id);
  const auto step = by_item_.step();
  const int64_t number = step && *step == sqlite::Step::row ? by_item_.integer(0) : 0;
  by_item_.reset();
  if (!step) return failure(step.error());
  return number;
}

Result<std::vector<Turn>> ConversationShelf::find_items(std::string_view owner, std::span<const std::string> ids,
                                                        Bounds bounds) {
  std::vector<Turn> turns;
  int64_t left = bounds.most_bytes;
  for (const auto& id : ids) {
    const auto number = turn_with_item(owner, id);
    if (!number) return failure(number.error());
    const auto had = std::any_of(turns.begin(), turns.end(), [&](const Turn& turn) { return turn.number == *number; });
    if (*number == 0 || had) continue;
    by_number_.bind(owner).bind(*number);
    const auto step = by_number_.step();
    const bool there = step && *step == sqlite::Step::row && by_number_.integer(time_column) >= bounds.oldest_us;
    if (there) turns.push_back(read_turn(by_number_));
    by_number_.reset();
    if (!step) return failure(step.error());
    if (!there) continue;
    left -= static_cast<int64_t>(turns.back().input.size() + turns.back().answer.size());
    if (left < 0 || turns.size() > most_turns) {
      return failure(ErrorCode::body_too_large,
                     fmt::format("The answers that the request refers to are larger than `limits.body` allows ({} "
                                 "bytes).",
                                 bounds.most_bytes));
    }
  }
  return turns;
}

Result<Conversation> ConversationShelf::find(std::string_view owner, std::string_view id, Depth depth, Bounds bounds) {
  Conversation found;
  int64_t left = bounds.most_bytes;
  int64_t previous = 0;
  for (bool first = true; first || previous != 0; first = false) {
    auto& row = first ? by_id_ : by_number_;
    row.bind(owner);
    if (first)
      row.bind(id);
    else
      row.bind(previous);
    const auto step = row.step();
    const bool there = step && *step == sqlite::Step::row && row.integer(time_column) >= bounds.oldest_us;
    if (there) {
      found.turns.push_back(read_turn(row));
      previous = row.next_integer();
    }
    row.reset();
    if (!step) return failure(step.error());
    if (!there) {
      found.state = first ? Conversation::State::unknown : Conversation::State::in_part;
      return found;
    }
    left -= static_cast<int64_t>(found.turns.back().input.size() + found.turns.back().answer.size());
    if (left < 0 || found.turns.size() > most_turns) {
      return failure(ErrorCode::body_too_large,
                     fmt::format("The conversation before '{}' is larger than `limits.body` allows ({} bytes): begin a "
                                 "new one.",
                                 id, bounds.most_bytes));
    }
    if (depth == Depth::last) break;
  }
  std::reverse(found.turns.begin(), found.turns.end());
  found.state = Conversation::State::whole;
  return found;
}

Result<int64_t> ConversationShelf::remove(std::string_view owner, std::string_view id) {
  auto all = database_.prepare("SELECT number FROM turns WHERE owner = ? AND id = ?");
  if (!all) return failure(all.error());
  all->bind(owner).bind(id);
  std::vector<int64_t> numbers;
  for (;;) {
    const auto step = all->step();
    if (!step) return failure(step.error());
    if (*step != sqlite::Step::row) break;
    numbers.push_back(all->integer(0));
  }
  all->reset();
  if (auto removed = remove_numbers(numbers); !removed) return failure(removed.error());
  return static_cast<int64_t>(numbers.size());
}

Result<int64_t> ConversationShelf::sweep(Bounds bounds) {
  auto oldest = database_.prepare("SELECT number, time_us, bytes FROM turns ORDER BY time_us, number LIMIT ?");
  if (!oldest) return failure(oldest.error());
  oldest->bind(swept_at_once);
  std::vector<int64_t> numbers;
  int64_t left = bytes_;
  for (;;) {
    const auto step = oldest->step();
    if (!step) return failure(step.error());
    if (*step != sqlite::Step::row) break;
    if (oldest->integer(1) >= bounds.oldest_us && left <= bounds.most_bytes) break;
    numbers.push_back(oldest->integer(0));
    left -= oldest->integer(2);
  }
  oldest->reset();
  if (auto removed = remove_numbers(numbers); !removed) return failure(removed.error());
  return static_cast<int64_t>(numbers.size());
}

Status ConversationShelf::remove_numbers(std::span<const int64_t> numbers) {
  if (numbers.empty()) return {};
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return failure(transaction.error());
  for (const auto number : numbers) {
    delete_.bind(number);
    if (auto done = delete_.run(); !done) return failure(done.error());
  }
  if (auto committed = transaction->commit(); !committed) return committed;
  const auto bytes = database_.integer("SELECT coalesce(sum(bytes), 0) FROM turns");
  if (!bytes) return failure(bytes.error());
  bytes_ = *bytes;
  return {};
}

Result<int64_t> ConversationShelf::forget(const Theirs& theirs, Forgetting mode) {
  auto gone = sqlite::forget_rows(
      database_, {.select = "SELECT number, request, owner FROM turns", .erase = "DELETE FROM turns WHERE number = ?"},
      theirs, mode);
  if (!gone || mode == Forgetting::count) return gone;
  const auto bytes = database_.integer("SELECT coalesce(sum(bytes), 0) FROM turns");
  if (!bytes) return failure(bytes.error());
  bytes_ = *bytes;
  return gone;
}

Status ConversationShelf::wipe() { return sqlite::wipe(database_); }

}  // namespace weir
