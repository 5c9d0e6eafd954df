// IdleList: the connections of one loop that wait for a request, the longest first, so that when there is no room the
// oldest can go. For the loop's thread; what says `any thread` may be asked by the other loops.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace weir {

class IdleList {
 public:
  class Entry {
   public:
    // Told to go; is off the list already.
    virtual void close_idle() = 0;

   protected:
    ~Entry() = default;

   private:
    friend class IdleList;
    Entry* older_ = nullptr;
    Entry* newer_ = nullptr;
    int64_t since_us_ = 0;
    bool listed_ = false;
  };

  void add(Entry& entry, int64_t now_us) {
    if (std::exchange(entry.listed_, true)) return;
    entry.since_us_ = now_us;
    entry.older_ = newest_;
    entry.newer_ = nullptr;
    (newest_ != nullptr ? newest_->newer_ : oldest_) = &entry;
    newest_ = &entry;
    count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    if (oldest_ == &entry) publish();
  }

  void remove(Entry& entry) {
    if (!std::exchange(entry.listed_, false)) return;
    const bool was_oldest = oldest_ == &entry;
    (entry.older_ != nullptr ? entry.older_->newer_ : oldest_) = entry.newer_;
    (entry.newer_ != nullptr ? entry.newer_->older_ : newest_) = entry.older_;
    count_.store(count_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
    if (was_oldest) publish();
  }

  // False when nobody waits.
  bool close_oldest() {
    Entry* const entry = oldest_;
    if (entry == nullptr) return false;
    remove(*entry);
    entry->close_idle();
    return true;
  }

  // Any thread. Since when the oldest waits, on the clock of `add`; 0 = nobody does.
  [[nodiscard]] int64_t oldest_us() const { return oldest_us_.load(std::memory_order_relaxed); }

  // Any thread: true when one more may be told to go than was claimed so far; the loop then calls `close_claimed`.
  [[nodiscard]] bool claim() {
    if (claimed_.fetch_add(1, std::memory_order_relaxed) < count_.load(std::memory_order_relaxed)) return true;
    claimed_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  void close_claimed() {
    claimed_.fetch_sub(1, std::memory_order_relaxed);
    close_oldest();
  }

 private:
  void publish() { oldest_us_.store(oldest_ != nullptr ? oldest_->since_us_ : 0, std::memory_order_relaxed); }

  Entry* oldest_ = nullptr;
  Entry* newest_ = nullptr;
  std::atomic<int64_t> oldest_us_{0};
  std::atomic<int64_t> count_{0};
  std::atomic<int64_t> claimed_{0};
};

}  // namespace weir
