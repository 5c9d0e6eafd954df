#include "stores/side_file.h"

#include <fmt/format.h>

namespace weir::sqlite {

Status set_up_side_file(const Database& database, Survives survives) {
  const auto sql = fmt::format(
      "PRAGMA busy_timeout = 5000; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; "
      "PRAGMA synchronous = {}; PRAGMA secure_delete = ON; PRAGMA cache_size = -2048; "
      "PRAGMA journal_size_limit = 16777216; PRAGMA temp_store = MEMORY",
      survives == Survives::power_cut ? "FULL" : "NORMAL");
  return database.execute(sql.c_str());
}

Result<bool> has_version(const Database& database, int64_t newest) {
  const auto version = database.integer("PRAGMA user_version");
  if (!version) return failure(version.error());
  if (*version > newest) {
    return failure(ErrorCode::internal,
                   fmt::format("{} was written by a newer weir: use that one, or move the file away", database.path()));
  }
  return *version > 0;
}

Status bring_to_version(const Database& database, std::span<const char* const> steps) {
  const auto newest = static_cast<int64_t>(steps.size());
  const auto known = has_version(database, newest);
  if (!known) return failure(known.error());
  auto version = database.integer("PRAGMA user_version");
  if (!version) return failure(version.error());
  if (*version == newest) return {};
  auto transaction = Transaction::begin(database);
  if (!transaction) return failure(transaction.error());
  version = database.integer("PRAGMA user_version");  // another process may have been quicker
  if (!version) return failure(version.error());
  for (auto step = *version; step < newest; ++step) {
    if (auto done = database.execute(steps[static_cast<std::size_t>(step)]); !done) return done;
  }
  return transaction->commit();
}

Status wipe(const Database& database) {
  return database.execute("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace weir::sqlite
