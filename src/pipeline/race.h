// Race: two candidates of one request are asked at once; whoever has something to say first answers, and the other one
// is stopped. Each runs on a Lane, which is the client for it: before its first word it claims the client, and what is
// said without a claim goes nowhere. Loop thread only; lives until both have ended.
#pragma once

#include <optional>

#include "core/error.h"
#include "net/event_loop.h"
#include "pipeline/downstream.h"

namespace weir {

class Lane;

class Race {
 public:
  explicit Race(net::EventLoop& loop) : loop_(loop) {}

  [[nodiscard]] const Lane* winner() const { return winner_; }
  // Until something happens in a lane (a claim, an end), or until then. One waits at a time.
  net::Task<void> wait_until(int64_t us);

 private:
  friend class Lane;
  void happened();

  net::EventLoop& loop_;
  const Lane* winner_ = nullptr;
  net::Signal* waiting_ = nullptr;
  bool news_ = false;
};

class Lane final : public Downstream {
 public:
  Lane(Race& race, Downstream& client) : race_(race), client_(client) {}

  // Ends what runs on it.
  void stop() { cancellation_.request(); }
  // What ran on it has ended, with this.
  void ended(std::optional<Error> error);
  [[nodiscard]] bool is_over() const { return over_; }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  [[nodiscard]] net::Cancellation& cancellation() override { return cancellation_; }
  [[nodiscard]] bool shutting_down() const override { return client_.shutting_down(); }
  [[nodiscard]] bool claim() override;
  [[nodiscard]] bool lost() const override { return race_.winner_ != nullptr && race_.winner_ != this; }
  net::Task<Status> respond(const AnswerHead& head, std::string_view body) override;
  void begin(const AnswerHead& head) override;
  net::Task<Status> write(std::string_view bytes) override;
  net::Task<Status> end() override;

 private:
  Race& race_;
  Downstream& client_;
  net::Cancellation cancellation_;
  std::optional<Error> error_;
  bool over_ = false;
};

}  // namespace weir
