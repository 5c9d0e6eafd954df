// A second candidate that is asked in time: who answers, what becomes of the other one, and where nobody is asked
// twice.
#include "two_models.h"

namespace weir::test {
namespace {

struct Hedge : TwoModels {
  void hedged(std::string_view rules = "{after: 500ms, share: 100%}", std::string_view more = "") {
    serve({.route = fmt::format("hedge: {}{}", rules, more)});
  }
};

Script slow_stream(int64_t ms, std::string_view words) {
  return {stream_head(), role(), Pause{ms}, text(words), finish(), usage(10, 5), done()};
}

TEST_F(Hedge, who_is_quick_enough_answers_alone) {
  hedged();
  first.from_now_on(slow_stream(400, "from a"));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "from a");
  EXPECT_TRUE(second.asked.empty());
  EXPECT_EQ(entry.attempts.size(), 1U);
}

TEST_F(Hedge, the_second_answers_when_the_first_is_silent_and_the_first_is_stopped_and_accounted) {
  hedged();
  first.from_now_on({stream_head(), role(), Hang{}});
  second.from_now_on(stream_of({"from ", "b"}));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "from b");
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(answer.field("x-weir-model"), "b");
  ASSERT_EQ(second.asked.size(), 1U);
  expect_about(second.asked[0].at_ms - first.asked[0].at_ms, 500);
  EXPECT_EQ(first.left_at_ms.size(), 1U) << "its connection was closed: no GPU goes on for nobody";
  ASSERT_EQ(entry.attempts.size(), 2U);
  EXPECT_EQ(entry.attempts[0].purpose, "hedge");
  EXPECT_EQ(entry.attempts[0].outcome, "cancelled");
  EXPECT_EQ(entry.attempts[1].purpose, "");
  EXPECT_EQ(entry.attempts[1].outcome, "ok");
  EXPECT_EQ(entry.usage, entry.attempts[1].usage) << "of the answer that the client has";
  EXPECT_EQ(answer.field("x-weir-attempts"), "1");
  EXPECT_NE(entry.reason.find("a had said nothing for 500 ms, so b was asked as well"), std::string::npos)
      << entry.reason;
  EXPECT_EQ(answer.field("x-weir-reason"), entry.reason);
  EXPECT_TRUE(entry.attempts[0].usage.estimated) << "its prompt was read, most likely";
  EXPECT_GT(entry.attempts[0].cost, 0);
  EXPECT_EQ(entry.cost, entry.attempts[0].cost + entry.attempts[1].cost);
  EXPECT_EQ(entry.outcome, "ok");
  EXPECT_EQ(gateway.breaker("a").state(gateway.now_ms()), BreakerState::closed) << "it was stopped, it did not fail";
  EXPECT_NE(gateway.metrics_text().find("weir_hedges_won_total 1"), std::string::npos);
}

TEST_F(Hedge, the_first_may_still_win_and_the_second_is_stopped) {
  hedged();
  first.from_now_on(slow_stream(700, "from a"));
  second.from_now_on({stream_head(), role(), Pause{5'000}, text("from b"), finish(), done()});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "from a");
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(answer.field("x-weir-model"), "a");
  EXPECT_EQ(second.left_at_ms.size(), 1U);
  EXPECT_LT(answer.took_ms, 1'000);
  ASSERT_EQ(entry.attempts.size(), 2U);
  EXPECT_EQ(entry.attempts[0].purpose, "");
  EXPECT_EQ(entry.attempts[1].purpose, "hedge");
  EXPECT_EQ(entry.attempts[1].outcome, "cancelled");
  EXPECT_TRUE(entry.attempts[1].usage.estimated);
  EXPECT_EQ(entry.usage.output, 5);
  EXPECT_EQ(entry.baseline_cost, 10 * 10 + 5 * 20) << "of one answer, not of two";
}

TEST_F(Hedge, whole_answers_race_too_and_one_of_them_reaches_the_client) {
  hedged();
  first.from_now_on({Hang{}});
  second.from_now_on(completion("from b"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("from b"));
  EXPECT_FALSE(answer.has("from a"));
}

TEST_F(Hedge, a_failure_before_the_time_is_a_fallback_and_no_hedge) {
  hedged();
  first.from_now_on(whole(500, "{}"));
  second.from_now_on(stream_of({"from b"}));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "from b");
  EXPECT_LT(answer.took_ms, 400);
  EXPECT_EQ(entry.attempts.back().purpose, "");
}

TEST_F(Hedge, when_one_of_two_fails_the_other_answers_and_when_both_do_the_first_failure_is_told) {
  hedged();
  first.from_now_on({Pause{600}, Close{}});
  second.from_now_on(slow_stream(500, "from b"));
  EXPECT_EQ(gateway.ask(chat_stream("both")).answer.said(), "from b");
  first.from_now_on(slow_stream(1'000, "from a"));
  second.from_now_on(whole(500, R"({"error":{"message":"b is broken"}})"));
  EXPECT_EQ(gateway.ask(chat_stream("both")).answer.said(), "from a");
  first.from_now_on({Pause{600}, Close{}});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_GE(answer.status, 500);
  EXPECT_EQ(second.asked.size(), 3U) << "it was asked beside the first, and is not asked again";
}

TEST_F(Hedge, a_client_that_leaves_stops_both) {
  hedged();
  first.from_now_on({stream_head(), role(), Hang{}});
  second.from_now_on({stream_head(), role(), Hang{}});
  const auto [answer, entry] = gateway.ask(chat_stream("both"), {.leave_after_ms = 800});
  EXPECT_EQ(entry.outcome, "client_gone");
  EXPECT_EQ(first.left_at_ms.size(), 1U);
  EXPECT_EQ(second.left_at_ms.size(), 1U);
  expect_about(entry.duration_us / 1000, 800);
  EXPECT_EQ(entry.attempts.at(1).purpose, "hedge");
}

TEST_F(Hedge, a_client_that_leaves_the_winner_stops_it) {
  hedged();
  first.from_now_on({stream_head(), role(), Hang{}});
  second.from_now_on({stream_head(), role(), text("from b"), Hang{}});
  const auto [answer, entry] = gateway.ask(chat_stream("both"), {.leave_after_ms = 2'000});
  EXPECT_EQ(answer.said(), "from b");
  EXPECT_EQ(entry.outcome, "client_gone");
  EXPECT_EQ(second.left_at_ms.size(), 1U);
  EXPECT_LT(entry.duration_us / 1000, 2'100);
}

TEST_F(Hedge, a_winner_that_breaks_off_is_continued_where_the_route_says_so) {
  hedged("{after: 500ms, share: 100%}", "\n    on_stream_failure: continue");
  first.then({stream_head(), role(), Hang{}});
  first.from_now_on({stream_head(), role(), Hang{}});
  second.then({stream_head(), role(), text("Once upon "), Close{}});
  second.then(stream_of({"Once upon ", "a time"}));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "Once upon a time") << answer.body;
  EXPECT_TRUE(answer.ended);
}

TEST_F(Hedge, nobody_is_asked_whom_the_rules_keep_from_it) {
  serve({.route = "hedge: {after: 100ms, share: 100%}", .rule = "when: {}"});
  gateway.serve(R"(
providers:
  - {id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false, api_key: k, retries: 0}
  - {id: second, kind: openai_compatible, url: "@second", zone: cloud, api_key: k, retries: 0}
models:
  - {id: a, provider: first, name: name-a}
  - {id: b, provider: second, name: name-b}
routes:
  - {name: both, hedge: {after: 100ms, share: 100%}, rules: [{when: {sensitive: any}, zones: [local]}, {use: [a, b]}]}
)");
  first.from_now_on(slow_stream(3'000, "from a"));
  second.from_now_on(stream_of({"from b"}));
  EXPECT_EQ(gateway.ask(chat_stream("both", "Mail jane.doe@example.com")).answer.said(), "from a");
  EXPECT_TRUE(second.asked.empty());
  EXPECT_EQ(second.connections, 0);
  EXPECT_EQ(gateway.ask(chat_stream("both")).answer.said(), "from b");
}

TEST_F(Hedge, a_budget_that_does_not_hold_two_is_not_spent_twice) {
  hedged();
  first.from_now_on(slow_stream(2'000, "from a"));
  second.from_now_on(stream_of({"from b"}));
  auto state = std::make_shared<KeyState>();
  // Enough for the dearer of the two (20 $ for a million tokens of an answer), and not for both.
  state->record = {.id = "key_a", .name = "a", .budget_per_day = 25'000};
  state->meter = std::make_shared<KeyMeter>(state->record);
  const auto question = chat_stream("both", "What is a weir?", R"(,"max_tokens":1000)");
  EXPECT_EQ(gateway.ask(question, {.key = state}).answer.said(), "from a");
  EXPECT_TRUE(second.asked.empty());
  EXPECT_EQ(state->meter->budget.standing(wall_clock_us()).reserved, 0);
  state->record.budget_per_day = 1'000'000;
  state->meter = std::make_shared<KeyMeter>(state->record);
  const auto [answer, entry] = gateway.ask(question, {.key = state});
  EXPECT_EQ(answer.said(), "from b");
  EXPECT_EQ(state->meter->budget.standing(wall_clock_us()).reserved, 0);
  EXPECT_EQ(state->meter->budget.standing(wall_clock_us()).spent_today, entry.cost) << "both are paid";
}

TEST_F(Hedge, after_the_p95_once_there_is_one) {
  hedged("p95");
  first.from_now_on(slow_stream(100, "from a"));
  second.from_now_on(stream_of({"from b"}));
  for (int i = 0; i < 25; ++i) {
    EXPECT_EQ(gateway.ask(chat_stream("both")).answer.said(), "from a");
  }
  EXPECT_TRUE(second.asked.empty());
  first.from_now_on(slow_stream(5'000, "from a"));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "from b");
  EXPECT_GE(answer.took_ms, 100);
  EXPECT_LE(answer.took_ms, 250);
}

// At whatever moment the one and the other speak, the client gets one whole answer, from one of them.
TEST_F(Hedge, whatever_the_moment_one_answer_comes_whole) {
  hedged("{after: 50ms, share: 100%}");
  for (int64_t a = 0; a < 120; a += 7) {
    for (int64_t b = 0; b < 60; b += 11) {
      for (const bool streamed : {true, false}) {
        first.from_now_on(slow_stream(a, "from-a"));
        second.from_now_on(slow_stream(b, "from-b"));
        const auto [answer, entry] = gateway.ask(streamed ? chat_stream("both") : chat("both"));
        EXPECT_EQ(answer.status, 200) << a << ' ' << b;
        EXPECT_NE(answer.has("from-a"), answer.has("from-b")) << a << ' ' << b << answer.body;
        EXPECT_EQ(answer.has("from-a") ? "a" : "b", answer.field("x-weir-model"));
        EXPECT_EQ(entry.model, answer.field("x-weir-model"));
        int good = 0;
        for (const auto& attempt : entry.attempts) good += attempt.outcome == "ok" ? 1 : 0;
        EXPECT_EQ(good, 1) << a << ' ' << b;
      }
    }
  }
}

TEST_F(Hedge, nobody_is_asked_beside_one_whose_answer_is_judged) {
  serve({.route = "hedge: {after: 100ms, share: 100%}", .rule = "escalate: {below: 0.7}"});
  first.from_now_on(slow_stream(3'000, "A weir is a low dam."));
  second.from_now_on(stream_of({"from b"}));
  EXPECT_EQ(gateway.ask(chat_stream("both")).answer.said(), "A weir is a low dam.");
  EXPECT_TRUE(second.asked.empty());
}

TEST_F(Hedge, nobody_is_asked_who_may_have_it_only_redacted) {
  gateway.serve(R"(
providers:
  - {id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false, retries: 0}
  - {id: second, kind: openai_compatible, url: "@second", zone: cloud, api_key: k, retries: 0}
models:
  - {id: a, provider: first, name: name-a}
  - {id: b, provider: second, name: name-b}
routes:
  - {name: both, hedge: {after: 100ms, share: 100%}, rules: [{when: {sensitive: any}, redact: [cloud]}, {use: [a, b]}]}
  - {name: away, hedge: {after: 100ms, share: 100%}, rules: [{when: {sensitive: any}, redact: [cloud]}, {use: [b, a]}]}
)");
  first.from_now_on(slow_stream(3'000, "from a"));
  second.from_now_on(slow_stream(3'000, "from b"));
  EXPECT_EQ(gateway.ask(chat_stream("both", "Mail jane.doe@example.com")).answer.said(), "from a");
  EXPECT_EQ(second.connections, 0);
  EXPECT_EQ(gateway.ask(chat_stream("away", "Mail jane.doe@example.com")).answer.said(), "from b");
  EXPECT_EQ(first.asked.size(), 1U);
  EXPECT_EQ(second.asked.at(0).body.find("jane.doe"), std::string::npos);
}

TEST_F(Hedge, no_more_than_the_share_of_the_route) {
  serve({.route = "hedge: 500ms"});
  first.from_now_on(slow_stream(700, "from a"));
  second.from_now_on({stream_head(), role(), Hang{}});
  for (int i = 0; i < 21; ++i) EXPECT_EQ(gateway.ask(chat_stream("both")).answer.said(), "from a");
  EXPECT_EQ(second.asked.size(), 3U) << "a tenth of 21, rounded up";
  EXPECT_NE(gateway.metrics_text().find("weir_hedges_total 3\n"), std::string::npos);
  EXPECT_NE(gateway.metrics_text().find("weir_hedges_withheld_total 18\n"), std::string::npos);
}

TEST_F(Hedge, a_wait_for_a_slot_counts_and_costs_nothing) {
  serve({.first = "retries: 0, slots: 1, queue: 10s", .route = "hedge: {after: 500ms, share: 100%}"});
  second.from_now_on(stream_of({"from b"}));
  auto lease = gateway.slots("first").try_acquire();
  ASSERT_TRUE(lease);
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "from b");
  ASSERT_EQ(entry.attempts.size(), 2U);
  EXPECT_EQ(entry.attempts[0].outcome, "cancelled");
  EXPECT_FALSE(entry.attempts[0].usage.known || entry.attempts[0].usage.estimated) << "nobody has read it";
  EXPECT_EQ(entry.attempts[0].cost, 0);
  EXPECT_TRUE(first.asked.empty());
  EXPECT_EQ(gateway.slots("first").stats().waiting, 0);
  lease.release();
  first.from_now_on(stream_of({"from a"}));
  EXPECT_EQ(gateway.ask(chat_stream("both")).answer.said(), "from a") << "the slot is free again";
}

TEST_F(Hedge, a_second_without_a_free_slot_is_not_asked) {
  serve({.second = "retries: 0, slots: 1", .route = "hedge: {after: 500ms, share: 100%}"});
  first.from_now_on(slow_stream(900, "from a"));
  const auto lease = gateway.slots("second").try_acquire();
  EXPECT_EQ(gateway.ask(chat_stream("both")).answer.said(), "from a");
  EXPECT_TRUE(second.asked.empty());
  EXPECT_NE(gateway.metrics_text().find("weir_hedges_withheld_total 1\n"), std::string::npos);
}

TEST_F(Hedge, what_was_changed_on_the_way_to_the_other_is_not_told) {
  serve({.second = "retries: 0, parameters: {drop: [seed]}", .route = "hedge: {after: 500ms, share: 100%}"});
  first.from_now_on(slow_stream(700, "from a"));
  second.from_now_on({Pause{5'000}});
  const auto question = chat_stream("both", "What is a weir?", R"(,"seed":7)");
  EXPECT_EQ(gateway.ask(question).answer.field("x-weir-left-out"), "");
  first.from_now_on({Hang{}});
  second.from_now_on(stream_of({"from b"}));
  EXPECT_EQ(gateway.ask(question).answer.field("x-weir-left-out"), "seed");
}

TEST_F(Hedge, the_answer_that_is_kept_for_the_next_time_is_the_one_that_was_given) {
  serve({.route = "cache: {ttl: 1h}\n    hedge: {after: 100ms, share: 100%}"});
  first.from_now_on(
      {stream_head(), role(), Pause{150}, text("from "), Pause{300}, text("a"), finish(), usage(10, 5), done()});
  second.from_now_on({stream_head(), role(), Pause{100}, text("from b"), finish(), usage(10, 5), done()});
  EXPECT_EQ(gateway.ask(chat_stream("both")).answer.said(), "from a");
  const auto again = gateway.ask(chat_stream("both")).answer;
  EXPECT_EQ(again.field("x-weir-cache"), "hit");
  EXPECT_EQ(again.said(), "from a");
  second.from_now_on(stream_of({"from ", "b"}));
  EXPECT_EQ(gateway.ask(chat_stream("both", "Another question?")).answer.said(), "from b");
  const auto other = gateway.ask(chat_stream("both", "Another question?")).answer;
  EXPECT_EQ(other.field("x-weir-cache"), "hit");
  EXPECT_EQ(other.said(), "from b");
}

TEST_F(Hedge, a_first_that_wins_and_breaks_off_is_continued_by_the_one_that_was_stopped) {
  hedged("{after: 500ms, share: 100%}", "\n    on_stream_failure: continue");
  first.from_now_on({stream_head(), role(), Pause{600}, text("Once upon "), Close{}});
  second.then({stream_head(), role(), Hang{}});
  second.then(stream_of({"Once upon ", "a time"}));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "Once upon a time") << answer.body;
  EXPECT_TRUE(answer.ended);
  ASSERT_EQ(entry.attempts.size(), 3U);
  EXPECT_EQ(entry.attempts[1].purpose, "hedge");
  EXPECT_EQ(entry.attempts[2].model, "b");
}

TEST_F(Hedge, the_deadline_of_the_route_ends_both) {
  hedged("{after: 300ms, share: 100%}", "\n    total: 1s");
  first.from_now_on({stream_head(), role(), Hang{}});
  second.from_now_on({Hang{}});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(entry.outcome, "deadline_exceeded");
  EXPECT_LE(answer.took_ms, 1'050);
  EXPECT_EQ(first.left_at_ms.size() + second.left_at_ms.size(), 2U);
}

TEST_F(Hedge, going_down_ends_both_and_is_told) {
  hedged();
  first.from_now_on({stream_head(), role(), Hang{}});
  second.from_now_on({Hang{}});
  const auto [answer, entry] = gateway.ask(chat_stream("both"), {.shut_down_after_ms = 800});
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(entry.outcome, "shutting_down");
  EXPECT_EQ(first.left_at_ms.size() + second.left_at_ms.size(), 2U);
}

TEST_F(Hedge, one_at_a_time_where_it_would_be_wrong_to_ask_two) {
  hedged();
  first.from_now_on(slow_stream(900, "from a"));
  second.from_now_on(stream_of({"from b"}));
  EXPECT_EQ(gateway.ask(chat_stream("both"), {.batch = true}).answer.said(), "from a");
  const std::string result =
      R"({"model":"both","stream":true,"messages":[{"role":"user","content":"How high?"},{"role":"assistant","content":null,)"
      R"("tool_calls":[{"id":"c1","type":"function","function":{"name":"level","arguments":"{}"}}]},)"
      R"({"role":"tool","tool_call_id":"c1","content":"3"}]})";
  EXPECT_EQ(gateway.ask(result).answer.said(), "from a");
  EXPECT_EQ(gateway.ask(chat_stream("a")).answer.said(), "from a") << "a model that is named directly has no other";
  EXPECT_TRUE(second.asked.empty());
  EXPECT_EQ(gateway.ask(chat_stream("both")).answer.said(), "from b");
}

// A failure of the first while the second is asked, and the other way round, at every moment.
TEST_F(Hedge, whatever_fails_and_when_the_one_that_lives_answers) {
  hedged("{after: 50ms, share: 100%}");
  for (int64_t a = 0; a < 120; a += 9) {
    for (const bool first_fails : {true, false}) {
      const Script good{Pause{a}, stream_head(), role(), text("good"), finish(), usage(10, 5), done()};
      // A word that blames the request: after so many real failures a breaker would open.
      auto bad = whole(422, R"({"error":{"message":"no"}})");
      bad.insert(bad.begin(), Pause{60});
      first.from_now_on(first_fails ? bad : good);
      second.from_now_on(first_fails ? good : bad);
      const auto [answer, entry] = gateway.ask(chat_stream("both"));
      EXPECT_EQ(answer.said(), "good") << a << first_fails << answer.body;
      EXPECT_TRUE(answer.ended);
      EXPECT_EQ(entry.usage.output, 5);
    }
  }
}

}  // namespace
}  // namespace weir::test
