// What a client gets and what the ledger says of it, when models answer, fail, and are asked again.
#include "two_models.h"

namespace weir::test {
namespace {

using Relaying = TwoModels;

TEST_F(Relaying, a_good_answer_is_in_the_ledger_with_its_tokens_and_its_money) {
  serve();
  first.then(completion("A low dam.", 1'000, 500));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("A low dam."));
  EXPECT_EQ(answer.field("x-weir-model"), "a");
  EXPECT_EQ(answer.field("x-weir-zone"), "local");
  EXPECT_EQ(answer.field("x-weir-attempts"), "1");
  EXPECT_EQ(answer.field("x-weir-request-id"), entry.id);
  EXPECT_EQ(entry.outcome, "ok");
  EXPECT_EQ(entry.http_status, 200);
  EXPECT_EQ(entry.route, "both");
  EXPECT_EQ(entry.requested, "both");
  EXPECT_EQ(entry.model, "a");
  EXPECT_EQ(entry.provider, "first");
  EXPECT_EQ(entry.usage.input, 1'000);
  EXPECT_EQ(entry.usage.output, 500);
  EXPECT_TRUE(entry.usage.known);
  EXPECT_EQ(entry.cost, 2'000);            // 1,000 tokens at $1 a million and 500 at $2
  EXPECT_EQ(entry.baseline_cost, 20'000);  // the same at ten times the price
  EXPECT_TRUE(entry.baseline_known);
  ASSERT_EQ(entry.attempts.size(), 1U);
  EXPECT_EQ(entry.attempts[0].outcome, "ok");
  EXPECT_EQ(entry.attempts[0].http_status, 200);
  EXPECT_EQ(entry.attempts[0].cost, 2'000);
  EXPECT_TRUE(entry.attempts[0].price_known);
  EXPECT_TRUE(second.asked.empty());
}

TEST_F(Relaying, an_answer_without_usage_is_estimated_and_says_so) {
  serve();
  first.then(whole(200, R"({"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,)"
                        R"("message":{"role":"assistant","content":"123456789012345678"},"finish_reason":"stop"}]})"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(entry.usage.known);
  EXPECT_TRUE(entry.usage.estimated);
  EXPECT_EQ(entry.usage.output, 5);  // 18 bytes, 3.6 each
  EXPECT_EQ(entry.usage.input, entry.asked.input_tokens);
  EXPECT_EQ(entry.cost, entry.usage.input * 1 + entry.usage.output * 2);
}

TEST_F(Relaying, a_server_error_is_tried_once_more_after_a_pause_and_then_goes_to_the_next) {
  serve({.first = "retries: 1"});
  first.then(whole(500, R"({"error":{"message":"broken"}})"));
  second.then(completion("From b.", 100, 10));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("x-weir-model"), "b");
  EXPECT_EQ(answer.field("x-weir-attempts"), "3");
  ASSERT_EQ(first.asked.size(), 2U);
  ASSERT_EQ(second.asked.size(), 1U);
  const auto pause = first.asked[1].at_ms - first.asked[0].at_ms;
  EXPECT_GE(pause, 50);
  EXPECT_LE(pause, 160);
  ASSERT_EQ(entry.attempts.size(), 3U);
  for (const int i : {0, 1}) {
    EXPECT_EQ(entry.attempts[i].outcome, "upstream_server_error");
    EXPECT_EQ(entry.attempts[i].http_status, 500);
    EXPECT_EQ(entry.attempts[i].model, "a");
    EXPECT_EQ(entry.attempts[i].cost, 0);
    EXPECT_EQ(entry.attempts[i].usage.output, 0);
  }
  EXPECT_EQ(entry.attempts[2].model, "b");
  EXPECT_EQ(entry.attempts[2].zone, "cloud");
  EXPECT_EQ(entry.cost, 1'200);
  EXPECT_EQ(entry.baseline_cost, 1'200);
  EXPECT_EQ(entry.outcome, "ok");
  EXPECT_EQ(entry.model, "b");
  EXPECT_EQ(entry.zone, "cloud");
  EXPECT_NE(gateway.metrics_text().find("\nweir_retries_total 1\n"), std::string::npos);
  EXPECT_NE(gateway.metrics_text().find("\nweir_fallbacks_total 1\n"), std::string::npos);
}

TEST_F(Relaying, pauses_between_tries_grow_and_end_with_the_number_of_retries) {
  serve({.first = "retries: 3"});
  first.then(whole(500, "{}"));
  second.then(completion("x"));
  gateway.ask(chat("both"));
  ASSERT_EQ(first.asked.size(), 4U);
  for (int64_t i = 1; i < 4; ++i) {
    const auto pause =
        first.asked[static_cast<std::size_t>(i)].at_ms - first.asked[static_cast<std::size_t>(i) - 1].at_ms;
    EXPECT_GE(pause, 50 << (i - 1)) << i;
    EXPECT_LE(pause, (150 << (i - 1)) + 10) << i;
  }
  EXPECT_NE(gateway.metrics_text().find("\nweir_retries_total 3\n"), std::string::npos);
  EXPECT_NE(gateway.metrics_text().find("\nweir_fallbacks_total 1\n"), std::string::npos);
}

TEST_F(Relaying, without_retries_the_next_candidate_is_asked_at_once) {
  serve();
  first.then(whole(500, "{}"));
  second.then(completion("x"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(first.asked.size(), 1U);
  EXPECT_LE(answer.took_ms, 10);
  EXPECT_EQ(entry.attempts.size(), 2U);
}

TEST_F(Relaying, when_all_fail_the_client_gets_the_first_error_and_the_ledger_all_of_them) {
  serve();
  first.then(whole(500, R"({"error":{"message":"first is broken"}})"));
  second.then(whole(503, R"({"error":{"message":"second is broken"}})"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 502);
  EXPECT_TRUE(answer.has("first is broken")) << answer.body;
  EXPECT_EQ(answer.field("x-weir-model"), "none");
  EXPECT_EQ(answer.field("x-weir-attempts"), "2");
  EXPECT_EQ(entry.outcome, "upstream_server_error");
  EXPECT_EQ(entry.http_status, 502);
  EXPECT_EQ(entry.model, "");
  EXPECT_EQ(entry.cost, 0);
  EXPECT_EQ(entry.baseline_cost, 0);
  EXPECT_FALSE(entry.baseline_known) << "an answer that was not given saved nothing";
  ASSERT_EQ(entry.attempts.size(), 2U);
  EXPECT_EQ(entry.attempts[0].message, "first is broken");
  EXPECT_EQ(entry.attempts[1].message, "second is broken");
}

TEST_F(Relaying, what_was_asked_says_more_than_what_was_not) {
  serve();
  first.from_now_on(whole(429, "{}", "Retry-After: 60\r\n"));
  second.from_now_on(whole(500, R"({"error":{"message":"second is broken"}})"));
  gateway.ask(chat("a"));  // and is left alone now
  for (int i = 0; i < 20; ++i) gateway.ask(chat("b"));
  ASSERT_EQ(gateway.breaker("b").state(gateway.now_ms()), BreakerState::open) << "so that neither comes first";
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(first.asked.size(), 1U);
  EXPECT_EQ(entry.attempts.size(), 1U);
  EXPECT_EQ(answer.status, 502);
  EXPECT_TRUE(answer.has("second is broken")) << answer.body;
  EXPECT_EQ(entry.outcome, "upstream_server_error");
}

TEST_F(Relaying, what_blames_the_request_goes_to_the_caller_and_nobody_else_is_asked) {
  serve({.first = "retries: 3"});
  first.then(whole(400, R"({"error":{"message":"'temperature' is too hot","type":"invalid_request_error"}})"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.has("too hot"));
  EXPECT_EQ(first.asked.size(), 1U);
  EXPECT_TRUE(second.asked.empty());
  EXPECT_EQ(entry.outcome, "upstream_rejected");
}

TEST_F(Relaying, a_server_that_is_not_there_is_passed_over) {
  serve({.first = "retries: 3"});
  first.close();
  second.then(completion("x"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  ASSERT_EQ(entry.attempts.size(), 2U) << "a refused connection is not tried again";
  EXPECT_EQ(entry.attempts[0].outcome, "upstream_unreachable");
  EXPECT_EQ(entry.attempts[0].http_status, 0);
}

TEST_F(Relaying, a_connection_that_was_closed_while_idle_costs_nothing_but_another_try) {
  serve();
  first.then(completion("zero"));
  first.then({Close{}});  // the request is read and nothing is said
  first.then(completion("two"));
  gateway.ask(chat("both"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("two"));
  EXPECT_EQ(first.asked.size(), 3U);
  EXPECT_EQ(first.asked[1].connection, 1);
  EXPECT_EQ(first.asked[2].connection, 2);
  EXPECT_TRUE(second.asked.empty());
  ASSERT_EQ(entry.attempts.size(), 2U);
  EXPECT_EQ(entry.attempts[0].outcome, "upstream_reset");
}

TEST_F(Relaying, a_new_connection_that_breaks_is_not_taken_for_a_stale_one) {
  serve();
  first.then({Close{}});
  second.then(completion("x"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(first.asked.size(), 1U);
  EXPECT_EQ(answer.field("x-weir-model"), "b");
}

TEST_F(Relaying, an_idle_connection_is_used_again_and_given_up_after_its_time) {
  serve();
  first.then(completion("x"));
  gateway.ask(chat("both"));
  gateway.wait(50'000);
  gateway.ask(chat("both"));
  EXPECT_EQ(first.connections, 1);
  gateway.wait(60'000);
  gateway.ask(chat("both"));
  EXPECT_EQ(first.connections, 2);
  EXPECT_NE(gateway.metrics_text().find("\nweir_upstream_connects_total 2\n"), std::string::npos);
  EXPECT_NE(gateway.metrics_text().find("\nweir_upstream_reuses_total 1\n"), std::string::npos);
}

TEST_F(Relaying, a_machine_is_paid_for_by_the_time_that_a_slot_of_it_was_busy) {
  serve({.first = "slots: 2, cost_per_hour: 3.60"});
  first.then({Pause{10'000}, completion("x", 1'000, 1'000)[0]});
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  // $3.60 an hour is $0.001 a second; ten seconds of one of two slots.
  EXPECT_GE(entry.cost, 5'000);
  EXPECT_LE(entry.cost, 5'005);
  EXPECT_EQ(entry.attempts[0].cost, entry.cost);
  EXPECT_EQ(entry.baseline_cost, 30'000);
}

TEST_F(Relaying, a_short_retry_after_is_waited_for_where_nobody_else_can_answer) {
  serve({.second = "retries: 1"});
  second.then(whole(429, R"({"error":{"message":"slow down"}})", "Retry-After: 2\r\n"));
  second.then(completion("x"));
  const auto [answer, entry] = gateway.ask(chat("b"));
  EXPECT_EQ(answer.status, 200);
  ASSERT_EQ(second.asked.size(), 2U);
  const auto pause = second.asked[1].at_ms - second.asked[0].at_ms;
  EXPECT_GE(pause, 2'000);
  EXPECT_LE(pause, 2'200);
  EXPECT_EQ(entry.attempts[0].outcome, "upstream_rate_limited");
}

TEST_F(Relaying, a_long_retry_after_is_told_to_the_caller) {
  serve({.second = "retries: 1"});
  second.then(whole(429, R"({"error":{"message":"slow down"}})", "Retry-After: 300.2\r\n"));
  const auto [answer, entry] = gateway.ask(chat("b"));
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(second.asked.size(), 1U);
  EXPECT_EQ(answer.field("Retry-After"), "301") << "a second too late is on time, a second too early is not";
  EXPECT_LE(answer.took_ms, 10);
}

TEST_F(Relaying, a_retry_after_of_nothing_is_no_invitation_to_hammer) {
  serve({.second = "retries: 1"});
  second.then(whole(429, R"({"error":{"message":"slow down"}})", "Retry-After: 0\r\n"));
  const auto [answer, entry] = gateway.ask(chat("b"));
  EXPECT_EQ(answer.status, 429);
  ASSERT_EQ(second.asked.size(), 2U);
  EXPECT_GE(second.asked[1].at_ms - second.asked[0].at_ms, 50);
}

TEST_F(Relaying, after_an_overflow_only_a_larger_context_is_asked) {
  const auto with_contexts = [&](int b, int c) {
    gateway.serve(fmt::format(R"(
providers:
  - {{id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false, retries: 0}}
  - {{id: second, kind: openai_compatible, url: "@second", zone: cloud, api_key: k, retries: 0}}
models:
  - {{id: a, provider: first, name: name-a, context_length: 8000}}
  - {{id: b, provider: second, name: name-b, context_length: {}}}
  - {{id: c, provider: second, name: name-c, context_length: {}}}
routes:
  - {{name: all, rules: [{{use: [a, b, c]}}]}}
)",
                              b, c));
  };
  first.then(whole(
      400,
      R"({"error":{"message":"This model's maximum context length is 8000 tokens.","code":"context_length_exceeded"}})"));
  second.then(completion("x"));
  with_contexts(8'000, 16'000);
  auto served = gateway.ask(chat("all"));
  EXPECT_EQ(served.answer.field("x-weir-model"), "c");
  EXPECT_EQ(served.entry.attempts.at(0).outcome, "context_overflow");
  EXPECT_EQ(served.entry.attempts.size(), 2U);
  with_contexts(4'000, 8'000);
  served = gateway.ask(chat("all"));
  EXPECT_EQ(served.answer.status, 400);
  EXPECT_EQ(served.entry.attempts.size(), 1U);
}

TEST_F(Relaying, attempts_know_when_they_began_and_how_long_they_took) {
  serve();
  first.then({Pause{2'000}, whole(500, "{}")[0]});
  second.then({Pause{3'000}, completion("x")[0]});
  const auto [answer, entry] = gateway.ask(chat("both"));
  ASSERT_EQ(entry.attempts.size(), 2U);
  expect_about(entry.attempts[0].started_us / 1000, 0);
  expect_about(entry.attempts[0].duration_us / 1000, 2'000);
  expect_about(entry.attempts[1].started_us / 1000, 2'000);
  expect_about(entry.attempts[1].duration_us / 1000, 3'000);
  expect_about(entry.duration_us / 1000, 5'000);
}

TEST_F(Relaying, a_request_that_may_go_nowhere_is_refused_with_the_reason_and_nobody_is_asked) {
  gateway.serve(R"(
providers:
  - {id: second, kind: openai_compatible, url: "@second", zone: cloud, api_key: k}
models:
  - {id: b, provider: second, name: name-b}
routes:
  - {name: guarded, rules: [{when: {sensitive: any}, zones: [local]}, {use: [b]}]}
)");
  second.then(completion("x"));
  const auto [answer, entry] = gateway.ask(chat("guarded", "My card is 4111 1111 1111 1111"));
  EXPECT_TRUE(answer.has("zone_refused")) << answer.body;
  EXPECT_TRUE(answer.has("in messages[0]")) << "where it was found: " << answer.body;
  EXPECT_EQ(entry.outcome, "zone_refused");
  EXPECT_TRUE(entry.attempts.empty());
  EXPECT_TRUE(second.asked.empty());
  EXPECT_EQ(second.connections, 0);
}

TEST_F(Relaying, several_classes_in_one_header_all_count) {
  gateway.serve(R"(
providers:
  - {id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false, api_key: k}
  - {id: second, kind: openai_compatible, url: "@second", zone: cloud, api_key: k}
models:
  - {id: a, provider: first, name: name-a}
  - {id: b, provider: second, name: name-b}
routes:
  - name: both
    rules:
      - {when: {sensitive: [health]}, zones: [local]}
      - {use: [b, a]}
)");
  first.then(completion("x"));
  second.then(completion("x"));
  for (const char* header : {"health", "personal,health", "health, personal", "personal, secret ,health"}) {
    const auto [answer, entry] = gateway.ask(chat("both"), {.sensitive = header});
    EXPECT_EQ(answer.field("x-weir-model"), "a") << header;
    EXPECT_NE(entry.classes.find("health"), std::string::npos) << header;
  }
  const auto both = gateway.ask(chat("both"), {.sensitive = "personal,secret"});
  EXPECT_EQ(both.answer.field("x-weir-model"), "b");
  EXPECT_NE(both.entry.classes.find("personal"), std::string::npos);
  EXPECT_NE(both.entry.classes.find("secret"), std::string::npos);
  const auto unknown = gateway.ask(chat("both"), {.sensitive = "personal,no-such-class"});
  EXPECT_EQ(unknown.answer.status, 400);
  EXPECT_TRUE(unknown.answer.has("no-such-class"));
  EXPECT_TRUE(unknown.entry.attempts.empty());
}

}  // namespace
}  // namespace weir::test
