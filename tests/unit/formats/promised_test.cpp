// What clients are promised of calls and ends, whatever a server left unsaid.
#include "formats/shared/promised.h"

#include <gtest/gtest.h>

#include "formats/format.h"
#include "formats/shared/answer_form.h"

namespace weir {
namespace {

using Kind = StreamEvent::Kind;

StreamEvent call(int64_t number, AnswerToolCall tool, int64_t choice = 0) {
  return {.kind = Kind::tool_call, .index = choice, .tool_index = number, .tool = std::move(tool)};
}
StreamEvent finish(FinishReason reason, int64_t choice = 0) {
  return {.kind = Kind::finish, .index = choice, .finish = reason};
}

class promise_keeper : public testing::Test {
 protected:
  // Of one event after the other; `changed_`: of the last.
  std::vector<StreamEvent> keep(std::vector<StreamEvent> events, int64_t choices = 1) {
    PromiseKeeper keeper(choices);
    std::vector<StreamEvent> out;
    for (auto& event : events) {
      const auto from = out.size();
      out.push_back(std::move(event));
      changed_ = keeper.keep("answer", out, from);
    }
    return out;
  }
  bool changed_ = false;
};

TEST_F(promise_keeper, leaves_what_is_as_promised) {
  const auto out =
      keep({call(0, {.id = "a", .name = "f"}), call(0, {.arguments = "{}"}), finish(FinishReason::length)});
  EXPECT_FALSE(changed_);
  EXPECT_EQ(out.size(), 3U);
  EXPECT_EQ(out[0].tool.id, "a");
  EXPECT_EQ(out[2].finish, FinishReason::length);
}

TEST_F(promise_keeper, gives_every_call_of_an_answer_an_id_of_its_own) {
  const auto out = keep({call(0, {.id = "same", .name = "f"}), call(1, {.id = "same", .name = "f"}),
                         call(2, {.name = "f"}), call(3, {.name = "f"}), call(0, {.id = "same", .name = "f"}, 1)},
                        2);
  EXPECT_EQ(out[0].tool.id, "same");
  EXPECT_EQ(out[4].tool.id, "same") << "of another answer";
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_TRUE(out[i].tool.id.starts_with("call_"));
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(out[i].tool.id, out[j].tool.id);
  }
  EXPECT_EQ(keep({call(0, {.name = "f"})})[0].tool.id, keep({call(0, {.name = "f"})})[0].tool.id)
      << "the same each time";
}

TEST_F(promise_keeper, says_the_arguments_of_a_call_that_has_none) {
  const auto out = keep({call(0, {.id = "a", .name = "f", .arguments = " "}),
                         call(1, {.id = "b", .name = "g"}),
                         call(1, {.arguments = "{}"}),
                         finish(FinishReason::tool_calls),
                         {.kind = Kind::done}});
  ASSERT_EQ(out.size(), 6U);
  EXPECT_TRUE(changed_);
  EXPECT_EQ(out[4].tool_index, 0);
  EXPECT_EQ(out[4].tool.arguments, "{}");
  EXPECT_EQ(out[5].kind, Kind::done);
}

TEST_F(promise_keeper, ends_with_an_error_where_a_call_has_no_name) {
  const auto out =
      keep({call(0, {.id = "a", .arguments = "{}"}), finish(FinishReason::tool_calls), {.kind = Kind::done}});
  EXPECT_EQ(out.at(2).kind, Kind::error);
}

TEST_F(promise_keeper, says_of_an_end_that_there_are_calls) {
  EXPECT_EQ(keep({call(0, {.id = "a", .name = "f", .arguments = "{}"}), finish(FinishReason::stop)})[1].finish,
            FinishReason::tool_calls);
  EXPECT_FALSE(changed_) << "a client of the same format may have what its provider says";
  EXPECT_EQ(keep({finish(FinishReason::stop)})[0].finish, FinishReason::stop);
}

TEST_F(promise_keeper, counts_the_only_answer_from_0) {
  EXPECT_EQ(keep({{.kind = Kind::text, .index = 1, .text = "a"}, finish(FinishReason::stop, 1)})[1].index, 0);
  EXPECT_EQ(keep({{.kind = Kind::text, .index = 1, .text = "a"}}, 2)[0].index, 1);
}

TEST(keep_promises, holds_for_whole_answers_of_every_format) {
  struct Case {
    std::string_view format, body;
  };
  const Case cases[] = {
      {"openai", R"({"choices":[{"index":1,"message":{"tool_calls":[{"id":"s","function":{"name":"f"}},)"
                 R"({"id":"s","function":{"name":"g","arguments":null}}]},"finish_reason":"stop"}]})"},
      {"anthropic", R"({"content":[{"type":"tool_use","id":"s","name":"f","input":null},)"
                    R"({"type":"tool_use","id":"s","name":"g"}],"stop_reason":"end_turn"})"},
      {"cohere", R"({"message":{"tool_calls":[{"function":{"name":"f"}},{"function":{"name":"g"}}]}})"},
      {"ollama",
       R"({"message":{"tool_calls":[{"id":"s","function":{"name":"f"}},{"id":"s","function":{"name":"g"}}]},"done":true})"},
      {"bedrock",
       R"({"output":{"message":{"content":[{"toolUse":{"name":"f"}},{"toolUse":{"name":"g"}}]}},"stopReason":"end_turn"})"},
      {"gemini", R"({"candidates":[{"index":1,"content":{"parts":[{"functionCall":{"id":"s","name":"f"}},)"
                 R"({"functionCall":{"id":"s","name":"g"}}]},"finishReason":"STOP"}]})"},
      {"responses",
       R"({"status":"completed","output":[{"type":"function_call","name":"f"},{"type":"function_call","name":"g"}]})"},
  };
  json::DocumentPool pool;
  for (const auto& [format, body] : cases) {
    SCOPED_TRACE(format);
    Request request;
    request.format = format;
    const auto answer = decode_answer(model_face(format), request, std::string(body), pool);
    ASSERT_TRUE(answer) << answer.error().message;
    const auto& choice = answer->choices.at(0);
    EXPECT_EQ(choice.index, 0);
    EXPECT_EQ(choice.finish, FinishReason::tool_calls);
    ASSERT_EQ(choice.parts.size(), 2U);
    EXPECT_FALSE(choice.parts[0].call.id.empty());
    EXPECT_NE(choice.parts[0].call.id, choice.parts[1].call.id);
    EXPECT_EQ(choice.parts[0].call.arguments, "{}");
    EXPECT_EQ(choice.parts[1].call.arguments, "{}");
  }
}

TEST(keep_promises, refuses_calls_without_a_name) {
  json::DocumentPool pool;
  Request request;
  const auto answer =
      decode_answer(model_face("openai"), request,
                    R"({"choices":[{"message":{"tool_calls":[{"id":"a","function":{"arguments":"{}"}}]}}]})", pool);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::upstream_malformed);
}

// Anything at all in the place of a call.
TEST(keep_promises, survives_lists_of_calls_that_are_none) {
  json::DocumentPool pool;
  for (const std::string_view calls :
       {R"(["x"])", "[null]", "[[{}]]", "[1]", R"([{"function":"x"}])", R"([{"type":5}])", "true", R"("x")", "{}"}) {
    for (const std::string_view format : {"openai", "elsewhere"}) {
      SCOPED_TRACE(calls);
      Request request;
      request.format = format;
      const auto answer = decode_answer(
          model_face("openai"), request,
          fmt::format(
              R"({{"choices":[{{"index":0,"message":{{"role":"assistant","content":"hi","tool_calls":{}}},"finish_reason":"stop"}}]}})",
              calls),
          pool);
      ASSERT_TRUE(answer) << answer.error().message;
      EXPECT_EQ(answer->choices.at(0).text(), "hi");
    }
  }
}

}  // namespace
}  // namespace weir
