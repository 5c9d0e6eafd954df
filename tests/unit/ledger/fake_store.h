// A store in memory that can be told to fail, and counts what is asked of it.
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "ledger/store.h"

namespace weir::test {

struct FakeStoreState {
  std::mutex mutex;
  std::vector<std::string> ids;  // in the order of their commits
  std::vector<std::size_t> batches;
  std::atomic<bool> failing{false};
  std::atomic<int> attempts{0};  // to append
};

class FakeStore final : public Store {
 public:
  explicit FakeStore(std::shared_ptr<FakeStoreState> state) : state_(std::move(state)) {}

  [[nodiscard]] StoreInfo info() const override { return {.name = "fake", .description = "for tests"}; }
  Status migrate() override { return {}; }
  Status append(std::span<const Entry* const> entries) override {
    ++state_->attempts;
    if (state_->failing) return failure(ErrorCode::internal, "the disk is full");
    const std::lock_guard lock(state_->mutex);
    for (const auto* entry : entries) state_->ids.push_back(entry->id);
    state_->batches.push_back(entries.size());
    return {};
  }
  [[nodiscard]] Result<std::optional<Entry>> find(std::string_view id) override {
    const std::lock_guard lock(state_->mutex);
    for (const auto& known : state_->ids) {
      if (known == id) {
        Entry entry;
        entry.id = known;
        entry.outcome = "from the store";
        return entry;
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] Result<std::vector<UsageRow>> usage(const UsageQuery&) override { return rows; }
  Status scan(const ScanQuery&, ScanVisitor&) override { return {}; }
  [[nodiscard]] Result<std::vector<KeySpending>> spending(int64_t) override { return std::vector<KeySpending>{}; }
  [[nodiscard]] Result<std::vector<KeyRecord>> keys() override { return std::vector<KeyRecord>{}; }
  Status put_key(const KeyRecord&) override { return {}; }
  [[nodiscard]] Result<int64_t> keys_version() override { return 0; }

  std::vector<UsageRow> rows;

 private:
  std::shared_ptr<FakeStoreState> state_;
};

}  // namespace weir::test
