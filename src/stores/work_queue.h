// WorkQueue: what others hand over to the one thread of a keeper, in the order in which it comes. Anybody may push,
// wake and stop; the keeper's thread alone takes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

namespace weir {

template <typename Work>
class WorkQueue {
 public:
  // So much may wait while the disk is slower than what comes.
  explicit WorkQueue(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  // False: too much waits already, and it was not taken. What has no bytes always is.
  bool push(Work work, std::size_t bytes = 0) {
    {
      const std::lock_guard lock(mutex_);
      if (bytes > 0 && bytes_ + bytes > most_bytes_) return false;
      bytes_ += bytes;
      work_.push_back(std::move(work));
    }
    due_.notify_one();
    return true;
  }
  // The keeper's thread goes on, though there is no work.
  void wake() { set(woken_); }
  // It ends once all is done.
  void stop() { set(stopping_); }

  struct Taken {
    std::deque<Work> work;
    bool woken = false;
  };
  // All that waits; for at most `patience`, until there is something.
  Taken take(std::chrono::seconds patience) {
    std::unique_lock lock(mutex_);
    due_.wait_for(lock, patience, [this] { return stopping_ || woken_ || !work_.empty(); });
    bytes_ = 0;
    return {.work = std::exchange(work_, {}), .woken = std::exchange(woken_, false)};
  }
  [[nodiscard]] bool is_over() {
    const std::lock_guard lock(mutex_);
    return stopping_ && work_.empty();
  }

 private:
  void set(bool& flag) {
    {
      const std::lock_guard lock(mutex_);
      flag = true;
    }
    due_.notify_one();
  }

  const std::size_t most_bytes_;
  std::mutex mutex_;  // guards the ones below
  std::condition_variable due_;
  std::deque<Work> work_;
  std::size_t bytes_ = 0;
  bool woken_ = false;
  bool stopping_ = false;
};

}  // namespace weir
