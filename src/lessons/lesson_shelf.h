// LessonShelf: lessons in one SQLite file of the data folder, for its owner alone. Each has its own time until which it
// is kept, and its route's share of the room. What is deleted is gone, as on the ConversationShelf. One thread at a
// time; several processes may have the file open at once: `weir serve` writes, commands read.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "lessons/lesson.h"
#include "stores/sqlite_database.h"

namespace weir {

// What somebody thought of an answer later.
struct LessonFeedback {
  std::string request_id;
  double score = -1;          // 0 to 1
  std::string better_answer;  // a text; "" = none was given
};

struct KeptLesson {
  Lesson lesson;
  double feedback = -1;        // 0 to 1; -1 = none came
  std::string written_answer;  // by whoever gave it; "" = none
};

class LessonShelf {
 public:
  enum class Access : uint8_t { write, read };
  // Makes the file where it is missing and `access` is `write`.
  [[nodiscard]] static Result<LessonShelf> open(const std::string& file, Access access);

  // All of them or none. A lesson that is there already is replaced.
  Status add(std::span<const Lesson> lessons);
  // False: there is no lesson of that request.
  Result<bool> add_feedback(const LessonFeedback& feedback);
  // The oldest first, those from `since_us` on; of `route`, unless that is "".
  Status each(int64_t since_us, std::string_view route, const std::function<void(KeptLesson)>& visit);
  [[nodiscard]] Result<int64_t> count();
  // Deletes those of a key, or that fit another wish of who must be forgotten. How many.
  Result<int64_t> forget(std::string_view key_id);
  // Deletes what is too old or beyond its route's room; some at a time. How many: 0 = nothing is left to do.
  Result<int64_t> sweep(int64_t now_us);
  Status wipe();

 private:
  explicit LessonShelf(sqlite::Database database) : database_(std::move(database)) {}
  Status prepare(Access access);

  sqlite::Database database_;
  sqlite::Statement insert_;
};

}  // namespace weir
