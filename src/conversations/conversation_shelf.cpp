#include "conversations/conversation_shelf.h"

#include <algorithm>

#include <fmt/format.h>

#include "stores/side_file.h"

namespace weir {
namespace {

constexpr int64_t newest_version = 1;
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
  if (auto ready = bring_to_version(database_, newest_version, schema); !ready) return ready;
  constexpr std::string_view columns =
      "SELECT number, id, input, answer, declared, previous, time_us FROM turns WHERE ";
  const auto ready = [&](sqlite::Statement& statement, std::string_view sql) -> Status {
    auto made = database_.prepare(sql);
    if (!made) return failure(made.error());
    statement = std::move(*made);
    return {};
  };
  if (auto done = ready(
          insert_,
          "INSERT INTO turns (owner, id, previous, time_us, bytes, declared, input, answer) VALUES (?,?,?,?,?,?,?,?)");
      !done) {
    return done;
  }
  if (auto done = ready(by_id_, fmt::format("{}owner = ? AND id = ? ORDER BY number DESC LIMIT 1", columns)); !done)
    return done;
  if (auto done = ready(by_number_, fmt::format("{}owner = ? AND number = ?", columns)); !done) return done;
  if (auto done = ready(delete_, "DELETE FROM turns WHERE number = ?"); !done) return done;
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
    insert_.bind(turn.declared).bind(turn.input).bind(turn.answer);
    if (auto done = insert_.run(); !done) return failure(done.error());
    added += bytes;
  }
  if (auto committed = transaction->commit(); !committed) return committed;
  bytes_ += added;
  return {};
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

Status ConversationShelf::wipe() { return sqlite::wipe(database_); }

}  // namespace weir
