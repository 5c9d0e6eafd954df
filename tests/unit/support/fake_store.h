// A store in memory that can be told to fail, and counts what is asked of it.
#pragma once

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include "ledger/store.h"

namespace weir::test {

struct FakeStoreState {
  std::mutex mutex;
  std::vector<std::string> ids;  // in the order of their commits
  std::vector<Entry> entries;    // the same, whole
  std::vector<std::size_t> batches;
  std::vector<KeyRecord> keys;
  int64_t keys_version = 0;
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
    for (const auto* entry : entries) {
      state_->ids.push_back(entry->id);
      state_->entries.push_back(*entry);
    }
    state_->batches.push_back(entries.size());
    return {};
  }
  [[nodiscard]] Result<std::optional<Entry>> find(std::string_view id) override {
    const std::lock_guard lock(state_->mutex);
    for (auto entry : state_->entries) {
      if (entry.id != id) continue;
      entry.outcome = "from the store";
      return entry;
    }
    return std::nullopt;
  }
  [[nodiscard]] Result<std::vector<UsageRow>> usage(const UsageQuery&) override { return rows; }
  // As a store would, but for the sums.
  [[nodiscard]] Result<Latest> latest(const LatestQuery& query) override {
    const std::lock_guard lock(state_->mutex);
    if (state_->failing) return failure(ErrorCode::internal, "the disk is broken");
    Latest latest{.requests = {state_->entries.rbegin(), state_->entries.rend()}, .sums = {}};
    latest.requests.resize(std::min(latest.requests.size(), query.shown));
    latest.sums.requests = static_cast<int64_t>(state_->entries.size());
    return latest;
  }
  Status audit(const AuditQuery&, const AuditVisitor&) override { return {}; }
  [[nodiscard]] Result<ChainCheck> check_audit(const AuditKey&, const NotedHead&) override { return ChainCheck{}; }
  Result<int64_t> expire_audit(const AuditExpiry&) override { return 0; }
  Status scan(const ScanQuery&, ScanVisitor&) override { return {}; }
  [[nodiscard]] Result<std::vector<KeySpending>> spending(int64_t) override { return std::vector<KeySpending>{}; }
  [[nodiscard]] Result<std::vector<KeyRecord>> keys() override {
    const std::lock_guard lock(state_->mutex);
    return state_->keys;
  }
  Status put_key(const KeyRecord& key) override {
    const std::lock_guard lock(state_->mutex);
    std::erase_if(state_->keys, [&](const auto& known) { return known.id == key.id; });
    state_->keys.push_back(key);
    ++state_->keys_version;
    return {};
  }
  [[nodiscard]] Result<int64_t> keys_version() override {
    const std::lock_guard lock(state_->mutex);
    return state_->keys_version;
  }

  std::vector<UsageRow> rows;

 private:
  std::shared_ptr<FakeStoreState> state_;
};

}  // namespace weir::test
