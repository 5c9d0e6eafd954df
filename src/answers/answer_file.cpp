#include "answers/answer_file.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "core/hex.h"
#include "stores/side_file.h"

namespace weir {
namespace {

constexpr int64_t swept_at_once = 256;

constexpr const char* schema =
    "CREATE TABLE answers ("
    "  number        INTEGER PRIMARY KEY,"
    "  key           TEXT    NOT NULL UNIQUE,"
    "  route         TEXT    NOT NULL,"
    "  made_us       INTEGER NOT NULL,"
    "  good_until_us INTEGER NOT NULL,"
    "  bytes         INTEGER NOT NULL,"
    "  request_id    TEXT    NOT NULL,"
    "  key_id        TEXT    NOT NULL,"
    "  answer        TEXT    NOT NULL"
    ") STRICT;"
    "CREATE INDEX answers_by_route ON answers (route, made_us);"
    "CREATE INDEX answers_by_end ON answers (good_until_us);"
    "PRAGMA user_version = 1";
constexpr std::array steps = {schema};

}  // namespace

Result<AnswerFile> AnswerFile::open(const std::string& file) {
  auto database = sqlite::Database::open(file, sqlite::Database::Access::read_write);
  if (!database) return failure(database.error());
  AnswerFile opened(std::move(*database));
  if (auto ready = opened.prepare(); !ready) return failure(ready.error());
  return opened;
}

Status AnswerFile::prepare() {
  // A crash of the machine may lose the last answers, and never the file.
  if (auto set = set_up_side_file(database_, sqlite::Survives::crash); !set) return set;
  if (auto ready = sqlite::bring_to_version(database_, steps); !ready) return ready;
  const auto ready = [&](sqlite::Statement& statement, std::string_view sql) -> Status {
    auto made = database_.prepare(sql);
    if (!made) return failure(made.error());
    statement = std::move(*made);
    return {};
  };
  if (auto done = ready(insert_,
                        "INSERT OR REPLACE INTO answers (key, route, made_us, good_until_us, bytes, request_id, "
                        "key_id, answer) VALUES "
                        "(?,?,?,?,?,?,?,?)");
      !done) {
    return done;
  }
  return ready(find_, "SELECT route, made_us, good_until_us, answer, request_id, key_id FROM answers WHERE key = ?");
}

Status AnswerFile::add(std::span<const WrittenAnswer> answers) {
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return failure(transaction.error());
  for (const auto& one : answers) {
    const auto key = to_hex(one.key);
    insert_.bind(key).bind(one.route).bind(one.made_us).bind(one.good_until_us);
    insert_.bind(static_cast<int64_t>(one.answer.size())).bind(one.owner.request_id).bind(one.owner.key_id);
    insert_.bind(one.answer);
    if (auto done = insert_.run(); !done) return failure(done.error());
  }
  return transaction->commit();
}

Result<WrittenAnswer> AnswerFile::find(const AnswerKey& key, int64_t now_us) {
  const auto name = to_hex(key);
  WrittenAnswer found{.key = key};
  find_.bind(name);
  const auto step = find_.step();
  if (step && *step == sqlite::Step::row && find_.integer(2) > now_us) {
    found.route = find_.text(0);
    found.made_us = find_.integer(1);
    found.good_until_us = find_.integer(2);
    found.answer = find_.text(3);
    found.owner = {.request_id = std::string(find_.text(4)), .key_id = std::string(find_.text(5))};
  }
  find_.reset();
  if (!step) return failure(step.error());
  return found;
}

Result<int64_t> AnswerFile::bytes(std::string_view route) const {
  auto sum = database_.prepare("SELECT coalesce(sum(bytes), 0) FROM answers WHERE route = ?");
  if (!sum) return failure(sum.error());
  sum->bind(route);
  if (const auto step = sum->step(); !step) return failure(step.error());
  return sum->integer(0);
}

Result<int64_t> AnswerFile::sweep(int64_t now_us, const std::map<std::string, int64_t>& most_bytes) {
  const auto before = database_.integer("SELECT count(*) FROM answers");
  if (!before) return failure(before.error());
  auto old = database_.prepare(
      "DELETE FROM answers WHERE number IN (SELECT number FROM answers WHERE good_until_us <= ? LIMIT ?)");
  if (!old) return failure(old.error());
  old->bind(now_us).bind(swept_at_once);
  if (auto done = old->run(); !done) return failure(done.error());
  auto routes = database_.prepare("SELECT DISTINCT route FROM answers");
  if (!routes) return failure(routes.error());
  std::vector<std::string> names;
  const auto listed = for_each_row(*routes, [&](sqlite::Statement& row) { names.emplace_back(row.text(0)); });
  if (!listed) return failure(listed.error());
  for (const auto& route : names) {
    const auto most = most_bytes.find(route);
    if (auto done = remove_oldest(route, most == most_bytes.end() ? 0 : most->second); !done) return done;
  }
  const auto after = database_.integer("SELECT count(*) FROM answers");
  if (!after) return failure(after.error());
  return *before - *after;
}

Result<int64_t> AnswerFile::remove_oldest(std::string_view route, int64_t most) {
  auto left = bytes(route);
  if (!left || *left <= most) return left;
  auto oldest = database_.prepare("SELECT number, bytes FROM answers WHERE route = ? ORDER BY made_us, number LIMIT ?");
  if (!oldest) return failure(oldest.error());
  oldest->bind(route).bind(swept_at_once);
  std::vector<int64_t> numbers;
  while (*left > most) {
    const auto step = oldest->step();
    if (!step) return failure(step.error());
    if (*step != sqlite::Step::row) break;
    numbers.push_back(oldest->integer(0));
    *left -= oldest->integer(1);
  }
  oldest->reset();
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return failure(transaction.error());
  auto one = database_.prepare("DELETE FROM answers WHERE number = ?");
  if (!one) return failure(one.error());
  for (const auto number : numbers) {
    one->bind(number);
    if (auto done = one->run(); !done) return failure(done.error());
  }
  if (auto committed = transaction->commit(); !committed) return failure(committed.error());
  return static_cast<int64_t>(numbers.size());
}

Result<int64_t> AnswerFile::forget(const Theirs& theirs, Forgetting mode) {
  return sqlite::forget_rows(
      database_,
      {.select = "SELECT number, request_id, key_id FROM answers", .erase = "DELETE FROM answers WHERE number = ?"},
      theirs, mode);
}

Status AnswerFile::wipe() { return sqlite::wipe(database_); }

}  // namespace weir
