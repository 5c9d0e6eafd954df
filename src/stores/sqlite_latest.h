// The newest rows of `requests`. Used by the SQLite store alone.
#pragma once

#include "ledger/store.h"
#include "stores/sqlite_database.h"
#include "stores/sqlite_rows.h"

namespace weir::sqlite {

[[nodiscard]] Result<Latest> read_latest(const Database& database, EntryReader& reader, const LatestQuery& query);

}  // namespace weir::sqlite
