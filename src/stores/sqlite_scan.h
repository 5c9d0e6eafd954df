// The ledger as a stream of rows. Used by the SQLite store alone.
#pragma once

#include "ledger/scan.h"
#include "stores/sqlite_database.h"

namespace weir::sqlite {

// Requests and attempts are read from one state of the ledger, whatever a server appends meanwhile.
Status scan_rows(const Database& database, const ScanQuery& query, ScanVisitor& visitor);

}  // namespace weir::sqlite
