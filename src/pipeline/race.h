// Race: candidates of one request that are asked at once; whoever has something to say first answers, and the others
// are stopped. Each runs on a Lane, which is the client for it: before its first word it claims the client, and what is
// said without a claim goes nowhere. When the client leaves, or we go down, all lanes are stopped. Loop thread only;
// lives until all that runs on its lanes has ended.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "net/event_loop.h"
#include "pipeline/downstream.h"

namespace weir {

class Lane;

class Race {
 public:
  explicit Race(net::EventLoop& loop) : loop_(loop) {}
  Race(const Race&) = delete;
  Race& operator=(const Race&) = delete;

  // Whoever answers the client; null: nobody yet.
  [[nodiscard]] const Lane* winner() const { return winner_; }
  // Until something happens on a lane (a claim, an end), or until then; 0 = for ever. One waits at a time.
  net::Task<void> news(int64_t until_us);

 private:
  friend class Lane;
  void happened();

  net::EventLoop& loop_;
  std::vector<Lane*> lanes_;
  const Lane* winner_ = nullptr;
  net::Signal* waiting_ = nullptr;
  bool news_ = false;
};

class Lane final : public Downstream {
 public:
  Lane(Race& race, Downstream& client);

  // Something runs on it; it has ended, with this.
  void began() { runs_ = true; }
  void ended(std::optional<Error> error);
  [[nodiscard]] bool runs() const { return runs_; }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  // False: the client is another lane's.
  bool claim();
  [[nodiscard]] bool won() const { return race_.winner_ == this; }
  [[nodiscard]] bool lost() const { return race_.winner_ != nullptr && race_.winner_ != this; }

  // Why there are two, for people; "" = there is one.
  std::string why;

  [[nodiscard]] net::Cancellation& cancellation() override { return cancellation_; }
  [[nodiscard]] bool shutting_down() const override { return client_.shutting_down(); }
  net::Task<Status> respond(const AnswerHead& head, std::string_view body) override;
  void begin(const AnswerHead& head) override;
  net::Task<Status> write(std::string_view bytes) override;
  net::Task<Status> end() override;

 private:
  Race& race_;
  Downstream& client_;
  net::Cancellation cancellation_;
  std::optional<Error> error_;
  bool runs_ = false;
};

}  // namespace weir
