// FramePool: memory of coroutine frames that have ended, for those that begin. A request is a chain of some fourteen
// frames, most of them too large or, with many requests under way, too many for the allocator's own fast lists. One per
// thread, because a frame begins and ends on its loop's thread; memory given back on another thread is simply kept
// there. Bounded: what is beyond `most_kept` frames of one size goes back to the allocator.
#pragma once

#include <array>
#include <cstddef>
#include <new>

namespace weir::net {

class FramePool {
 public:
  FramePool() = default;
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;
  ~FramePool();

  [[nodiscard]] void* take(std::size_t size);
  void give(void* frame, std::size_t size);

  // The calling thread's. Where a frame is made there is no loop at hand, as there is none for `new`.
  static FramePool& of_this_thread();

 private:
  static constexpr std::size_t step = 64;
  static constexpr std::size_t largest = 8 * 1024;
// A sanitizer sees the use of a frame that has ended only if its memory is freed.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  static constexpr std::size_t most_kept = 0;
#else
  static constexpr std::size_t most_kept = 128;
#endif

  struct Free {
    Free* next;
  };
  struct List {
    Free* first = nullptr;
    std::size_t count = 0;
  };
  std::array<List, largest / step + 1> lists_;  // by size in steps
};

inline void* FramePool::take(std::size_t size) {
  const auto steps = (size + step - 1) / step;
  const auto rounded = steps * step;
  if (steps >= lists_.size()) return ::operator new(rounded);
  auto& list = lists_[steps];
  if (list.first == nullptr) return ::operator new(rounded);
  auto* const frame = list.first;
  list.first = frame->next;
  --list.count;
  return frame;
}

inline void FramePool::give(void* frame, std::size_t size) {
  const auto steps = (size + step - 1) / step;
  if (steps >= lists_.size() || lists_[steps].count >= most_kept) return ::operator delete(frame);
  auto& list = lists_[steps];
  list.first = new (frame) Free{list.first};
  ++list.count;
}

// Base of promises: their frames come from the pool.
struct PooledFrame {
  static void* operator new(std::size_t size) { return FramePool::of_this_thread().take(size); }
  static void operator delete(void* frame, std::size_t size) { FramePool::of_this_thread().give(frame, size); }
};

}  // namespace weir::net
