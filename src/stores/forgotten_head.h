// What the ledger knows of the receipts of what was forgotten (forgetting/receipts.h): how many there are, and a seal
// of the last one. Two rows of its table `counters`. Blocking; one thread.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace weir {

struct ForgottenHead {
  int64_t number = 0;  // of the last; 0 = none was noted
  uint64_t seal = 0;   // the first eight bytes of an HMAC with the audit's key

  bool operator==(const ForgottenHead&) const = default;
};

// not_found: there is no ledger in the data folder.
[[nodiscard]] Result<ForgottenHead> read_forgotten_head(const std::string& folder);
// The ledger is there and up to date. Durable when it returns.
[[nodiscard]] Status note_forgotten_head(const std::string& folder, const ForgottenHead& head);

}  // namespace weir
