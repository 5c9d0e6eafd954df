#include "net/frame_pool.h"

namespace weir::net {

FramePool::~FramePool() {
  for (auto& list : lists_) {
    while (list.first != nullptr) {
      auto* const frame = list.first;
      list.first = frame->next;
      ::operator delete(frame);
    }
  }
}

FramePool& FramePool::of_this_thread() {
  thread_local FramePool pool;
  return pool;
}

}  // namespace weir::net
