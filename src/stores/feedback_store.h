// FeedbackStore: what was thought of answers later, as rows of `feedback` in the ledger's file. Whoever has a ledger
// open as well writes elsewhere in the same file: each waits for the other's commits. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/feedback.h"
#include "stores/sqlite_database.h"

namespace weir {

class FeedbackStore {
 public:
  // The ledger of that data folder, which has been migrated.
  [[nodiscard]] static Result<FeedbackStore> open(const std::string& folder, sqlite::Database::Access access);

  // Durable when it returns; replaces an earlier one of that request.
  Status put(const Feedback& feedback);
  [[nodiscard]] Result<std::optional<Feedback>> of(std::string_view request_id);
  // Given from then on, the oldest first.
  [[nodiscard]] Result<std::vector<Feedback>> since(int64_t since_us);

 private:
  explicit FeedbackStore(sqlite::Database database) : database_(std::move(database)) {}
  sqlite::Database database_;
};

}  // namespace weir
