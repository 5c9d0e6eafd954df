// Cascades: who is asked after a poor answer, what the client sees of it and when, what the ledger says.
#include "pipeline/cascade.h"
#include "two_models.h"

namespace weir::test {
namespace {

constexpr std::string_view refusal = "I'm sorry, but I can't help with that.";
// A good answer of some hundred tokens, in pieces.
constexpr std::array<std::string_view, 4> pieces = {
    "A weir is a low barrier across a river that raises the water upstream of it. ",
    "The water flows over its top, and what is behind it stays deep enough for boats and mills. ",
    "Its height is chosen by how much the level has to rise, and its width by how much water comes in a flood. ",
    "Fish pass it by a ladder of small pools beside it, each a little higher than the one before."};

std::string logprobs(double each) {
  return fmt::format(R"({{"content":[{{"token":"x","logprob":{0},"bytes":null,"top_logprobs":[]}},)"
                     R"({{"token":"y","logprob":{0},"bytes":null,"top_logprobs":[]}}]}})",
                     each);
}

Script completion_with(double logprob) {
  return whole(200,
               fmt::format(R"({{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,)"
                           R"("message":{{"role":"assistant","content":"Forty-two."}},"logprobs":{},)"
                           R"("finish_reason":"stop"}}],"usage":{{"prompt_tokens":10,"completion_tokens":5,)"
                           R"("total_tokens":15}}}})",
                           logprobs(logprob)));
}

struct Cascades : TwoModels {
  void escalate(std::string_view how, std::string_view first_more = "retries: 0",
                std::string_view route = "description: two models") {
    serve(
        {.first = std::string(first_more), .route = std::string(route), .rule = fmt::format("escalate: {{{}}}", how)});
  }
};

TEST_F(Cascades, a_good_answer_is_given_and_nobody_else_is_asked) {
  escalate("below: 0.7");
  first.then(completion("A weir is a low dam."));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.said(), "A weir is a low dam.");
  EXPECT_TRUE(second.asked.empty());
  EXPECT_EQ(entry.attempts.size(), 1U);
  EXPECT_EQ(entry.attempts.at(0).outcome, "ok");
  EXPECT_EQ(entry.attempts.at(0).score, 1);
  EXPECT_EQ(entry.score, 1);
  EXPECT_TRUE(answer.field("x-weir-reason").ends_with("a answered, attempt 1 of 2; judged 1.00"))
      << answer.field("x-weir-reason");
}

TEST_F(Cascades, after_a_poor_one_the_next_model_answers_and_the_client_sees_only_that) {
  escalate("below: 0.7");
  first.then(completion(refusal, 100, 10));
  second.then(completion("A weir is a low dam.", 100, 20));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.said(), "A weir is a low dam.");
  EXPECT_FALSE(answer.has("sorry"));
  EXPECT_EQ(answer.field("x-weir-model"), "b");
  EXPECT_NE(answer.field("x-weir-reason").find("a answered 0.10 < 0.7; b answered, attempt 2 of 2"), std::string::npos)
      << answer.field("x-weir-reason");
  EXPECT_EQ(entry.reason, answer.field("x-weir-reason"));
  ASSERT_EQ(entry.attempts.size(), 2U);
  EXPECT_EQ(entry.attempts.at(0).outcome, "escalated");
  EXPECT_NEAR(entry.attempts.at(0).score, 0.1, 1e-9);
  EXPECT_EQ(entry.attempts.at(0).message, "structural: a refusal");
  EXPECT_EQ(entry.attempts.at(0).cost, 120) << "the draft is paid for, at its own model's price";
  EXPECT_EQ(entry.attempts.at(1).cost, 1'400);
  EXPECT_EQ(entry.cost, 1'520);
  EXPECT_EQ(entry.usage.output, 20) << "of the answer that the client got";
  EXPECT_EQ(entry.outcome, "ok");
  EXPECT_EQ(entry.score, 1);
  EXPECT_TRUE(answer.has(R"("completion_tokens":20)"));
}

TEST_F(Cascades, where_the_better_model_fails_the_draft_is_given_and_marked) {
  for (const auto& failing :
       {whole(500, R"({"error":{"message":"boom"}})"), whole(400, R"({"error":{"message":"no"}})"), Script{Close{}},
        whole(200, "{}"), completion("")}) {
    escalate("below: 0.7");
    first.from_now_on(completion(refusal, 100, 10));
    second.from_now_on(failing);
    const auto [answer, entry] = gateway.ask(chat("both"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.said(), refusal);
    EXPECT_EQ(answer.field("x-weir-model"), "a");
    EXPECT_NE(entry.reason.find("a answered 0.10 < 0.7; b failed ("), std::string::npos) << entry.reason;
    EXPECT_EQ(entry.outcome, "ok");
    EXPECT_EQ(entry.model, "a");
    EXPECT_EQ(entry.attempts.at(0).outcome, "ok");
    EXPECT_EQ(entry.usage.output, 10);
    EXPECT_NEAR(entry.score, 0.1, 1e-9);
  }
}

TEST_F(Cascades, an_empty_answer_is_no_answer_to_fall_back_on) {
  escalate("below: 0.7");
  first.then(completion(""));
  second.then(whole(500, R"({"error":{"message":"boom"}})"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_GE(answer.status, 500);
}

TEST_F(Cascades, a_good_stream_is_let_go_as_soon_as_enough_of_it_is_there) {
  escalate("below: 0.7");
  first.then({stream_head(), role(), text(pieces[0]), Pause{1'000}, text(pieces[1]), Pause{1'000}, text(pieces[2]),
              Pause{1'000}, text(pieces[3]), finish(), usage(100, 90), done()});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), fmt::format("{}", fmt::join(pieces, "")));
  EXPECT_TRUE(answer.ended);
  ASSERT_GE(answer.pieces.size(), 2U) << "it is a stream still";
  EXPECT_LT(answer.pieces.front().first, 2'500);
  expect_about(entry.attempts.at(0).first_token_us / 1000, 0);
  EXPECT_GE(entry.first_token_us / 1000, 1'000) << "the client's first token came when it was let go";
  EXPECT_LT(entry.first_token_us / 1000, 2'500);
  EXPECT_EQ(answer.field("x-weir-model"), "a");
  EXPECT_TRUE(second.asked.empty());
  EXPECT_EQ(entry.score, 1);
}

TEST_F(Cascades, of_a_poor_stream_the_client_sees_nothing) {
  escalate("below: 0.7");
  first.then(stream_of({"I'm sorry, ", "but I can't help ", "with that."}, 100, 10));
  second.then(stream_of({"A weir ", "is a low dam."}, 100, 20));
  const auto [answer, entry] =
      gateway.ask(chat_stream("both", "What is a weir?", R"(,"stream_options":{"include_usage":true})"));
  EXPECT_EQ(answer.said(), "A weir is a low dam.");
  EXPECT_FALSE(answer.has("sorry"));
  EXPECT_TRUE(answer.body.ends_with("data: [DONE]\n\n"));
  EXPECT_TRUE(answer.has(R"("completion_tokens":20)"));
  EXPECT_EQ(entry.attempts.at(0).outcome, "escalated");
  EXPECT_EQ(entry.attempts.at(0).usage.output, 10);
  EXPECT_EQ(entry.usage.output, 20);
  EXPECT_EQ(entry.cost, 120 + 1'400);
  EXPECT_EQ(entry.baseline_cost, 1'400) << "what the client got would have cost as much";
}

TEST_F(Cascades, a_short_good_stream_is_given_at_its_end) {
  escalate("below: 0.7");
  first.then(stream_of({"Forty", "-two."}));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "Forty-two.");
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(entry.score, 1);
}

TEST_F(Cascades, where_the_better_stream_fails_the_held_one_is_given_whole) {
  for (const auto& failing : {whole(503, R"({"error":{"message":"boom"}})"), Script{stream_head(), role(), Close{}},
                              Script{stream_head(), done()}}) {
    escalate("below: 0.7");
    first.from_now_on(stream_of({"I'm sorry, ", "but I can't help ", "with that."}, 100, 10));
    second.from_now_on(failing);
    const auto [answer, entry] = gateway.ask(chat_stream("both"));
    EXPECT_EQ(answer.said(), refusal);
    EXPECT_TRUE(answer.ended);
    EXPECT_TRUE(answer.streamed);
    EXPECT_TRUE(answer.body.ends_with("data: [DONE]\n\n"));
    EXPECT_NE(answer.field("x-weir-reason").find("b failed ("), std::string::npos) << answer.field("x-weir-reason");
    EXPECT_EQ(entry.outcome, "ok");
  }
}

TEST_F(Cascades, a_held_stream_that_breaks_is_a_failure_that_nobody_saw) {
  escalate("below: 0.7");
  first.then({stream_head(), role(), text("A weir "), Close{}});
  second.then(stream_of({"It is a dam."}));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "It is a dam.");
  EXPECT_FALSE(answer.has("A weir "));
  EXPECT_FALSE(answer.has("error"));
  EXPECT_EQ(entry.attempts.at(0).outcome, "upstream_truncated");
}

TEST_F(Cascades, one_that_loops_is_not_waited_for) {
  escalate("below: 0.7");
  Script script{stream_head(), role()};
  for (int i = 0; i < 40; ++i) script.emplace_back(text("I am here to help you. "));
  script.emplace_back(Hang{});
  first.then(std::move(script));
  second.then(stream_of({"A dam."}));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "A dam.");
  EXPECT_LT(answer.took_ms, 1'000);
  EXPECT_EQ(first.left_at_ms.size(), 1U) << "its server is told to stop";
  EXPECT_EQ(entry.attempts.at(0).message, "structural: repeats itself");
  EXPECT_TRUE(entry.attempts.at(0).usage.estimated);
}

TEST_F(Cascades, a_stream_beyond_what_is_held_is_let_go_unjudged) {
  escalate("below: 0.7, hold: 4KiB, judges: [confidence], decide_after: 100000");
  Script script{stream_head(), role()};
  for (int i = 0; i < 200; ++i) script.emplace_back(text(fmt::format("Item {} of a long list of things. ", i)));
  for (auto& one : {finish(), usage(10, 900), done()}) script.emplace_back(one);
  first.then(std::move(script));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_TRUE(answer.has("Item 199"));
  EXPECT_TRUE(answer.ended);
  EXPECT_NE(answer.field("x-weir-reason").find("not judged"), std::string::npos);
  EXPECT_TRUE(second.asked.empty());
}

TEST_F(Cascades, a_long_hold_is_told_by_comments_and_then_goes_on) {
  escalate("below: 0.7");
  first.then({stream_head(), role(), text("I'm sorry, but I can't "), Pause{25'000}, text("help with that."), finish(),
              usage(10, 5), done()});
  second.then(stream_of({"A dam."}));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.starts_with(": held back")) << answer.body.substr(0, 80);
  EXPECT_EQ(answer.said(), "A dam.");
  EXPECT_FALSE(answer.has("sorry"));
  EXPECT_TRUE(answer.ended);
  EXPECT_NE(answer.field("x-weir-reason").find("held back"), std::string::npos);
  EXPECT_NE(entry.reason.find("b answered"), std::string::npos);
}

TEST_F(Cascades, after_a_comment_an_error_comes_inside_the_stream) {
  escalate("below: 0.7");
  first.then({stream_head(), role(), Pause{15'000}, Close{}});
  second.then(whole(500, R"({"error":{"message":"boom"}})"));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("error"));
  EXPECT_EQ(entry.http_status, 200);
  EXPECT_NE(entry.outcome, "ok");
}

TEST_F(Cascades, a_client_that_leaves_while_it_is_held_ends_everything) {
  escalate("below: 0.7");
  first.then({stream_head(), role(), text("A weir is"), Hang{}});
  const auto [answer, entry] = gateway.ask(chat_stream("both"), {.leave_after_ms = 2'000});
  EXPECT_EQ(entry.outcome, "client_gone");
  EXPECT_TRUE(second.asked.empty());
  EXPECT_EQ(first.left_at_ms.size(), 1U);
  EXPECT_EQ(answer.body, "");
}

TEST_F(Cascades, log_probabilities_are_asked_for_and_kept_from_whoever_did_not_ask) {
  escalate("below: 0.7, judges: [confidence]");
  first.then(completion_with(-0.1));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_NE(first.asked.at(0).body.find(R"("logprobs":true)"), std::string::npos) << first.asked.at(0).body;
  EXPECT_NEAR(entry.score, std::exp(-0.1), 0.001);
  EXPECT_TRUE(answer.has(R"("logprobs":null)")) << answer.body;
  EXPECT_FALSE(answer.has("top_logprobs"));
  EXPECT_EQ(answer.said(), "Forty-two.");
  first.from_now_on(completion_with(-0.1));
  const auto asked = gateway.ask(chat("both", "Hi", R"(,"logprobs":true)"));
  EXPECT_TRUE(asked.answer.has("top_logprobs")) << "who asks for them gets them";
}

TEST_F(Cascades, an_unsure_model_is_not_good_enough) {
  escalate("below: 0.7, judges: [structural, confidence]");
  first.then(completion_with(-2));
  second.then(completion("Surely."));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.said(), "Surely.");
  EXPECT_NEAR(entry.attempts.at(0).score, std::exp(-2), 0.001);
  EXPECT_EQ(second.asked.at(0).body.find("logprobs"), std::string::npos) << "the last one is given whatever it says";
}

TEST_F(Cascades, log_probabilities_of_a_stream_are_taken_out_of_every_event) {
  escalate("below: 0.5, judges: [confidence]");
  const auto chunk = [](std::string_view words) {
    return event(
        fmt::format(R"({{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","x_extra":7,)"
                    R"("choices":[{{"index":0,"delta":{{"content":"{}"}},"logprobs":{},"finish_reason":null}}]}})",
                    words, logprobs(-0.2)));
  };
  first.then({stream_head(), role(), chunk("One "), chunk("two."), finish(), usage(5, 4), done()});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "One two.");
  EXPECT_FALSE(answer.has("top_logprobs")) << answer.body;
  EXPECT_TRUE(answer.has("x_extra")) << "what we do not know stays";
  EXPECT_NEAR(entry.score, std::exp(-0.2), 0.001);
}

TEST_F(Cascades, a_server_that_refuses_log_probabilities_is_asked_without) {
  escalate("below: 0.7, judges: [structural, confidence]");
  first.then(whole(400, R"({"error":{"message":"logprobs is not supported","type":"invalid_request_error"}})"));
  first.then(completion("Forty-two."));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.said(), "Forty-two.");
  ASSERT_EQ(first.asked.size(), 2U);
  EXPECT_EQ(first.asked.at(1).body.find("logprobs"), std::string::npos);
  EXPECT_EQ(entry.score, 1) << "the other judge says what it knows";
  const auto again = gateway.ask(chat("both"));
  EXPECT_EQ(first.asked.size(), 3U) << "remembered";
}

TEST_F(Cascades, samples_of_the_same_model_are_compared) {
  escalate("below: 0.7, judges: [agreement], samples: 3");
  first.then(completion("Paris"));
  first.then(completion("Lyon"));
  first.then(completion("Nice"));
  second.then(completion("Paris, surely"));
  const auto [answer, entry] = gateway.ask(chat_stream("both"), {});
  EXPECT_EQ(first.asked.size(), 3U);
  EXPECT_EQ(answer.said(), "Paris, surely");
  EXPECT_NE(first.asked.at(1).body.find(R"("stream":false)"), std::string::npos) << first.asked.at(1).body;
  ASSERT_EQ(entry.attempts.size(), 4U);
  EXPECT_EQ(entry.attempts.at(1).purpose, "judge");
  EXPECT_EQ(entry.attempts.at(0).score, 0);
  EXPECT_EQ(answer.field("x-weir-attempts"), "2") << "questions of our own are no attempts to answer";
}

struct ThreeModels : ::testing::Test {
  Gateway gateway;
  ScriptedUpstream& small = gateway.upstream("small");
  ScriptedUpstream& large = gateway.upstream("large");
  ScriptedUpstream& grader = gateway.upstream("grader");

  void serve(std::string_view grader_zone = "cloud", std::string_view more_rules = "",
             std::string_view escalate = "below: 0.7, judges: [model], model: judge, wait: 5s") {
    gateway.serve(fmt::format(R"(
providers:
  - {{id: small, kind: openai_compatible, url: "@small", zone: local, health_check: false, api_key: k, retries: 0, slots: 1}}
  - {{id: large, kind: openai_compatible, url: "@large", zone: cloud, api_key: k, retries: 0}}
  - {{id: grader, kind: openai_compatible, url: "@grader", zone: {}, api_key: k, retries: 0}}
models:
  - {{id: a, provider: small, name: name-a, prices: {{input: 1.00, output: 2.00}}}}
  - {{id: b, provider: large, name: name-b, prices: {{input: 10.00, output: 20.00}}}}
  - {{id: judge, provider: grader, name: name-judge, prices: {{input: 1.00, output: 1.00}}}}
routes:
  - name: both
    rules:
      {}
      - {{use: [a, b], escalate: {{{}}}}}
)",
                              grader_zone, more_rules, escalate));
  }
};

TEST_F(ThreeModels, a_model_that_judges_decides) {
  serve();
  small.from_now_on(completion("A weir is a dam."));
  grader.then(completion("9", 50, 1));
  const auto good = gateway.ask(chat("both"));
  EXPECT_EQ(good.answer.said(), "A weir is a dam.");
  EXPECT_NEAR(good.entry.score, 0.9, 1e-9);
  EXPECT_EQ(good.entry.attempts.at(1).purpose, "judge");
  EXPECT_EQ(good.entry.attempts.at(1).cost, 51);
  EXPECT_NE(grader.asked.at(0).body.find("A weir is a dam."), std::string::npos);
  grader.from_now_on(completion("2"));
  large.from_now_on(completion("A weir is a low barrier."));
  const auto poor = gateway.ask(chat("both"));
  EXPECT_EQ(poor.answer.said(), "A weir is a low barrier.");
  EXPECT_NE(poor.entry.reason.find("a answered 0.20 < 0.7; b answered"), std::string::npos) << poor.entry.reason;
}

TEST_F(ThreeModels, one_that_is_slow_down_or_talks_nonsense_leaves_the_answer_unjudged_and_says_so) {
  for (const auto& bad : {Script{Hang{}}, whole(500, "{}"), completion("It is simply wonderful!"), completion(""),
                          completion("42"), Script{Close{}}, whole(200, "<html>")}) {
    serve();
    small.from_now_on(completion("A weir is a dam."));
    grader.from_now_on(bad);
    const auto [answer, entry] = gateway.ask(chat("both"));
    EXPECT_EQ(answer.said(), "A weir is a dam.");
    EXPECT_TRUE(answer.field("x-weir-reason").ends_with("not judged")) << answer.field("x-weir-reason");
    EXPECT_LT(answer.took_ms, 6'000);
    EXPECT_EQ(entry.score, -1);
    EXPECT_TRUE(large.asked.empty());
  }
}

TEST_F(ThreeModels, a_judge_is_asked_only_where_the_request_may_go) {
  serve("cloud", "- {when: {sensitive: [personal]}, zones: [local]}");
  small.from_now_on(completion("Write to anna.meier@example.com, please."));
  grader.from_now_on(completion("9"));
  const auto asked = gateway.ask(chat("both", "What is the address of anna.meier@example.com?"));
  EXPECT_EQ(asked.entry.zone, "local");
  EXPECT_TRUE(grader.asked.empty()) << "the request is personal";
  const auto said = gateway.ask(chat("both", "Whom should I write to?"));
  EXPECT_TRUE(grader.asked.empty()) << "the answer is";
  EXPECT_EQ(said.answer.said(), "Write to anna.meier@example.com, please.");
  EXPECT_NE(said.entry.reason.find("not judged"), std::string::npos);
}

TEST_F(ThreeModels, a_sensitive_request_is_never_escalated_out) {
  serve("local", "- {when: {sensitive: [personal]}, zones: [local]}", "below: 0.7");
  small.from_now_on(completion(refusal));
  large.from_now_on(completion("It is known."));
  const auto [answer, entry] = gateway.ask(chat("both", "Who is anna.meier@example.com?"));
  EXPECT_EQ(answer.said(), refusal);
  EXPECT_TRUE(large.asked.empty());
}

TEST_F(Cascades, a_share_is_held_over_many_requests) {
  escalate("share: 20%");
  first.from_now_on(completion("A good answer, as all of them."));
  second.from_now_on(completion("A better one."));
  int escalated_count = 0;
  constexpr int requests = 200;
  for (int i = 0; i < requests; ++i) {
    const auto [answer, entry] = gateway.ask(chat("both"));
    escalated_count += entry.model == "b" ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(escalated_count) / requests, 0.2, 0.02);
}

TEST_F(Cascades, tool_calls_are_judged_before_they_are_given) {
  escalate("below: 0.7");
  const auto call = [](std::string_view arguments) {
    return whole(200,
                 fmt::format(R"({{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{{"index":0,)"
                             R"("message":{{"role":"assistant","content":null,"tool_calls":[{{"id":"call_1","type":)"
                             R"("function","function":{{"name":"weather","arguments":{}}}}}]}},)"
                             R"("finish_reason":"tool_calls"}}],"usage":{{"prompt_tokens":10,"completion_tokens":5,)"
                             R"("total_tokens":15}}}})",
                             arguments));
  };
  constexpr std::string_view tools =
      R"(,"tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","required":["city"],"properties":{"city":{"type":"string"}}}}}])";
  first.then(call(R"("{\"town\":\"Bonn\"}")"));
  second.then(call(R"("{\"city\":\"Bonn\"}")"));
  const auto [answer, entry] = gateway.ask(chat("both", "Weather in Bonn?", tools));
  EXPECT_TRUE(answer.has(R"(\"city\")")) << answer.body;
  EXPECT_EQ(entry.attempts.at(0).message, "structural: a tool call whose arguments do not fit")
      << "no word of what was said";
}

TEST(WithoutLogprobs, only_the_values_of_choices_change) {
  EXPECT_EQ(without_logprobs(R"({"choices":[{"index":0,"logprobs":{"content":[{"logprob":-1}]},"x":1}],"logprobs":2})"),
            R"({"choices":[{"index":0,"logprobs":null,"x":1}],"logprobs":2})");
  for (const auto* const same : {"{}", R"({"choices":[]})", R"({"choices":[1,"a",null]})", R"({"choices":{}})",
                                 R"({"choices":[{"message":{"logprobs":1}}]})"})
    EXPECT_EQ(without_logprobs(same), same);
}

}  // namespace
}  // namespace weir::test
