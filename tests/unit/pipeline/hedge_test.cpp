// A second candidate that is asked in time: who answers, what becomes of the other one, and where nobody is asked
// twice.
#include "two_models.h"

namespace weir::test {
namespace {

struct Hedge : TwoModels {
  void hedged(std::string_view rules = "{after: 500ms}", std::string_view more = "") {
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
  EXPECT_EQ(entry.attempts[0].purpose, "");
  EXPECT_EQ(entry.attempts[1].purpose, "hedge");
  EXPECT_EQ(entry.attempts[1].outcome, "ok");
  EXPECT_NE(entry.attempts[0].outcome, "ok");
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
  EXPECT_EQ(entry.attempts.size(), 2U);
  EXPECT_EQ(entry.usage.output, 5 + entry.attempts[1].usage.output);
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
  expect_about(entry.duration_us / 1000, 810);
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
  hedged("{after: 500ms}", "\n    on_stream_failure: continue");
  first.then({stream_head(), role(), Hang{}});
  first.from_now_on({stream_head(), role(), Hang{}});
  second.then({stream_head(), role(), text("Once upon "), Close{}});
  second.then(stream_of({"Once upon ", "a time"}));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "Once upon a time") << answer.body;
  EXPECT_TRUE(answer.ended);
}

TEST_F(Hedge, nobody_is_asked_whom_the_rules_keep_from_it) {
  serve({.route = "hedge: {after: 100ms}", .rule = "when: {}"});
  gateway.serve(R"(
providers:
  - {id: first, kind: openai_compatible, url: "@first", zone: local, health_check: false, api_key: k, retries: 0}
  - {id: second, kind: openai_compatible, url: "@second", zone: cloud, api_key: k, retries: 0}
models:
  - {id: a, provider: first, name: name-a}
  - {id: b, provider: second, name: name-b}
routes:
  - {name: both, hedge: {after: 100ms}, rules: [{when: {sensitive: any}, zones: [local]}, {use: [a, b]}]}
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
  hedged("{after: p95}");
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
  hedged("{after: 50ms}");
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

}  // namespace
}  // namespace weir::test
