#include "lessons/lesson_shelf.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "stores/side_file.h"

namespace weir {
namespace {

constexpr double millionths = 1e6;  // scores are whole numbers in the file

constexpr const char* schema =
    "CREATE TABLE lessons ("
    "  request_id    TEXT PRIMARY KEY,"
    "  time_us       INTEGER NOT NULL,"
    "  until_us      INTEGER NOT NULL,"
    "  bytes         INTEGER NOT NULL,"
    "  most_bytes    INTEGER NOT NULL,"  // of its route, as the config said
    "  route         TEXT NOT NULL,"
    "  key_id        TEXT NOT NULL,"
    "  classes       TEXT NOT NULL,"
    "  task          TEXT NOT NULL,"
    "  messages      TEXT NOT NULL,"
    "  tools         TEXT NOT NULL,"
    "  first_model   TEXT NOT NULL,"
    "  first_answer  TEXT NOT NULL,"
    "  first_score   INTEGER NOT NULL,"  // millionths, as all scores; negative: none
    "  better_model  TEXT NOT NULL,"
    "  better_answer TEXT NOT NULL,"
    "  better_score  INTEGER NOT NULL,"
    "  features      TEXT NOT NULL,"
    "  feedback      INTEGER NOT NULL DEFAULT -1000000,"
    "  written       TEXT NOT NULL DEFAULT ''"
    ") STRICT;"
    "CREATE INDEX lessons_by_time ON lessons (time_us);"
    "CREATE INDEX lessons_by_end ON lessons (until_us);"
    "PRAGMA user_version = 1";
constexpr std::array steps = {schema};

int64_t whole(double score) { return std::llround(std::clamp(score, -1.0, 1.0) * millionths); }

std::string features_text(const Features& features) {
  std::string text;
  json::Writer out(text);
  out.begin_array();
  for (const double one : features) out.value(one);
  out.end_array();
  return text;
}

Features read_features(std::string_view text) {
  Features features{};
  json::Document document;
  json::Array list;
  if (!document.parse(std::string(text)) || document.root().get(list) != simdjson::SUCCESS) return features;
  std::size_t i = 0;
  for (const auto& one : list) {
    if (i < features.size()) json::read_if(one, features[i++]);
  }
  return features;
}

KeptLesson read_lesson(sqlite::Statement& row) {
  KeptLesson kept;
  auto& lesson = kept.lesson;
  lesson.request_id = row.next_text();
  lesson.time_us = row.next_integer();
  lesson.route = row.next_text();
  lesson.key_id = row.next_text();
  lesson.classes = row.next_text();
  lesson.task = row.next_text();
  lesson.messages = row.next_text();
  lesson.tools = row.next_text();
  lesson.first_model = row.next_text();
  lesson.first_answer = row.next_text();
  lesson.first_score = static_cast<double>(row.next_integer()) / millionths;
  lesson.better_model = row.next_text();
  lesson.better_answer = row.next_text();
  lesson.better_score = static_cast<double>(row.next_integer()) / millionths;
  lesson.features = read_features(row.next_text());
  kept.feedback = static_cast<double>(row.next_integer()) / millionths;
  kept.written_answer = row.next_text();
  return kept;
}

}  // namespace

Result<LessonShelf> LessonShelf::open(const std::string& file, Access access) {
  auto database = sqlite::Database::open(
      file, access == Access::write ? sqlite::Database::Access::read_write : sqlite::Database::Access::read_only);
  if (!database) return failure(database.error());
  LessonShelf shelf(std::move(*database));
  if (auto ready = shelf.prepare(access); !ready) return failure(ready.error());
  return shelf;
}

Status LessonShelf::prepare(Access access) {
  if (access == Access::read) {
    const auto there = has_version(database_, std::ssize(steps));
    return there ? Status{} : failure(there.error());
  }
  if (auto set = set_up_side_file(database_, sqlite::Survives::power_cut); !set) return set;
  if (auto ready = sqlite::bring_to_version(database_, steps); !ready) return ready;
  auto made = database_.prepare(
      "INSERT OR REPLACE INTO lessons (request_id, time_us, until_us, bytes, most_bytes, route, key_id, classes, task, "
      "messages, tools, first_model, first_answer, first_score, better_model, better_answer, better_score, features) "
      "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  if (!made) return failure(made.error());
  insert_ = std::move(*made);
  return {};
}

Status LessonShelf::add(std::span<const Lesson> lessons) {
  auto transaction = sqlite::Transaction::begin(database_);
  if (!transaction) return failure(transaction.error());
  for (const auto& one : lessons) {
    const auto features = features_text(one.features);
    insert_.bind(one.request_id).bind(one.time_us).bind(one.time_us + one.keep_ms * 1000);
    insert_.bind(static_cast<int64_t>(one.bytes())).bind(one.most_bytes);
    insert_.bind(one.route).bind(one.key_id).bind(one.classes).bind(one.task).bind(one.messages).bind(one.tools);
    insert_.bind(one.first_model).bind(one.first_answer).bind(whole(one.first_score));
    insert_.bind(one.better_model).bind(one.better_answer).bind(whole(one.better_score)).bind(features);
    if (auto done = insert_.run(); !done) return failure(done.error());
  }
  return transaction->commit();
}

Result<bool> LessonShelf::add_feedback(const LessonFeedback& feedback) {
  auto update = database_.prepare("UPDATE lessons SET feedback = ?, written = ? WHERE request_id = ? RETURNING 1");
  if (!update) return failure(update.error());
  update->bind(whole(feedback.score)).bind(feedback.better_answer).bind(feedback.request_id);
  const auto step = update->step();
  if (!step) return failure(step.error());
  const bool there = *step == sqlite::Step::row;
  update->reset();
  return there;
}

Status LessonShelf::each(int64_t since_us, std::string_view route, const std::function<void(KeptLesson)>& visit) {
  auto rows = database_.prepare(
      "SELECT request_id, time_us, route, key_id, classes, task, messages, tools, first_model, first_answer, "
      "first_score, better_model, better_answer, better_score, features, feedback, written FROM lessons "
      "WHERE time_us >= ? AND (? = '' OR route = ?) ORDER BY time_us, request_id");
  if (!rows) return failure(rows.error());
  rows->bind(since_us).bind(route).bind(route);
  return for_each_row(*rows, [&](sqlite::Statement& row) { visit(read_lesson(row)); });
}

Result<int64_t> LessonShelf::count() { return database_.integer("SELECT count(*) FROM lessons"); }

Result<int64_t> LessonShelf::forget(const Theirs& theirs, Forgetting mode) {
  return sqlite::forget_rows(
      database_,
      {.select = "SELECT rowid, request_id, key_id FROM lessons", .erase = "DELETE FROM lessons WHERE rowid = ?"},
      theirs, mode);
}

Result<int64_t> LessonShelf::sweep(int64_t now_us) {
  // Too old; then, route by route, what stands beyond its room when the newest are counted first.
  auto old = database_.prepare(
      "DELETE FROM lessons WHERE request_id IN (SELECT request_id FROM lessons WHERE until_us < ? LIMIT 256)");
  if (!old) return failure(old.error());
  old->bind(now_us);
  if (auto done = old->run(); !done) return failure(done.error());
  const auto aged = database_.changes();
  if (!aged) return failure(aged.error());
  auto beyond = database_.prepare(
      "DELETE FROM lessons WHERE request_id IN (SELECT request_id FROM (SELECT request_id, most_bytes, sum(bytes) OVER "
      "(PARTITION BY route ORDER BY time_us DESC, request_id) AS held FROM lessons) WHERE held > most_bytes)");
  if (!beyond) return failure(beyond.error());
  if (auto done = beyond->run(); !done) return failure(done.error());
  const auto crowded = database_.changes();
  if (!crowded) return failure(crowded.error());
  return *aged + *crowded;
}

Status LessonShelf::wipe() { return sqlite::wipe(database_); }

}  // namespace weir
