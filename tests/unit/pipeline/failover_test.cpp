// What the gateway remembers of a model that failed, and what that spares the requests after it.
#include "two_models.h"

namespace weir::test {
namespace {

using Failover = TwoModels;
using Requests = std::vector<std::pair<std::string, AskOptions>>;

// ---- who asks to be left alone

TEST_F(Failover, a_429_is_remembered_until_its_retry_after_has_passed) {
  serve({.first = "retries: 1"});
  first.from_now_on(whole(429, R"({"error":{"message":"slow down"}})", "Retry-After: 20\r\n"));
  second.from_now_on(completion("from b"));
  for (int i = 0; i < 15; ++i) {
    const auto [answer, entry] = gateway.ask(chat("both"));
    EXPECT_EQ(answer.field("x-weir-model"), "b");
    gateway.wait(1'000);
  }
  EXPECT_EQ(first.asked.size(), 1U);
  first.from_now_on(completion("from a"));
  gateway.wait(6'000);
  EXPECT_EQ(gateway.ask(chat("both")).answer.field("x-weir-model"), "a");
  EXPECT_EQ(gateway.breaker("a").state(gateway.now_ms()), BreakerState::closed) << "that was no failure";
}

TEST_F(Failover, many_at_once_after_a_429_make_one_call_and_not_one_each) {
  serve();
  first.from_now_on(whole(429, "{}", "Retry-After: 20\r\n"));
  second.from_now_on(completion("from b"));
  gateway.ask(chat("both"));
  Requests all;
  for (int i = 0; i < 50; ++i) all.push_back({chat("both"), {}});
  for (const auto& served : gateway.ask_all(all)) EXPECT_EQ(served.answer.field("x-weir-model"), "b");
  EXPECT_EQ(first.asked.size(), 1U);
  gateway.wait(20'000);
  gateway.ask_all(all);
  EXPECT_EQ(first.asked.size(), 2U) << "one went to see";
}

TEST_F(Failover, without_anybody_else_the_caller_is_told_how_long_and_the_model_is_left_alone) {
  serve();
  first.from_now_on(whole(429, "{}", "Retry-After: 60\r\n"));
  gateway.ask(chat("a"));
  gateway.wait(10'000);
  const auto [answer, entry] = gateway.ask(chat("a"));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.field("Retry-After"), "50");
  EXPECT_EQ(first.asked.size(), 1U);
  EXPECT_TRUE(entry.attempts.empty());
}

TEST_F(Failover, a_route_that_prefers_its_first_choice_waits_a_moment_for_it) {
  serve({.first = "retries: 1", .route = "prefer: first_choice"});
  first.then(whole(429, "{}", "Retry-After: 1\r\n"));
  first.then(completion("from a"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.field("x-weir-model"), "a");
  EXPECT_GE(answer.took_ms, 1'000);
  EXPECT_LE(answer.took_ms, 1'200);
  EXPECT_TRUE(second.asked.empty());
}

TEST_F(Failover, but_not_longer_than_its_patience) {
  serve({.first = "retries: 1", .route = "prefer: first_choice\n    patience: 500ms"});
  first.from_now_on(whole(429, "{}", "Retry-After: 1\r\n"));
  second.then(completion("from b"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.field("x-weir-model"), "b");
  EXPECT_LE(answer.took_ms, 20);
}

TEST_F(Failover, when_all_others_fail_a_moment_that_was_asked_for_is_waited_for) {
  serve({.first = "retries: 1"});
  first.then(whole(429, "{}", "Retry-After: 1\r\n"));
  first.then(completion("from a"));
  second.from_now_on(whole(500, "{}"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("x-weir-model"), "a");
  EXPECT_EQ(entry.attempts.size(), 3U);
}

// ---- who is silent

TEST_F(Failover, a_silent_first_choice_is_bearable_and_costs_few_requests_that_much) {
  serve();
  first.from_now_on({Hang{}});
  second.from_now_on(stream_of({"from b"}));
  EXPECT_LE(gateway.ask(chat_stream("both")).answer.took_ms, 21'000);
  EXPECT_LE(gateway.ask(chat_stream("both")).answer.took_ms, 21'000);
  int waited = 0;
  for (int i = 0; i < 60; ++i) {
    const auto [answer, entry] = gateway.ask(chat_stream("both"));
    EXPECT_EQ(answer.field("x-weir-model"), "b");
    waited += answer.took_ms > 1'000 ? 1 : 0;
    gateway.wait(500);
  }
  EXPECT_LE(waited, 10) << "now and then one finds out whether it is back";
}

TEST_F(Failover, those_who_wait_for_it_too_are_released_when_it_is_found_to_be_silent) {
  serve();
  first.from_now_on({Hang{}});
  second.from_now_on(stream_of({"from b"}));
  Requests all;
  for (int i = 0; i < 10; ++i) all.push_back({chat_stream("both"), {.begin_after_ms = i * 1'900}});
  const auto served = gateway.ask_all(all);
  for (std::size_t i = 3; i < served.size(); ++i) {
    EXPECT_LE(served[i].answer.took_ms, 22'500 - static_cast<int64_t>(i) * 1'900 + 1'000) << i;
    EXPECT_EQ(served[i].answer.field("x-weir-model"), "b");
  }
}

TEST_F(Failover, a_whole_answer_of_a_local_server_may_take_minutes) {
  serve();
  first.then({Pause{65'000}, completion("late")[0]});
  EXPECT_TRUE(gateway.ask(chat("a")).answer.has("late"));
  auto parts = completion("later")[0];
  const auto text = std::get<Say>(parts).bytes;
  const auto body = text.find("\r\n\r\n") + 4;
  first.then({Say{text.substr(0, body)}, Pause{65'000}, Say{text.substr(body)}});
  EXPECT_TRUE(gateway.ask(chat("a")).answer.has("later")) << "also where the head comes at once";
}

TEST_F(Failover, signs_of_life_are_waited_for) {
  serve();
  Script slow{stream_head(), role()};
  for (int i = 0; i < 5; ++i) {
    slow.emplace_back(Pause{15'000});
    slow.emplace_back(Say{"9\r\n: ping\n\n\n\r\n"});
  }
  for (const auto& step : {text("at last"), finish(), usage(1, 1), done()}) slow.emplace_back(step);
  first.then(slow);
  EXPECT_EQ(gateway.ask(chat_stream("both")).answer.field("x-weir-model"), "a");
}

TEST_F(Failover, the_message_names_the_key_and_not_the_address) {
  serve();
  first.from_now_on({Hang{}});
  const auto [answer, entry] = gateway.ask(chat_stream("a"));
  EXPECT_EQ(answer.status, 504);
  EXPECT_TRUE(answer.has("timeouts.first_token")) << answer.body;
  EXPECT_TRUE(answer.has("first"));
  EXPECT_FALSE(answer.has("/tmp")) << answer.body;
  EXPECT_FALSE(answer.has("127.0.0.1")) << answer.body;
}

// ---- who breaks off

TEST_F(Failover, one_that_cuts_every_stream_is_not_asked_for_ever) {
  serve();
  first.from_now_on({stream_head(), role(), text("Once "), Close{}});
  second.from_now_on(stream_of({"from b"}));
  for (int i = 0; i < 60; ++i) {
    gateway.ask(chat_stream("both"));
    gateway.wait(500);
  }
  EXPECT_LE(first.asked.size(), 20U);
}

// ---- whose fault it is

TEST_F(Failover, one_callers_bad_requests_do_not_take_the_model_from_others) {
  serve({.first = "retries: 1"});
  const auto bad = whole(500, R"({"error":{"message":"something about this request"}})");
  for (int i = 0; i < 60; ++i) {
    first.then(bad);
    first.then(bad);  // its second try
    EXPECT_EQ(gateway.ask(chat("a")).answer.status, 502);
    first.then(completion("good"));
    EXPECT_EQ(gateway.ask(chat("a")).answer.status, 200) << i;
    gateway.wait(900);
  }
}

TEST_F(Failover, even_without_others_a_good_request_gets_through) {
  serve();
  first.from_now_on(whole(500, "{}"));
  for (int i = 0; i < 20; ++i) gateway.ask(chat("a"));
  first.from_now_on(completion("good"));
  EXPECT_EQ(gateway.ask(chat("a")).answer.status, 200);
}

// ---- the queue

TEST_F(Failover, a_burst_of_short_requests_is_served_whole) {
  serve({.first = "slots: 4, queue: 10s"});
  first.from_now_on({Pause{200}, completion("x")[0]});
  Requests all;
  for (int i = 0; i < 100; ++i) all.push_back({chat("a"), {}});
  for (const auto& served : gateway.ask_all(all)) EXPECT_EQ(served.answer.status, 200);
}

}  // namespace
}  // namespace weir::test
