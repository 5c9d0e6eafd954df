// TurnEnd: waits until the loop has dealt with every event of this turn. Writes wait for it, so that all that a turn
// has to send goes out together: the first send wakes the receiver, and the others find it awake. Sent one by one, with
// work in between, each would wake it anew, which costs more than the send itself. Both here: loop thread only; not for
// what may be destroyed while it waits.
#pragma once

#include "net/event_loop.h"

namespace weir::net {

struct TurnEnd {
  EventLoop& loop;

  [[nodiscard]] bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) { loop.schedule(waiter); }
  void await_resume() const {}
};

// NextTurn: waits until the loop has also looked for new events and dealt with them: what computes for long pauses here
// now and then. It costs two system calls.
struct NextTurn {
  EventLoop& loop;

  [[nodiscard]] bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    loop.post([waiter] { waiter.resume(); });
  }
  void await_resume() const {}
};

}  // namespace weir::net
