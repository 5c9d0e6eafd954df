// Streams of Amazon's binary messages, from the socket to a client of another format: whole ones, cut ones, broken
// ones, and answers that come in another form than was asked for.
#include "amazon_stream.h"
#include "two_models.h"

namespace weir::test {
namespace {

using testing::amazon_event;
using testing::amazon_exception;

const std::string begin = amazon_event("messageStart", R"({"role":"assistant"})");
std::string says(std::string_view words) {
  return amazon_event("contentBlockDelta",
                      R"({"contentBlockIndex":0,"delta":{"text":")" + std::string(words) + R"("}})");
}
const std::string stop = amazon_event("messageStop", R"({"stopReason":"end_turn"})");
const std::string metadata = amazon_event(
    "metadata", R"({"usage":{"inputTokens":7,"outputTokens":5,"totalTokens":16,"cacheReadInputTokens":4}})");

Say chunk(std::string_view bytes) { return {fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes)}; }
Say head() {
  return {"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nTransfer-Encoding: chunked\r\n\r\n"};
}
const Say end{"0\r\n\r\n"};

struct BinaryStreams : ::testing::Test {
  Gateway gateway;
  ScriptedUpstream& first = gateway.upstream("first");
  ScriptedUpstream& second = gateway.upstream("second");

  void SetUp() override {
    gateway.serve(R"(
providers:
  - {id: first, kind: bedrock, url: "@first", zone: cloud, api_key: "AKID:secret", retries: 0}
  - {id: second, kind: openai_compatible, url: "@second", zone: cloud, api_key: k, retries: 0}
models:
  - {id: a, provider: first, name: "anthropic.claude-sonnet-4-5-v1:0", prices: {input: 1.00, output: 2.00}}
  - {id: b, provider: second, name: name-b, prices: {input: 10.00, output: 20.00}}
routes:
  - {name: both, rules: [{use: [a, b]}]}
)");
    second.from_now_on(stream_of({"from b"}));
  }
};

TEST_F(BinaryStreams, become_what_the_client_speaks) {
  first.then({head(), chunk(begin + says("Once ")), Pause{100}, chunk(says("upon")), chunk(stop + metadata), end});
  const auto [answer, entry] = gateway.ask(chat_stream("both", "Hi", R"(,"stream_options":{"include_usage":true})"));
  EXPECT_EQ(answer.said(), "Once upon");
  EXPECT_TRUE(answer.has(R"("prompt_tokens":11)")) << answer.body;
  EXPECT_TRUE(answer.body.ends_with("data: [DONE]\n\n"));
  EXPECT_EQ(entry.outcome, "ok");
  EXPECT_EQ(entry.usage.input, 11);
  EXPECT_EQ(entry.usage.cached, 4);
  ASSERT_EQ(first.asked.size(), 1U);
  const auto& asked = first.asked[0].head;
  EXPECT_TRUE(asked.starts_with("POST /model/anthropic.claude-sonnet-4-5-v1%3A0/converse-stream HTTP/1.1\r\n"))
      << asked;
  EXPECT_NE(asked.find("Authorization: AWS4-HMAC-SHA256 Credential=AKID/"), std::string::npos) << asked;
}

TEST_F(BinaryStreams, are_the_same_wherever_they_are_cut) {
  const auto stream = begin + says("Once ") + says("upon") + stop + metadata;
  for (std::size_t cut = 1; cut < stream.size(); cut += 7) {
    first.then({head(), chunk(stream.substr(0, cut)), Pause{1}, chunk(stream.substr(cut)), end});
    const auto [answer, entry] = gateway.ask(chat_stream("both"));
    ASSERT_EQ(answer.said(), "Once upon") << cut;
    ASSERT_EQ(entry.usage.output, 5);
  }
}

TEST_F(BinaryStreams, that_fail_before_they_say_anything_go_to_the_next) {
  auto broken = says("Once");
  broken.back() = static_cast<char>(broken.back() ^ 1);
  for (const auto& [bytes, outcome] : std::initializer_list<std::pair<std::string, std::string_view>>{
           {begin + broken, "upstream_malformed"},
           {begin + amazon_exception("throttlingException", R"({"message":"Too many tokens"})"),
            "upstream_rate_limited"},
           {begin + testing::amazon_error("InternalError", "It broke."), "upstream_server_error"},
           {begin + says("Once").substr(0, 30), "upstream_truncated"}}) {
    first.from_now_on({head(), chunk(bytes), end});
    const auto [answer, entry] = gateway.ask(chat_stream("both"));
    EXPECT_EQ(answer.said(), "from b") << outcome;
    EXPECT_EQ(entry.attempts.at(0).outcome, outcome);
    gateway.wait(300'000);  // whoever failed is asked again
  }
}

TEST_F(BinaryStreams, that_break_later_end_with_an_error_and_are_not_repeated) {
  first.then({head(),
              chunk(begin + says("Once ") + amazon_exception("modelStreamErrorException", R"({"message":"It broke"})")),
              end});
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "Once ");
  EXPECT_TRUE(answer.has("It broke")) << answer.body;
  EXPECT_TRUE(second.asked.empty());
  EXPECT_TRUE(entry.attempts.at(0).partial);
}

TEST_F(BinaryStreams, may_come_as_a_whole_answer) {
  first.then(
      whole(200, R"({"output":{"message":{"role":"assistant","content":[{"text":"all of it"}]}},"stopReason":"end_turn",
                           "usage":{"inputTokens":7,"outputTokens":5,"totalTokens":12}})"));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "all of it");
  EXPECT_EQ(entry.usage.input, 7);
}

}  // namespace
}  // namespace weir::test
