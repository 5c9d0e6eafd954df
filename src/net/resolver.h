// Resolver: names to addresses off the event loops, because getaddrinfo blocks. Goes through the system's own resolver,
// so /etc/hosts and nsswitch hold. Answers are kept for `ttl_ms` and then asked for again; when a new question fails,
// the old answer serves. Shared by all loops.
#pragma once

#include <sys/socket.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/result.h"
#include "net/event_loop.h"

namespace weir::net {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

class Resolver {
 public:
  static constexpr int64_t ttl_ms = 30'000;

  Resolver() = default;
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Awaited on any loop. Literal addresses and fresh answers come back at once. Errors: upstream_unreachable.
  Task<Result<std::vector<Address>>> resolve(EventLoop& loop, std::string host, uint16_t port, Wait wait);

 private:
  struct Answer {
    std::vector<Address> addresses;
    std::string error;
    int64_t asked_us = 0;
  };
  struct Question {
    std::string host;
    std::function<void(Answer)> answer;
  };
  void work();
  void ask(Question question);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, Answer> answers_;
  std::deque<Question> questions_;
  std::vector<std::thread> workers_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace weir::net
