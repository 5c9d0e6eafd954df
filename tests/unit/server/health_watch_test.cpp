// The health of local servers: what counts as down, what does not, and what becomes of requests meanwhile.
#include "server/health_watch.h"

#include "support/gateway.h"

namespace weir::test {
namespace {

struct Watching : testing::Test {
  Gateway gateway;
  ScriptedUpstream& near = gateway.upstream("near");
  ScriptedUpstream& far = gateway.upstream("far");
  net::Cancellation stop;

  void SetUp() override {
    gateway.serve(R"(
providers:
  - {id: near, kind: openai_compatible, url: "@near", zone: local, health_check: true, health_path: /health, retries: 0}
  - {id: far, kind: openai_compatible, url: "@far", zone: cloud, api_key: k, health_check: false}
models:
  - {id: a, provider: near, name: name-a}
  - {id: b, provider: far, name: name-b}
routes:
  - {name: both, rules: [{use: [a, b]}]}
)");
    far.then(completion("far"));
  }
  void begin() {
    gateway.loop.post([this] { net::spawn(watch_health(*gateway.worker, stop)); });
  }
  void TearDown() override {
    gateway.loop.post([this] { stop.request(); });
    gateway.wait(1);
  }
  BreakerState state() { return gateway.breaker("a").state(gateway.now_ms()); }
};

TEST_F(Watching, the_path_that_is_configured_is_asked_every_second_or_so) {
  near.then(whole(200, "{}"));
  begin();
  gateway.wait(10'000);
  ASSERT_GE(near.asked.size(), 9U);
  EXPECT_LE(near.asked.size(), 11U);
  EXPECT_TRUE(near.asked[0].head.starts_with("GET /health HTTP/1.1\r\n"));
  EXPECT_TRUE(far.asked.empty()) << "nobody asked for that";
  EXPECT_EQ(state(), BreakerState::closed);
}

// Bedrock's runtime has no list of models that could be asked for.
TEST_F(Watching, a_server_without_a_list_is_asked_for_any_answer) {
  gateway.serve(R"(
providers:
  - {id: near, kind: bedrock, url: "@near", zone: cloud, api_key: k, health_check: true, retries: 0}
models:
  - {id: a, provider: near, name: name-a}
routes:
  - {name: both, rules: [{use: [a]}]}
)");
  near.then(whole(404, "{}"));
  begin();
  gateway.wait(3'000);
  ASSERT_FALSE(near.asked.empty());
  EXPECT_TRUE(near.asked[0].head.starts_with("GET / HTTP/1.1\r\n")) << near.asked[0].head;
  EXPECT_EQ(state(), BreakerState::closed);
}

TEST_F(Watching, a_server_that_answers_with_an_error_of_its_own_is_down_and_up_again) {
  near.then(whole(503, "{}"));
  begin();
  gateway.wait(1'500);
  EXPECT_EQ(state(), BreakerState::down);
  EXPECT_EQ(gateway.breaker("b").state(gateway.now_ms()), BreakerState::closed) << "it is another's";
  near.asked.clear();
  EXPECT_EQ(gateway.ask(chat("both")).answer.field("x-weir-model"), "b");
  for (const auto& asked : near.asked) EXPECT_TRUE(asked.head.starts_with("GET /health")) << "no request went there";
  near.from_now_on(whole(200, "{}"));
  gateway.wait(1'500);
  EXPECT_NE(state(), BreakerState::down);
  EXPECT_NE(gateway.log.find("local server is down"), std::string::npos);
  EXPECT_NE(gateway.log.find("local server is up"), std::string::npos);
}

TEST_F(Watching, one_that_dislikes_the_question_is_alive) {
  for (const int status : {400, 401, 404, 405, 429}) {
    near.from_now_on(whole(status, "{}"));
    if (status == 400) begin();
    gateway.wait(3'000);
    EXPECT_EQ(state(), BreakerState::closed) << status;
  }
  EXPECT_EQ(gateway.log.find("is down"), std::string::npos);
}

TEST_F(Watching, one_that_is_not_there_is_down) {
  near.close();
  begin();
  gateway.wait(2'500);
  EXPECT_EQ(state(), BreakerState::down);
}

TEST_F(Watching, one_slow_answer_is_no_reason_and_lasting_silence_is) {
  near.then({Pause{1'900}, whole(200, "{}")[0]});
  begin();
  gateway.wait(20'000);
  EXPECT_EQ(state(), BreakerState::closed);
  for (int i = 0; i < 5; ++i) {  // now and then an answer that never comes: not in a row
    near.from_now_on({Hang{}});
    gateway.wait(3'100);
    EXPECT_EQ(state(), BreakerState::closed);
    near.from_now_on(whole(200, "{}"));
    gateway.wait(10'000);
  }
  EXPECT_EQ(state(), BreakerState::closed);
  EXPECT_EQ(gateway.log.find("is down"), std::string::npos);
  near.from_now_on({Hang{}});
  gateway.wait(15'000);
  EXPECT_EQ(state(), BreakerState::down);
}

TEST_F(Watching, silence_while_a_request_of_ours_is_answered_is_work) {
  // One thing at a time: while it works on a request, it says nothing to anybody.
  near.from_now_on(whole(200, "{}"));
  begin();
  gateway.wait(1'100);
  near.from_now_on({Pause{30'000}, completion("from a")[0]});
  near.then({Hang{}});
  EXPECT_EQ(gateway.ask(chat("a")).answer.status, 200);
  EXPECT_GE(near.asked.size(), 10U) << "it was watched meanwhile";
  EXPECT_EQ(gateway.log.find("is down"), std::string::npos);
}

TEST_F(Watching, it_takes_nobodys_last_candidate_away) {
  near.from_now_on(whole(503, "{}"));
  begin();
  gateway.wait(1'500);
  ASSERT_EQ(state(), BreakerState::down);
  near.from_now_on(completion("from a"));
  EXPECT_EQ(gateway.ask(chat("a")).answer.status, 200) << "nobody else can answer: it is asked";
}

TEST_F(Watching, it_ends_when_it_is_told_to_even_while_it_waits_for_an_answer) {
  near.then({Hang{}});
  begin();
  gateway.wait(500);
  ASSERT_EQ(near.asked.size(), 1U);
  stop.request();
  gateway.wait(10'000);
  EXPECT_EQ(near.asked.size(), 1U);
  EXPECT_EQ(near.left_at_ms.size(), 1U);
}

}  // namespace
}  // namespace weir::test
