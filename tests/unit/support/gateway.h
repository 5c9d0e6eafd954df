// Gateway: one worker with its pipeline on a scripted clock, serving a deployment made of YAML text, before upstreams
// that do what a test says. `ask` runs one request to its end and gives the client's answer and the ledger's entry.
#pragma once

#include <map>

#include "answers/answer_cache.h"
#include "ledger/writer.h"
#include "pipeline/pipeline.h"
#include "support/clock.h"
#include "support/fake_store.h"
#include "support/scripted_downstream.h"
#include "support/scripted_upstream.h"

namespace weir::test {

struct AskOptions {
  Operation operation = Operation::chat;
  std::shared_ptr<const KeyState> key;
  std::string sensitive;  // x-weir-sensitive
  std::string tags;
  std::string_view format = "openai";  // that the client speaks
  std::string cache_control;
  bool batch = false;
  int64_t leave_after_ms = 0;  // 0: stays; negative: has left before it begins
  int64_t shut_down_after_ms = 0;
  int64_t ms_per_piece = 0;    // a slow client
  int64_t begin_after_ms = 0;  // where several ask at once
};

struct Served {
  Answer answer;
  Entry entry;
};

// A chat request to `model`; `more` is further members, each behind a comma.
[[nodiscard]] std::string chat(std::string_view model, std::string_view text = "What is a weir?",
                               std::string_view more = {});
[[nodiscard]] std::string chat_stream(std::string_view model, std::string_view text = "What is a weir?",
                                      std::string_view more = {});

class Gateway {
 public:
  Gateway();
  ~Gateway();

  // Stands as `@name` in the YAML.
  ScriptedUpstream& upstream(const std::string& name,
                             ScriptedUpstream::Over over = ScriptedUpstream::Over::unix_socket);
  // Swaps the deployment, as a reload does. Faults of the text fail the test.
  void serve(std::string yaml);
  Served ask(std::string body, const AskOptions& options = {});
  // Several at once, each with its options.
  std::vector<Served> ask_all(const std::vector<std::pair<std::string, AskOptions>>& requests);
  // Lets time pass and everything happen.
  void wait(int64_t ms);
  // Runs `work` on the loop until it has ended.
  void run(net::Task<void> work);
  [[nodiscard]] int64_t now_ms() const { return loop.now_us() / 1000; }
  [[nodiscard]] std::string metrics_text() const;
  [[nodiscard]] const Deployment& deployment() const { return *worker->deployment; }
  [[nodiscard]] CircuitBreaker& breaker(std::string_view model) const;
  [[nodiscard]] Slots& slots(std::string_view provider) const;

  ScriptedClock clock;
  net::EventLoop loop{&clock};
  Metrics metrics{{.shards = 1, .version = "test"}};
  KeyRing keys;
  std::shared_ptr<FakeStoreState> store = std::make_shared<FakeStoreState>();
  std::string log;
  std::unique_ptr<Writer> ledger;
  Dialer dialer;
  AnswerCache answers{{}, {}, [] { return wall_clock_us(); }};
  std::unique_ptr<Worker> worker;
  std::unique_ptr<Pipeline> pipeline;

 private:
  net::Task<void> serve_one(std::string id, std::string body, AskOptions options, Answer& answer);

  std::map<std::string, std::unique_ptr<ScriptedUpstream>> upstreams_;
  uint64_t version_ = 0;
  int next_id_ = 0;
};

}  // namespace weir::test
