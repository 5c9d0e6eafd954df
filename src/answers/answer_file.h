// AnswerFile: answers of all routes that keep some on disk, in one SQLite file for its owner alone, not encrypted. It
// is a cache: what a crash loses is asked again. Of a route at most so many bytes, of which the oldest go first. What
// is deleted is overwritten. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "answers/answer_key.h"
#include "answers/answer_owner.h"
#include "core/result.h"
#include "stores/forgetting.h"
#include "stores/sqlite_database.h"

namespace weir {

struct WrittenAnswer {
  AnswerKey key{};
  std::string route;
  std::string answer;  // StoredAnswer as bytes
  int64_t made_us = 0;
  int64_t good_until_us = 0;
  AnswerOwner owner;
};

class AnswerFile {
 public:
  // Makes the file where it is missing. One that is damaged beyond reading is an error.
  [[nodiscard]] static Result<AnswerFile> open(const std::string& file);

  // All of them or none.
  Status add(std::span<const WrittenAnswer> answers);
  // Without an `answer`: there is none that is still good.
  [[nodiscard]] Result<WrittenAnswer> find(const AnswerKey& key, int64_t now_us);
  // Deletes what is too old, what is of a route that is not in `most_bytes`, and the oldest of those that have more;
  // some at a time. How many were deleted: 0 = nothing is left to do.
  Result<int64_t> sweep(int64_t now_us, const std::map<std::string, int64_t>& most_bytes);
  Result<int64_t> forget(const Theirs& theirs, Forgetting mode);
  // Leaves nothing of what was deleted, neither in the file nor in its log.
  Status wipe();
  [[nodiscard]] Result<int64_t> bytes(std::string_view route) const;

 private:
  explicit AnswerFile(sqlite::Database database) : database_(std::move(database)) {}
  Status prepare();
  Result<int64_t> remove_oldest(std::string_view route, int64_t most);

  sqlite::Database database_;
  sqlite::Statement insert_;
  sqlite::Statement find_;
};

}  // namespace weir
