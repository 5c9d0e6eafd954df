// Sums over `requests`. Used by the SQLite store alone.
#pragma once

#include <vector>

#include "ledger/store.h"
#include "stores/sqlite_database.h"

namespace weir::sqlite {

[[nodiscard]] Result<std::vector<UsageRow>> read_usage_rows(const Database& database, const UsageQuery& query);

}  // namespace weir::sqlite
