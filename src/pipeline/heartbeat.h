// Heartbeat: comments in a stream that has nothing to say for a while, because its answer is held back, or is made by a
// job, so that proxies and clients do not take the silence for the end; and what such a job says of itself. The first
// one takes the head along: from then on the client has its 200, but nothing of the answer. Only for formats whose
// clients pass comments by. Loop thread only; whoever writes to the client waits for `stop` first.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "pipeline/downstream.h"

namespace weir {

class Heartbeat {
 public:
  Heartbeat(net::EventLoop& loop, Downstream& client) : loop_(loop), client_(client) {}
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;
  ~Heartbeat();

  // Clients of the format of this name pass comments by.
  [[nodiscard]] static bool suits(std::string_view format);
  // `why` and the head's content_type are static.
  void start(AnswerHead head, std::string_view why);
  // The same in a stream whose head is out.
  void go_on(std::string_view why);
  // Whole events of the stream, between the comments. Only between `start` and `stop`.
  net::Task<Status> say(std::string_view events);
  // No comment follows, and none is under way.
  net::Task<void> stop();
  // The head went out.
  [[nodiscard]] bool began() const;

 private:
  struct Beat;
  static net::Task<void> run(std::shared_ptr<Beat> beat);
  net::Task<void> until_written();

  net::EventLoop& loop_;
  Downstream& client_;
  std::shared_ptr<Beat> beat_;  // null: none runs
  bool began_ = false;
};

}  // namespace weir
