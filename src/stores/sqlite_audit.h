// The chain of audit rows (ledger/audit.h) in the tables `audit` and `audit_head`. A row holds its place in the chain
// and where its request went; what else it seals stands in the request's own rows. Used by the SQLite store alone,
// inside its transactions.
#pragma once

#include <optional>

#include "core/id.h"
#include "ledger/audit.h"
#include "stores/sqlite_database.h"

namespace weir::sqlite {

class AuditChain {
 public:
  static Result<AuditChain> prepare(const Database& database, const AuditKey& key);

  // At the start of every transaction, and before it is committed.
  Status begin(const Database& database);
  Status end();
  // For a request that was added in this transaction under that key.
  Status add(const Entry& entry, RequestKey key);

 private:
  AuditKey key_;
  int64_t mark_ = 0;
  Statement insert_;
  Statement head_;
  int64_t number_ = 0;  // of the last row
  AuditDigest mac_{};
  bool added_ = false;
};

Status read_audit(const Database& database, const AuditQuery& query, const AuditVisitor& visit);
Result<ChainCheck> check_audit(const Database& database, const AuditKey& key, const NotedHead& noted);
// What their requests were is forgotten; their places in the chain stay. How many.
Result<int64_t> expire_audit(const Database& database, const AuditExpiry& expiry);

}  // namespace weir::sqlite
