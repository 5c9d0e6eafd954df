// Heartbeat: comments in a stream whose answer is held back, so that proxies and clients do not take the silence for
// the end. The first one takes the head along: from then on the client has its 200. Only for formats whose clients pass
// comments by. Loop thread only; whoever writes to the client waits for `stop` first.
#pragma once

#include <memory>
#include <string>
#include <string_view>

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
  // `head`: its content_type is static.
  void start(AnswerHead head);
  // No comment follows, and none is under way.
  net::Task<void> stop();
  // The head went out.
  [[nodiscard]] bool began() const;

 private:
  struct Beat;
  static net::Task<void> run(std::shared_ptr<Beat> beat);

  net::EventLoop& loop_;
  Downstream& client_;
  std::shared_ptr<Beat> beat_;  // null: none runs
  bool began_ = false;
};

}  // namespace weir
