#include "stores/feedback_store.h"

#include <cmath>
#include <filesystem>

namespace weir {
namespace {

constexpr double millionths = 1e6;

Feedback read_row(sqlite::Statement& row) {
  Feedback feedback;
  feedback.request_id = row.next_text();
  feedback.time_us = row.next_integer();
  feedback.score = static_cast<double>(row.next_integer()) / millionths;
  feedback.comment = row.next_text();
  feedback.key_id = row.next_text();
  return feedback;
}

}  // namespace

Result<FeedbackStore> FeedbackStore::open(const std::string& folder, sqlite::Database::Access access) {
  auto database = sqlite::Database::open((std::filesystem::path(folder) / "weir.db").string(), access);
  if (!database) return failure(database.error());
  if (auto set = database->execute("PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA cache_size = -256");
      !set)
    return failure(set.error());
  return FeedbackStore(std::move(*database));
}

Status FeedbackStore::put(const Feedback& feedback) {
  auto insert = database_.prepare(
      "INSERT OR REPLACE INTO feedback (request_id, time_us, score, comment, key_id) VALUES (?,?,?,?,?)");
  if (!insert) return failure(insert.error());
  insert->bind(feedback.request_id).bind(feedback.time_us).bind(std::llround(feedback.score * millionths));
  insert->bind(feedback.comment).bind(feedback.key_id);
  if (auto done = insert->run(); !done) return failure(done.error());
  return {};
}

Result<std::optional<Feedback>> FeedbackStore::of(std::string_view request_id) {
  auto row = database_.prepare("SELECT request_id, time_us, score, comment, key_id FROM feedback WHERE request_id = ?");
  if (!row) return failure(row.error());
  row->bind(request_id);
  const auto step = row->step();
  if (!step) return failure(step.error());
  if (*step != sqlite::Step::row) return std::nullopt;
  return read_row(*row);
}

Result<std::vector<Feedback>> FeedbackStore::since(int64_t since_us) {
  auto rows = database_.prepare(
      "SELECT request_id, time_us, score, comment, key_id FROM feedback WHERE time_us >= ? ORDER BY time_us");
  if (!rows) return failure(rows.error());
  rows->bind(since_us);
  std::vector<Feedback> all;
  const auto read = for_each_row(*rows, [&](sqlite::Statement& row) { all.push_back(read_row(row)); });
  if (!read) return failure(read.error());
  return all;
}

}  // namespace weir
