// How long things are waited for: each limit by its own length, and what becomes of the request then.
#include "two_models.h"

namespace weir::test {
namespace {

using Deadlines = TwoModels;

// ---- one attempt

TEST_F(Deadlines, a_silent_server_is_left_after_first_byte) {
  serve({.first = "timeouts: {first_byte: 5s}"});
  first.then({Hang{}});
  second.then(completion("x"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.field("x-weir-model"), "b");
  ASSERT_EQ(entry.attempts.size(), 2U);
  EXPECT_EQ(entry.attempts[0].outcome, "upstream_timeout");
  expect_about(entry.attempts[0].duration_us / 1000, 5'000);
  expect_about(answer.took_ms, 5'000);
  ASSERT_EQ(first.left_at_ms.size(), 1U) << "the model is told that nobody waits any more";
  expect_about(first.left_at_ms[0] - first.asked[0].at_ms, 5'000);
}

TEST_F(Deadlines, a_stream_without_content_is_left_after_first_token_whatever_else_it_sends) {
  serve({.first = "timeouts: {first_token: 7s, idle: 3s, first_byte: 60s}"});
  Script pings{stream_head(), role()};
  for (int i = 0; i < 20; ++i) {
    pings.emplace_back(Pause{1'000});
    pings.emplace_back(Say{"9\r\n: ping\n\n\n\r\n"});
  }
  first.then(pings);
  second.then(stream_of({"x"}));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.field("x-weir-model"), "b");
  ASSERT_EQ(entry.attempts.size(), 2U);
  EXPECT_EQ(entry.attempts[0].outcome, "upstream_timeout");
  EXPECT_FALSE(entry.attempts[0].partial);
  EXPECT_EQ(entry.attempts[0].first_token_us, 0);
  EXPECT_LE(entry.attempts[1].first_token_us / 1000, 10);
  expect_about(entry.first_token_us / 1000, 7'000);
  expect_about(entry.attempts[0].duration_us / 1000, 7'000);
}

TEST_F(Deadlines, a_first_token_just_in_time_is_taken_and_its_time_is_recorded) {
  serve({.first = "timeouts: {first_token: 7s, idle: 3s}"});
  first.then({stream_head(), role(), Pause{6'900}, text("late"), finish(), usage(10, 5), done()});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.field("x-weir-model"), "a");
  EXPECT_EQ(answer.said(), "late");
  expect_about(entry.attempts[0].first_token_us / 1000, 6'900);
  expect_about(entry.first_token_us / 1000, 6'900);
}

TEST_F(Deadlines, a_stream_that_falls_silent_is_ended_after_idle) {
  serve({.first = "timeouts: {first_token: 60s, idle: 3s}"});
  first.then({stream_head(), role(), text("Once "), Pause{2'900}, text("upon "), Pause{2'900}, text("a "), Hang{}});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.said(), "Once upon a ");
  EXPECT_TRUE(answer.has("upstream_timeout"));
  EXPECT_FALSE(answer.has("[DONE]"));
  expect_about(answer.took_ms, 2'900 + 2'900 + 3'000);
  EXPECT_EQ(entry.outcome, "upstream_timeout");
  EXPECT_EQ(entry.http_status, 200) << "that is what the client saw";
  EXPECT_TRUE(entry.attempts[0].partial);
}

TEST_F(Deadlines, a_whole_answer_that_falls_silent_in_its_middle_goes_to_the_next_after_idle) {
  serve({.first = "timeouts: {idle: 3s}"});
  first.then({Say{"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"id\":"}, Hang{}});
  second.then(completion("x"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.field("x-weir-model"), "b");
  expect_about(entry.attempts[0].duration_us / 1000, 3'000);
}

TEST_F(Deadlines, the_last_word_of_a_stream_is_not_waited_for_longer_than_a_second) {
  serve({.first = "timeouts: {idle: 30s}"});
  first.then({stream_head(), role(), text("All "), text("said."), finish(), Hang{}});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "All said.");
  EXPECT_TRUE(answer.has("[DONE]"));
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(entry.outcome, "ok");
  EXPECT_TRUE(entry.usage.estimated);
  EXPECT_GE(answer.took_ms, 1'000);
  EXPECT_LE(answer.took_ms, 1'050);
}

TEST_F(Deadlines, usage_that_comes_in_that_second_is_taken) {
  serve();
  first.then({stream_head(), role(), text("All said."), finish(), Pause{900}, usage(123, 45), Hang{}});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(entry.usage.input, 123);
  EXPECT_EQ(entry.usage.output, 45);
  EXPECT_FALSE(entry.usage.estimated);
}

TEST_F(Deadlines, an_attempt_ends_with_its_total_however_lively_it_is) {
  serve({.first = "timeouts: {total: 6s, idle: 3s}"});
  Script endless{stream_head(), role()};
  for (int i = 0; i < 30; ++i) {
    endless.emplace_back(text("on "));
    endless.emplace_back(Pause{1'000});
  }
  first.then(endless);
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(entry.outcome, "upstream_timeout");
  EXPECT_TRUE(answer.has("timeouts.total")) << "the key that says so: " << answer.body;
  expect_about(answer.took_ms, 6'000);
}

// ---- the whole request

TEST_F(Deadlines, the_routes_total_ends_an_attempt) {
  serve({.first = "timeouts: {first_byte: 60s}", .route = "total: 2s"});
  first.then({Hang{}});
  second.then(completion("x"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 504);
  EXPECT_TRUE(answer.has("2000 ms")) << answer.body;
  expect_about(answer.took_ms, 2'000);
  EXPECT_EQ(entry.outcome, "deadline_exceeded");
  EXPECT_TRUE(second.asked.empty()) << "there is no time left to ask the next";
}

TEST_F(Deadlines, the_routes_total_ends_the_next_candidates_attempt) {
  serve({.first = "timeouts: {first_byte: 1500ms}", .second = "timeouts: {first_byte: 60s}", .route = "total: 2s"});
  first.then({Hang{}});
  second.then({Hang{}});
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 504);
  expect_about(answer.took_ms, 2'000);
  ASSERT_EQ(entry.attempts.size(), 2U);
  EXPECT_GE(entry.attempts[1].duration_us / 1000, 480);
  EXPECT_LE(entry.attempts[1].duration_us / 1000, 510);
}

TEST_F(Deadlines, the_routes_total_ends_a_stream) {
  serve({.first = "timeouts: {idle: 30s}", .route = "total: 4s"});
  first.then({stream_head(), role(), text("Once "), Hang{}});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "Once ");
  expect_about(answer.took_ms, 4'000);
  EXPECT_TRUE(answer.ended);
  EXPECT_FALSE(answer.has("[DONE]"));
}

TEST_F(Deadlines, a_retry_that_would_come_after_the_routes_total_is_not_waited_for) {
  serve({.first = "retries: 3", .route = "total: 1s", .rule = "when: {stream: true}}\n      - {use: [a]"});
  first.then(whole(429, "{}", "Retry-After: 2\r\n"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 429);
  EXPECT_LE(answer.took_ms, 10);
  EXPECT_EQ(first.asked.size(), 1U);
}

TEST_F(Deadlines, nor_is_one_for_which_the_pause_alone_is_too_long) {
  serve({.first = "retries: 3", .route = "total: 1s", .rule = "when: {stream: true}}\n      - {use: [a]"});
  first.then({Pause{970}, whole(500, R"({"error":{"message":"broken"}})")[0]});
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 502);
  expect_about(answer.took_ms, 970);
  EXPECT_EQ(first.asked.size(), 1U);
}

TEST_F(Deadlines, a_slot_is_waited_for_until_the_routes_total) {
  serve({.first = "slots: 1, queue: 30s", .route = "total: 5s", .rule = "when: {stream: true}}\n      - {use: [a]"});
  first.then({Pause{40'000}, completion("x")[0]});
  const auto served = gateway.ask_all({{chat("a"), {}}, {chat("both"), {.begin_after_ms = 1'000}}});
  EXPECT_EQ(served[0].answer.status, 200) << "a model that is named has no route's total";
  expect_about(served[1].answer.took_ms, 5'000);
  EXPECT_GE(served[1].answer.status, 500);
  EXPECT_EQ(first.asked.size(), 1U);
  expect_about(served[1].entry.attempts.at(0).queue_us / 1000, 5'000);
}

// ---- slots

TEST_F(Deadlines, a_slot_is_waited_for_as_long_as_the_provider_says) {
  serve({.first = "slots: 1, queue: 3s", .rule = "when: {stream: true}}\n      - {use: [a]"});
  first.then({Pause{40'000}, completion("x")[0]});
  const auto served = gateway.ask_all({{chat("both"), {}}, {chat("both"), {.begin_after_ms = 100}}});
  EXPECT_EQ(served[1].answer.status, 503);
  EXPECT_EQ(served[1].entry.outcome, "queue_timeout");
  EXPECT_GE(std::atoi(std::string(served[1].answer.field("Retry-After")).c_str()), 1);
  expect_about(served[1].answer.took_ms, 3'000);
  EXPECT_EQ(served[0].answer.status, 200);
}

TEST_F(Deadlines, a_slot_that_comes_free_is_taken_at_once_and_the_wait_recorded) {
  serve({.first = "slots: 1, queue: 30s"});
  first.then({Pause{2'000}, completion("x")[0]});
  first.then(completion("y"));
  const auto served = gateway.ask_all({{chat("both"), {}}, {chat("both"), {.begin_after_ms = 500}}});
  EXPECT_EQ(served[1].answer.field("x-weir-model"), "a");
  EXPECT_GE(served[1].entry.attempts[0].queue_us / 1000, 1'480);
  EXPECT_LE(served[1].entry.attempts[0].queue_us / 1000, 1'520);
  EXPECT_LE(served[1].entry.attempts[0].duration_us / 1000, 10) << "waiting is not answering";
  EXPECT_EQ(gateway.slots("first").stats().held, 0);
  EXPECT_GE(gateway.slots("first").stats().average_use_us, 1'700'000) << "of two seconds and nothing, weighed";
}

TEST_F(Deadlines, a_wait_that_is_known_to_be_too_long_is_not_begun) {
  serve({.first = "slots: 1, queue: 30s", .rule = "spill: {queue: 300ms}"});
  first.then({Pause{10'000}, completion("x")[0]});
  second.then(completion("y"));
  gateway.ask(chat("both"));  // a slot is used for ten seconds
  const auto served = gateway.ask_all({{chat("both"), {}}, {chat("both"), {.begin_after_ms = 100}}});
  EXPECT_EQ(served[1].answer.field("x-weir-model"), "b");
  EXPECT_LE(served[1].answer.took_ms, 10);
}

TEST_F(Deadlines, a_full_machine_spills_to_the_next_after_the_rules_patience) {
  serve({.first = "slots: 1, queue: 30s", .rule = "spill: {queue: 300ms}"});
  first.then({Pause{10'000}, completion("x")[0]});
  second.then(completion("y"));
  const auto served = gateway.ask_all({{chat("both"), {}}, {chat("both"), {.begin_after_ms = 100}}});
  EXPECT_EQ(served[1].answer.field("x-weir-model"), "b");
  expect_about(served[1].answer.took_ms, 300);
  EXPECT_EQ(served[1].entry.attempts.at(0).outcome, "queue_timeout");
  EXPECT_NE(gateway.metrics_text().find("\nweir_spills_total 1\n"), std::string::npos);
  EXPECT_NE(gateway.metrics_text().find("\nweir_fallbacks_total 0\n"), std::string::npos);
}

}  // namespace
}  // namespace weir::test
