// Streams: what the client sees of them, where they break, who goes on, and what the ledger says of each part.
#include "two_models.h"

namespace weir::test {
namespace {

using Streams = TwoModels;

TEST_F(Streams, a_good_one_is_passed_on_as_it_comes) {
  serve();
  first.then({stream_head(), role(), text("Once "), Pause{1'000}, text("upon "), Pause{1'000}, text("a time"), finish(),
              usage(1'000, 500), done()});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "Once upon a time");
  EXPECT_TRUE(answer.ended);
  EXPECT_TRUE(answer.body.ends_with("data: [DONE]\n\n"));
  ASSERT_GE(answer.pieces.size(), 3U);
  EXPECT_LE(answer.pieces[0].first, 10) << "nothing waits for more";
  EXPECT_TRUE(entry.stream);
  EXPECT_EQ(entry.outcome, "ok");
  EXPECT_EQ(entry.cost, 2'000);
  EXPECT_EQ(entry.baseline_cost, 20'000);
  EXPECT_LE(entry.first_token_us / 1000, 10);
  EXPECT_FALSE(entry.attempts.at(0).partial);
}

TEST_F(Streams, usage_is_shown_to_who_asked_for_it_and_to_nobody_else) {
  serve();
  first.then(stream_of({"x"}, 123, 45));
  const auto unasked = gateway.ask(chat_stream("both"));
  EXPECT_FALSE(unasked.answer.has("prompt_tokens"));
  EXPECT_EQ(unasked.entry.usage.input, 123) << "we asked for ourselves";
  const auto asked = gateway.ask(chat_stream("both", "Hi", R"(,"stream_options":{"include_usage":true})"));
  EXPECT_TRUE(asked.answer.has(R"("prompt_tokens":123)"));
  EXPECT_EQ(asked.entry.usage.output, 45);
}

TEST_F(Streams, who_asked_for_usage_gets_an_estimate_where_the_provider_has_none) {
  serve();
  first.then({stream_head(), role(), text("123456789"), finish(), done()});
  const auto [answer, entry] = gateway.ask(chat_stream("both", "Hi", R"(,"stream_options":{"include_usage":true})"));
  EXPECT_TRUE(answer.has(R"("completion_tokens":3)")) << answer.body;
  EXPECT_TRUE(entry.usage.estimated);
  EXPECT_EQ(entry.usage.output, 3);
}

TEST_F(Streams, one_without_an_answer_goes_to_the_next) {
  for (const auto& empty : {Script{stream_head(), done()}, Script{stream_head(), role(), done()},
                            Script{stream_head(), Say{"0\r\n\r\n"}}}) {
    serve();
    first.from_now_on(empty);
    second.from_now_on(stream_of({"x"}));
    const auto [answer, entry] = gateway.ask(chat_stream("both"));
    EXPECT_EQ(answer.field("x-weir-model"), "b");
    EXPECT_EQ(answer.said(), "x");
    EXPECT_EQ(entry.attempts.at(0).outcome, "upstream_malformed");
    EXPECT_FALSE(entry.attempts.at(0).partial);
    EXPECT_EQ(entry.attempts.at(0).cost, 0);
  }
}

TEST_F(Streams, one_that_breaks_before_its_first_content_is_a_failure_that_nobody_saw) {
  serve();
  first.then({stream_head(), role(), Close{}});
  second.then(stream_of({"x"}, 100, 10));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "x");
  EXPECT_FALSE(answer.has("error"));
  EXPECT_EQ(entry.attempts.at(0).outcome, "upstream_truncated");
  EXPECT_EQ(entry.cost, 1'200);
}

TEST_F(Streams, one_that_breaks_in_its_middle_ends_with_an_error_and_is_paid_for_by_what_it_said) {
  serve();
  first.then({stream_head(), role(), text("123456789"), Close{}});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "123456789");
  EXPECT_TRUE(answer.has("upstream_truncated"));
  EXPECT_FALSE(answer.has("[DONE]"));
  EXPECT_TRUE(second.asked.empty());
  EXPECT_EQ(entry.outcome, "upstream_truncated");
  EXPECT_EQ(entry.http_status, 200);
  const auto& attempt = entry.attempts.at(0);
  EXPECT_TRUE(attempt.partial);
  EXPECT_TRUE(attempt.usage.estimated);
  EXPECT_EQ(attempt.usage.output, 3);
  EXPECT_EQ(attempt.cost, attempt.usage.input + 2 * 3);
  EXPECT_EQ(entry.cost, attempt.cost);
  EXPECT_EQ(entry.usage.output, 3);
}

TEST_F(Streams, one_that_has_finished_needs_nothing_more_whatever_becomes_of_its_connection) {
  serve();
  first.then({stream_head(), role(), text("All said."), finish(), Close{}});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(entry.outcome, "ok");
  EXPECT_TRUE(answer.ended);
  EXPECT_TRUE(answer.has("[DONE]"));
  EXPECT_FALSE(answer.has("error"));
}

TEST_F(Streams, one_that_ends_well_without_a_word_was_answered_when_it_ended) {
  serve();
  first.then({stream_head(), role(), Pause{2'000}, finish("length"), usage(10, 5), done()});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(entry.outcome, "ok");
  expect_about(entry.first_token_us / 1000, 2'000);
  expect_about(entry.attempts.at(0).first_token_us / 1000, 2'000);
}

TEST_F(Streams, a_malformed_event_is_counted_and_the_rest_arrives) {
  serve();
  first.then(
      {stream_head(), role(), text("good "), event("{this is no JSON"), text("again"), finish(), usage(10, 5), done()});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(entry.attempts.at(0).bad_events, 1);
  EXPECT_EQ(answer.said(), "good again");
}

TEST_F(Streams, one_that_loses_text_ends_with_an_error_and_the_event_is_counted) {
  serve();
  first.then({stream_head(), role(), text("good "), event(R"({"choices":[{"index":0,"delta":{"content":"hel)"),
              text("lo"), finish(), done()});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "good ");
  EXPECT_TRUE(answer.has("upstream_malformed")) << answer.body;
  EXPECT_EQ(entry.outcome, "upstream_malformed");
  EXPECT_EQ(entry.attempts.at(0).bad_events, 1);
}

TEST_F(Streams, one_that_another_model_goes_on_with_is_one_text_and_two_bills) {
  serve({.route = "on_stream_failure: continue"});
  first.then({stream_head(), role(), text("Hello, "), Close{}});
  second.then(stream_of({"Hello, ", "world"}, 100, 10));  // it starts afresh
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "Hello, world") << answer.body;
  EXPECT_TRUE(answer.has("[DONE]"));
  EXPECT_FALSE(answer.has("\"error\""));
  EXPECT_EQ(entry.outcome, "ok");
  EXPECT_EQ(entry.model, "b");
  ASSERT_EQ(entry.attempts.size(), 2U);
  const auto& begun = entry.attempts[0];
  const auto& ended = entry.attempts[1];
  EXPECT_TRUE(begun.partial);
  EXPECT_EQ(begun.outcome, "upstream_truncated");
  EXPECT_EQ(begun.usage.output, 2);  // 7 bytes
  EXPECT_EQ(begun.cost, begun.usage.input * 1 + 2 * 2);
  EXPECT_EQ(ended.outcome, "ok");
  EXPECT_EQ(ended.usage.input, 100);
  EXPECT_EQ(ended.usage.output, 10);
  EXPECT_EQ(ended.cost, 1'200);
  EXPECT_EQ(entry.cost, begun.cost + ended.cost);
  EXPECT_EQ(entry.usage.output, 12);
  EXPECT_TRUE(entry.usage.estimated) << "a part of it";
  EXPECT_NE(gateway.metrics_text().find("\nweir_streams_resumed_total 1\n"), std::string::npos);
}

TEST_F(Streams, the_baseline_of_one_that_was_gone_on_with_is_that_of_the_whole_answer) {
  serve({.second = "quirks: {accepts_prefill: true}", .route = "on_stream_failure: continue"});
  first.then({stream_head(), role(), text("Hello, "), Close{}});
  second.then(stream_of({"world and all that is in it"}, 100, 10));  // it goes on behind what was said
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "Hello, world and all that is in it") << answer.body;
  EXPECT_EQ(entry.attempts.at(0).usage.output, 2);
  EXPECT_EQ(entry.baseline_cost, 100 * 10 + (2 + 10) * 20);
}

TEST_F(Streams, without_continue_nobody_is_asked_after_the_first_content) {
  serve({.first = "retries: 3", .route = "on_stream_failure: end"});
  first.then({stream_head(), role(), text("Hello, "), Close{}});
  second.then(stream_of({"world"}));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "Hello, ");
  EXPECT_EQ(first.asked.size(), 1U);
  EXPECT_TRUE(second.asked.empty());
}

TEST_F(Streams, several_choices_end_when_each_has_ended) {
  serve();
  const auto choice = [](int index, std::string_view said, std::string_view reason) {
    return event(fmt::format(R"({{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[)"
                             R"({{"index":{},"delta":{},"finish_reason":{}}}]}})",
                             index, said.empty() ? "{}" : fmt::format(R"({{"content":"{}"}})", said),
                             reason.empty() ? "null" : fmt::format("\"{}\"", reason)));
  };
  first.then({stream_head(), choice(0, "one", ""), choice(1, "two", ""), choice(0, "", "stop"), Pause{3'000},
              choice(1, " more", ""), choice(1, "", "stop"), usage(10, 5), done()});
  const auto [answer, entry] = gateway.ask(chat_stream("both", "Hi", R"(,"n":2)"));
  EXPECT_TRUE(answer.has(" more"));
  EXPECT_EQ(entry.outcome, "ok");
  EXPECT_EQ(entry.usage.output, 5);
}

}  // namespace
}  // namespace weir::test
