// What somebody asked to have forgotten is taken out of a file for good: rows are deleted, and then the file is written
// anew and its log emptied, so that no byte of them is left in either. Used by the shelves, each of which knows its own
// rows. Other processes may have the file open meanwhile. Blocking; the thread of the database.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "stores/sqlite_database.h"

namespace weir {

// Does what belongs to that request, or was given with that key, belong to whom must be forgotten? "": not known.
using Theirs = std::function<Result<bool>(std::string_view request_id, std::string_view key_id)>;
enum class Forgetting : uint8_t { count, erase };

namespace sqlite {

struct ForgetRows {
  std::string_view select;  // a row's number, and what its owner is known by: id of its request, id of its key
  std::string_view erase;   // by its number
};
// How many rows were, or would be, erased; all of them in one commit.
Result<int64_t> forget_rows(const Database& database, const ForgetRows& rows, const Theirs& theirs, Forgetting mode);
// The same, where an owner is known by other columns.
using RowIsTheirs = std::function<Result<bool>(Statement& row)>;
Result<int64_t> forget_rows(const Database& database, const ForgetRows& rows, const RowIsTheirs& theirs,
                            Forgetting mode);
// Writes the file anew and empties its log; waits for whoever writes or reads in it meanwhile.
Status scrub(const std::string& file, std::chrono::milliseconds patience = std::chrono::seconds(10));

}  // namespace sqlite
}  // namespace weir
