// What a client of OpenAI's format may be sent of a chunk: its bytes where they are what is promised, else a rewrite
// that keeps what it can.
#include <gtest/gtest.h>

#include "formats/openai/forward.h"
#include "formats/openai/model_face.h"
#include "formats/shared/assembler.h"

namespace weir {
namespace {

using Way = Forwarding::Way;

class openai_stream : public testing::Test {
 protected:
  openai_stream() {
    state_.forwarding.wanted = true;
    state_.forwarding.id = "chatcmpl-ours";
    state_.forwarding.created = 7;
  }
  void read(std::string_view data) {
    events_.clear();
    const auto decoded = openai_provider::read_stream(data, state_, scratch_, events_);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  }
  static std::string chunk(std::string_view choice, std::string_view rest = {}) {
    return fmt::format(
        R"({{"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{{"index":0,{}}}]{}}})",
        choice, rest);
  }
  // What the client gets.
  std::string shown() const { return state_.forwarding.text; }

  StreamState state_;
  json::Document scratch_;
  std::vector<StreamEvent> events_;
};

TEST_F(openai_stream, good_chunks_go_on_as_they_came) {
  for (
      const auto& good : {
          chunk(R"("delta":{"role":"assistant","content":""},"finish_reason":null)"),
          chunk(R"("delta":{"content":"a"},"logprobs":null,"finish_reason":null)", R"(,"obfuscation":"xx")"),
          chunk(R"("delta":{},"finish_reason":"stop")"),
          chunk(R"("delta":{"reasoning":"r","reasoning_content":"r"},"finish_reason":null)"),
          chunk(
              R"("delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}]})"),
          chunk(R"("delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]})"),
          std::string(
              R"({"id":"","object":"chat.completion.chunk","created":0,"model":"","choices":[],"prompt_filter_results":[]})"),
      }) {
    read(good);
    EXPECT_EQ(state_.forwarding.way, Way::as_it_came) << good;
  }
}

TEST_F(openai_stream, a_null_usage_is_cut_out_and_nothing_else) {
  read(chunk(R"("delta":{"content":"a"},"finish_reason":null)", R"(,"usage":null,"later":1)"));
  EXPECT_EQ(state_.forwarding.way, Way::rewritten);
  EXPECT_EQ(shown(), chunk(R"("delta":{"content":"a"},"finish_reason":null)", R"(,"later":1)"));
  EXPECT_EQ(openai_provider::without_null_usage(R"({ "usage" : null , "a":1})"), R"({ "a":1})");
  EXPECT_EQ(openai_provider::without_null_usage(R"({"a":"usage","usage":null})"), "") << "ambiguous by its bytes";
  read(chunk(R"("delta":{"content":"usage"},"finish_reason":null)", R"(,"usage":null)"));
  EXPECT_EQ(shown(), chunk(R"("delta":{"content":"usage"},"finish_reason":null)"));
  state_.forwarding.usage_asked = true;
  read(chunk(R"("delta":{"content":"a"},"finish_reason":null)", R"(,"usage":null)"));
  EXPECT_EQ(state_.forwarding.way, Way::as_it_came);
}

TEST_F(openai_stream, usage_becomes_a_chunk_of_its_own_with_all_it_has) {
  read(chunk(R"("delta":{"content":"a"},"finish_reason":"stop")",
             R"(,"usage":{"prompt_tokens":1,"completion_tokens":2,"cost":3.5})"));
  EXPECT_EQ(shown(), chunk(R"("delta":{"content":"a"},"finish_reason":null)")) << "the finish comes at the end";
  EXPECT_EQ(
      state_.forwarding.usage,
      R"({"id":"x","object":"chat.completion.chunk","created":1,"model":"m","usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3,"cost":3.5},"choices":[]})");
}

TEST_F(openai_stream, what_is_missing_is_added_and_what_is_unknown_is_kept) {
  read(R"({"choices":[{"delta":{"reasoning":"r","reasoning_details":[1]},"seed":9}],"provider":"P"})");
  EXPECT_EQ(
      shown(),
      R"({"choices":[{"index":0,"delta":{"reasoning":"r","reasoning_content":"r","reasoning_details":[1]},"seed":9,"finish_reason":null}],"provider":"P","id":"chatcmpl-ours","object":"chat.completion.chunk","created":7,"model":""})");
}

TEST_F(openai_stream, tool_calls_are_told_apart) {
  read(chunk(
      R"("delta":{"tool_calls":[{"function":{"name":"a","arguments":{"x":1}},"extra":1},{"function":{"name":"b","arguments":"{}"}}]})"));
  ASSERT_EQ(events_.size(), 2U);
  EXPECT_EQ(events_[0].tool.arguments, R"({"x":1})");
  EXPECT_EQ(events_[1].tool_index, 1);
  EXPECT_NE(events_[0].tool.id, events_[1].tool.id);
  EXPECT_NE(shown().find(R"("extra":1)"), std::string::npos);
  EXPECT_NE(shown().find(R"("arguments":"{\"x\":1}")"), std::string::npos) << shown();
}

TEST_F(openai_stream, calls_of_different_choices_are_counted_apart) {
  for (const int choice : {0, 1}) {
    read(fmt::format(
        R"({{"choices":[{{"index":{},"delta":{{"tool_calls":[{{"id":"c{}","function":{{"name":"a"}}}}]}}}}]}})", choice,
        choice));
    EXPECT_EQ(events_[0].tool_index, 0);
  }
}

TEST_F(openai_stream, noise_is_skipped_and_lost_text_is_not) {
  std::vector<StreamEvent> out;
  for (const std::string_view noise :
       {"oops", "{\"broken", "[]", "{\"hello\":1}", "{\"choices\":[{\"delta\":{\"content\": nonsense"}) {
    EXPECT_FALSE(openai_provider::read_stream(noise, state_, scratch_, out)) << noise;
  }
  EXPECT_TRUE(out.empty());
  for (const std::string_view lost :
       {R"({"choices":[{"index":0,"delta":{"content":"hel)", R"({"choices":[{"index":0,"delta":{"content":)",
        R"({"id":"x","obj)", R"({"choices":[{"delta":{"content":"a" oops}}]})"}) {
    read(lost);
    ASSERT_EQ(events_.size(), 1U) << lost;
    EXPECT_EQ(events_[0].error.code, ErrorCode::upstream_malformed);
  }
  read(R"({"choices":[{"index":0,"delta":{"content":"whole"})");
  EXPECT_EQ(events_[0].text, "whole") << "only its brackets are missing";
}

TEST_F(openai_stream, halves_are_joined_in_every_kind_of_text) {
  for (const std::string_view key : {"content", "reasoning_content", "refusal"}) {
    read(chunk(fmt::format(R"("delta":{{"{}":"a\ud83d"}})", key)));
    EXPECT_EQ(events_[0].text, "a");
    EXPECT_EQ(state_.forwarding.way, Way::from_events);
  }
  read(chunk(R"("delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":"\ud83d"}}]})"));
  for (const std::string_view key : {"content", "reasoning_content", "refusal"}) {
    read(chunk(fmt::format(R"("delta":{{"{}":"\ude00b"}})", key)));
    EXPECT_EQ(events_[0].text,
              "\xF0\x9F\x98\x80"
              "b");
  }
  read(chunk(R"("delta":{"tool_calls":[{"index":0,"function":{"arguments":"\ude00"}}]})"));
  EXPECT_EQ(events_[0].tool.arguments, "\xF0\x9F\x98\x80");
  EXPECT_TRUE(state_.halves.empty());
  read(chunk(R"("delta":{"content":"c"})"));
  EXPECT_EQ(state_.forwarding.way, Way::as_it_came) << "nothing is open any more";
}

TEST_F(openai_stream, a_half_without_its_other_half_comes_before_the_finish) {
  read(chunk(R"("delta":{"content":"a\ud83d"})"));
  read(chunk(R"("delta":{},"finish_reason":"stop")"));
  ASSERT_EQ(events_.size(), 2U);
  EXPECT_EQ(events_[0].text, "\xEF\xBF\xBD");
  EXPECT_EQ(events_[1].kind, StreamEvent::Kind::finish);
}

// A whole answer, told as events and put together again, is the same.
TEST(assembler, undoes_events_of) {
  Response response{.id = "x", .model = "m", .created = 3};
  response.usage = {.input = 4, .output = 5, .known = true};
  auto& spoken = response.choices.emplace_back();
  spoken.add_text(Part::Kind::thinking, "r");
  spoken.add_signature("seal");
  spoken.add_text(Part::Kind::text, "t");
  spoken.logprobs = R"({"content":[1]})";
  response.choices[0].finish = FinishReason::length;
  auto& refused = response.choices.emplace_back();
  refused.index = 1;
  refused.add_text(Part::Kind::refusal, "no");
  refused.add_call({.id = "a", .name = "f", .arguments = "{}", .signature = {}});
  refused.add_call({.id = "b", .name = "g", .arguments = "[]", .signature = {}});
  response.choices[1].finish = FinishReason::tool_calls;
  AnswerAssembler assembler;
  for (auto& event : events_of(response)) ASSERT_TRUE(assembler.add(std::move(event)));
  StreamState state;
  state.id = "x";
  const auto again = assembler.take(Operation::chat, state);
  ASSERT_TRUE(again.has_value());
  ASSERT_EQ(again->choices.size(), 2U);
  EXPECT_EQ(again->choices[0].text(), "t");
  ASSERT_EQ(again->choices[0].parts.size(), 2U);
  EXPECT_EQ(again->choices[0].parts[0].text, "r");
  EXPECT_EQ(again->choices[0].parts[0].signature, "seal");
  EXPECT_EQ(again->choices[0].logprobs, R"({"content":[1]})");
  EXPECT_EQ(again->choices[0].finish, FinishReason::length);
  EXPECT_EQ(again->choices[1].text(Part::Kind::refusal), "no");
  ASSERT_EQ(again->choices[1].parts.size(), 3U);
  EXPECT_EQ(again->choices[1].parts[2].call.name, "g");
  EXPECT_EQ(again->usage, response.usage);
}

}  // namespace
}  // namespace weir
