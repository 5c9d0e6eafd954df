// ParseGate: the way of large bodies through parsing. Parsing takes memory several times the body's size, and the
// guards read it for tenths of a second, so only so many bytes are let in at once, over all loops: others wait in their
// order, and are refused when that takes too long. And a large body is decoded on a thread of the gate's own, since
// simdjson reads a text in one go, in which nobody else on the loop would be served.
//
// One per process, used by all loops: every method from the thread of the loop it is given. It outlives the loops'
// coroutines.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "core/request.h"
#include "core/result.h"
#include "net/event_loop.h"
#include "net/task.h"

namespace weir {

class ParseGate {
 public:
  // Smaller bodies pass by: they are parsed where they come in, in less than the shortest turn.
  static constexpr std::size_t large = 256 * 1024;

  struct Bounds {
    std::size_t bytes = 0;    // of bodies inside at once; one that is larger is let in alone
    int64_t patience_ms = 0;  // of one that waits
  };

  // A body's place inside; given up by its end.
  class Place {
   public:
    Place() = default;
    Place(ParseGate& gate, std::size_t bytes) : gate_(&gate), bytes_(bytes) {}
    Place(Place&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), bytes_(other.bytes_) {}
    Place& operator=(Place&& other) noexcept;
    ~Place() { leave(); }
    void leave();

   private:
    ParseGate* gate_ = nullptr;
    std::size_t bytes_ = 0;
  };

  ParseGate();
  ~ParseGate();
  ParseGate(const ParseGate&) = delete;
  ParseGate& operator=(const ParseGate&) = delete;

  // Errors: queue_timeout, client_gone.
  net::Task<Result<Place>> enter(net::EventLoop& loop, std::size_t bytes, Bounds bounds,
                                 net::Cancellation& cancellation);
  // `decode`, elsewhere. Waits to its end whatever the client does: the body is in use.
  using Decode = std::function<Result<Request>(json::DocumentPool& pool)>;
  net::Task<Result<Request>> decode(net::EventLoop& loop, Decode decode);

 private:
  struct Waiter;

  void leave(std::size_t bytes);
  void let_in();  // with mutex_ held
  void work();

  std::mutex mutex_;
  std::size_t inside_ = 0;
  std::deque<std::shared_ptr<Waiter>> waiting_;
  std::deque<std::function<void()>> jobs_;
  std::condition_variable due_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace weir
