// Clients that leave, and a gateway that goes down: what is stopped, what is paid, what the ledger says.
#include "two_models.h"

namespace weir::test {
namespace {

using Clients = TwoModels;

TEST_F(Clients, one_that_leaves_in_a_stream_is_recorded_with_what_was_said_and_paid_by_then) {
  serve();
  first.then({stream_head(), role(), text("123456789"), Pause{1'000}, text("123456789"), Pause{60'000}, text("never"),
              finish(), done()});
  const auto [answer, entry] = gateway.ask(chat_stream("both"), {.leave_after_ms = 2'500});
  EXPECT_EQ(answer.said(), "123456789123456789");
  EXPECT_EQ(entry.outcome, "client_gone");
  expect_about(entry.duration_us / 1000, 2'500);
  ASSERT_EQ(entry.attempts.size(), 1U) << "nobody is left to answer";
  const auto& attempt = entry.attempts[0];
  EXPECT_EQ(attempt.outcome, "client_gone");
  EXPECT_TRUE(attempt.partial);
  EXPECT_TRUE(attempt.usage.estimated);
  EXPECT_EQ(attempt.usage.output, 5);  // 18 bytes, 3.6 each
  EXPECT_EQ(attempt.usage.input, entry.asked.input_tokens);
  EXPECT_EQ(attempt.cost, attempt.usage.input + 2 * attempt.usage.output);
  EXPECT_EQ(entry.cost, attempt.cost);
  EXPECT_EQ(entry.usage.output, 5);
  ASSERT_EQ(first.left_at_ms.size(), 1U) << "the model stops working for nobody";
  expect_about(first.left_at_ms[0] - first.asked[0].at_ms, 2'500);
  EXPECT_TRUE(second.asked.empty());
  EXPECT_NE(gateway.metrics_text().find("\nweir_clients_gone_total 1\n"), std::string::npos);
}

TEST_F(Clients, one_that_leaves_before_the_answer_is_charged_the_prompt_and_blames_nobody) {
  serve({.first = "retries: 2"});
  first.then({Hang{}});
  for (int i = 0; i < 8; ++i) {
    const auto [answer, entry] = gateway.ask(chat("both"), {.leave_after_ms = 500});
    EXPECT_EQ(answer.status, 0);
    EXPECT_EQ(entry.outcome, "client_gone");
    EXPECT_EQ(entry.http_status, 499);
    EXPECT_EQ(entry.attempts.size(), 1U);
    EXPECT_EQ(entry.cost, entry.asked.input_tokens);
    EXPECT_FALSE(entry.baseline_known);
  }
  EXPECT_EQ(gateway.breaker("a").state(gateway.now_ms()), BreakerState::closed);
  EXPECT_TRUE(second.asked.empty());
}

TEST_F(Clients, one_that_leaves_the_queue_takes_no_slot) {
  serve({.first = "slots: 1, queue: 30s"});
  first.then({Pause{5'000}, completion("x")[0]});
  const auto served =
      gateway.ask_all({{chat("both"), {}}, {chat("both"), {.leave_after_ms = 1'000, .begin_after_ms = 100}}});
  EXPECT_EQ(served[1].entry.outcome, "client_gone");
  expect_about(served[1].entry.duration_us / 1000, 1'000);
  ASSERT_EQ(served[1].entry.attempts.size(), 1U);
  EXPECT_EQ(served[1].entry.attempts[0].outcome, "client_gone");
  EXPECT_EQ(first.asked.size(), 1U);
  EXPECT_EQ(gateway.slots("first").stats().waiting, 0);
  EXPECT_EQ(gateway.slots("first").stats().held, 0);
  EXPECT_EQ(gateway.ask(chat("both")).answer.status, 200);
}

TEST_F(Clients, for_one_that_has_left_before_nobody_is_asked) {
  serve();
  first.then(completion("x"));
  const auto [answer, entry] = gateway.ask(chat("both"), {.leave_after_ms = -1});
  EXPECT_EQ(entry.outcome, "client_gone");
  EXPECT_TRUE(first.asked.empty());
  EXPECT_TRUE(second.asked.empty());
  EXPECT_EQ(entry.cost, 0);
}

TEST_F(Clients, what_a_request_took_is_taken_from_its_keys_budget_and_tokens) {
  serve();
  FakeStore store(gateway.store);
  const auto created = create_key(store, {.name = "app", .tokens_per_minute = 10'000, .budget_per_day = 1'000'000}, 1);
  ASSERT_TRUE(created);
  ASSERT_TRUE(gateway.keys.reload_if_changed(store, wall_clock_us()));
  const auto key = gateway.keys.active().at(0);
  first.then(completion("x", 1'000, 500));
  const auto [answer, entry] = gateway.ask(chat("both", "Hi", R"(,"max_tokens":800)"), {.key = key, .tags = "batch"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(entry.caller, "app");
  EXPECT_EQ(entry.key_id, key->record.id);
  EXPECT_EQ(entry.tags, "batch");
  const auto standing = key->meter->budget.standing(wall_clock_us());
  EXPECT_EQ(standing.spent_today, 2'000);
  EXPECT_EQ(standing.reserved, 0);
  const auto now_us = gateway.loop.now_us();
  EXPECT_FALSE(key->meter->tokens.take(8'600, now_us).granted) << "1,500 of 10,000 are used";
  EXPECT_TRUE(key->meter->tokens.take(8'400, now_us).granted);
}

TEST_F(Clients, one_that_leaves_between_two_tries_ends_them) {
  serve({.second = "retries: 5"});
  second.then(whole(429, "{}", "Retry-After: 1\r\n"));
  const auto [answer, entry] = gateway.ask(chat("b"), {.leave_after_ms = 300});
  EXPECT_EQ(entry.outcome, "client_gone");
  EXPECT_EQ(second.asked.size(), 1U);
  expect_about(entry.duration_us / 1000, 300);
}

TEST_F(Clients, a_gateway_that_goes_down_says_so_instead_of_vanishing) {
  serve();
  first.then({Hang{}});
  const auto [answer, entry] = gateway.ask(chat("both"), {.shut_down_after_ms = 700});
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.has("shutting_down"));
  EXPECT_EQ(entry.outcome, "shutting_down");
  EXPECT_TRUE(second.asked.empty());
}

TEST_F(Clients, a_slow_one_slows_the_model_and_loses_nothing) {
  serve({.first = "timeouts: {idle: 3s}"});
  Script script{stream_head(), role()};
  std::string all;
  for (int i = 0; i < 40; ++i) {
    all += fmt::format("{:04} ", i);
    script.emplace_back(text(fmt::format("{:04} ", i)));
    script.emplace_back(Pause{10});
  }
  script.emplace_back(finish());
  script.emplace_back(usage(10, 400));
  script.emplace_back(done());
  first.then(script);
  const auto [answer, entry] = gateway.ask(chat_stream("both"), {.ms_per_piece = 1'000});
  EXPECT_EQ(answer.said(), all);
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(entry.outcome, "ok");
  EXPECT_EQ(entry.usage.output, 400);
}

}  // namespace
}  // namespace weir::test
