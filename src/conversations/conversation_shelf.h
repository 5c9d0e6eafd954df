// ConversationShelf: turns of conversations in one SQLite file, so that clients may go on from an answer by its id.
// What a turn says is JSON that nobody here looks into. Each turn is of one owner (the key that asked), and nobody else
// finds it. A turn knows the one before it by its number, which is never given twice: ids come from providers, and some
// give the same id again; then the newest is meant by it, and older conversations stay what they were.
//
// What is deleted is gone: its pages are overwritten, the file is made shorter, the log is emptied. One thread at a
// time; a process opens the file here alone, and keeps it open (see stores/sqlite_database.cpp).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "stores/forgetting.h"
#include "stores/sqlite_database.h"

namespace weir {

struct Turn {
  int64_t number = 0;
  std::string id;        // of the answer
  std::string input;     // what was new in the request; JSON
  std::string answer;    // JSON
  std::string declared;  // classes that the caller said it has, with commas between them
};

struct NewTurn {
  std::string owner;
  std::string id;
  int64_t previous = 0;  // number of the turn that it goes on from; 0 = none
  int64_t time_us = 0;   // since the epoch
  std::string input;
  std::string answer;
  std::string declared;
  std::string request;             // id of the request
  std::vector<std::string> items;  // ids of what stands in the answer

  [[nodiscard]] std::size_t bytes() const {
    auto sum = owner.size() + id.size() + input.size() + answer.size() + declared.size() + request.size();
    for (const auto& item : items) sum += owner.size() + item.size();
    return sum;
  }
};

struct Conversation {
  enum class State : uint8_t { unknown, in_part, whole };  // in_part: an earlier turn is gone
  State state = State::unknown;
  std::vector<Turn> turns;  // the oldest first
};

class ConversationShelf {
 public:
  enum class Depth : uint8_t { last, all };
  struct Bounds {
    int64_t oldest_us = 0;  // what is older is not there any more
    int64_t most_bytes = INT64_MAX;
  };

  // Makes the file where it is missing, for its owner alone.
  [[nodiscard]] static Result<ConversationShelf> open(const std::string& file);

  // All of them or none.
  Status add(std::span<const NewTurn> turns);
  // The newest answer of that id, with those before it. body_too_large: more than `bounds.most_bytes`.
  [[nodiscard]] Result<Conversation> find(std::string_view owner, std::string_view id, Depth depth, Bounds bounds);
  // The newest turns in whose answers items of these ids stand, each turn once; ids that are not there are passed over.
  // body_too_large.
  [[nodiscard]] Result<std::vector<Turn>> find_items(std::string_view owner, std::span<const std::string> ids,
                                                     Bounds bounds);
  // How many answers of that id were deleted.
  Result<int64_t> remove(std::string_view owner, std::string_view id);
  // Deletes what is too old, and the oldest while all of it is larger than `bounds.most_bytes`; some at a time. How
  // many were deleted: 0 = nothing is left to do.
  Result<int64_t> sweep(Bounds bounds);
  // Turns of somebody who must be forgotten; how many. Their room is not wiped yet: sqlite::scrub.
  Result<int64_t> forget(const Theirs& theirs, Forgetting mode);
  // Leaves nothing of what was deleted, neither in the file nor in its log.
  Status wipe();

  [[nodiscard]] int64_t bytes() const { return bytes_; }

 private:
  explicit ConversationShelf(sqlite::Database database) : database_(std::move(database)) {}
  Status prepare();
  Status insert_items(const NewTurn& turn);
  // 0: nowhere.
  Result<int64_t> turn_with_item(std::string_view owner, std::string_view id);
  Status remove_numbers(std::span<const int64_t> numbers);

  sqlite::Database database_;
  sqlite::Statement insert_;
  sqlite::Statement by_id_;
  sqlite::Statement by_number_;
  sqlite::Statement delete_;
  sqlite::Statement insert_item_;
  sqlite::Statement by_item_;
  int64_t bytes_ = 0;  // of all turns
};

}  // namespace weir
