// Databases beside the ledger's that hold texts: what is deleted in them is overwritten, and the file becomes shorter.
// Used by the shelves, each of which alone touches its file.
#pragma once

#include <cstdint>
#include <span>

#include "stores/sqlite_database.h"

namespace weir::sqlite {

// `power_cut`: what was committed survives a loss of power, for an fsync a commit. `crash`: a crash of the process.
enum class Survives : uint8_t { power_cut, crash };
// Of a connection that writes; before anything else.
Status set_up_side_file(const Database& database, Survives survives);
// Whether it is of version `newest`, or new; refuses what a newer version wrote.
[[nodiscard]] Result<bool> has_version(const Database& database, int64_t newest);
// Brings a new or older one to the newest version: step n from version n to n + 1, which it says itself (user_version).
Status bring_to_version(const Database& database, std::span<const char* const> steps);
// Gives back the room of what was deleted, in the log too.
Status wipe(const Database& database);

}  // namespace weir::sqlite
