// Servers that answer in jobs: asked until they are done, and stopped when nobody waits any more.
#include "support/gateway.h"
#include "two_models.h"

namespace weir::test {
namespace {

constexpr std::string_view id = "abc123";

Script prediction(std::string_view status, std::string_view more = R"("output":null)", int http = 200) {
  return whole(
      http,
      fmt::format(R"({{"id":"{}","model":"meta/llama","version":"hidden","status":"{}",{},)"
                  R"("urls":{{"get":"https://elsewhere.example/steal","cancel":"https://elsewhere.example/c"}}}})",
                  id, status, more));
}

Script succeeded(std::string_view text) {
  return prediction("succeeded", fmt::format(R"("output":["{}"," there"])", text));
}

std::string_view line_of(const Asked& asked) {
  const std::string_view head = asked.head;
  return head.substr(0, head.find(" HTTP/1.1"));
}

std::vector<std::string> lines_of(const ScriptedUpstream& server) {
  std::vector<std::string> lines;
  for (const auto& one : server.asked) lines.emplace_back(line_of(one));
  return lines;
}

const std::string create = "POST /v1/models/meta/llama/predictions";
const std::string poll = "GET /v1/predictions/abc123";
const std::string cancel = "POST /v1/predictions/abc123/cancel";

struct Jobs : testing::Test {
  Gateway gateway;
  ScriptedUpstream& server = gateway.upstream("jobs");
  ScriptedUpstream& other = gateway.upstream("other");

  void serve(std::string_view provider = "retries: 0", std::string_view route = "total: 600s",
             std::string_view use = "[job, b]") {
    gateway.serve(fmt::format(R"(
providers:
  - {{id: jobs, kind: replicate, url: "@jobs", api_key: secret-key, {}}}
  - {{id: other, kind: openai_compatible, url: "@other", api_key: k, retries: 0}}
models:
  - {{id: job, provider: jobs, name: meta/llama, prices: {{input: 1.00, output: 2.00}}}}
  - {{id: b, provider: other, name: name-b, prices: {{input: 10.00, output: 20.00}}}}
routes:
  - {{name: both, {}, rules: [{{use: {}}}]}}
)",
                              provider, route, use));
  }
};

TEST_F(Jobs, are_asked_until_they_are_done) {
  serve();
  server.then(prediction("starting", R"("output":null)", 201));
  server.then(prediction("processing"));
  server.then(succeeded("Hello"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("Hello there")) << answer.body;
  EXPECT_EQ(lines_of(server), (std::vector{create, poll, poll}));
  expect_about(answer.took_ms, 1'000);
  ASSERT_EQ(entry.attempts.size(), 1U);
  EXPECT_EQ(entry.attempts[0].outcome, "ok");
  EXPECT_EQ(entry.attempts[0].http_status, 200);
  EXPECT_TRUE(entry.attempts[0].usage.estimated);
  EXPECT_GT(entry.cost, 0);
}

TEST_F(Jobs, that_are_done_at_once_are_asked_once) {
  serve();
  server.then(
      prediction("succeeded", R"("output":"Hi","metrics":{"input_token_count":100,"output_token_count":7})", 201));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_TRUE(answer.has("\"Hi\"")) << answer.body;
  EXPECT_EQ(lines_of(server), (std::vector{create}));
  EXPECT_EQ(entry.usage.input, 100);
  EXPECT_EQ(entry.usage.output, 7);
}

TEST_F(Jobs, become_streams_where_the_client_wants_one) {
  serve();
  server.then(prediction("starting"));
  server.then(succeeded("Hello"));
  const auto [answer, entry] = gateway.ask(chat_stream("both"));
  EXPECT_EQ(answer.said(), "Hello there");
  EXPECT_TRUE(answer.has("[DONE]"));
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(entry.outcome, "ok");
  expect_about(entry.attempts.at(0).first_token_us / 1000, 500);
}

TEST_F(Jobs, are_asked_of_their_own_server_only_whatever_addresses_it_names) {
  serve();
  server.then(prediction("starting"));
  server.then(succeeded("Hello"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  for (const auto& one : server.asked) EXPECT_NE(one.head.find("Bearer secret-key"), std::string::npos);
  EXPECT_TRUE(other.asked.empty());
}

TEST_F(Jobs, that_fail_go_to_the_next_candidate) {
  serve();
  server.then(prediction("starting"));
  server.then(prediction("failed", R"("output":null,"error":"CUDA out of memory")"));
  other.then(completion("x"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.field("x-weir-model"), "b");
  ASSERT_EQ(entry.attempts.size(), 2U);
  EXPECT_EQ(entry.attempts[0].message, "CUDA out of memory");
  EXPECT_EQ(lines_of(server), (std::vector{create, poll})) << "what has failed is not cancelled";
}

TEST_F(Jobs, survive_one_bad_answer_to_a_question) {
  serve();
  server.then(prediction("starting"));
  server.then(whole(500, "{}"));
  server.then(succeeded("Hello"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(entry.attempts.size(), 1U);
  expect_about(answer.took_ms, 1'000);
}

TEST_F(Jobs, wait_as_long_as_a_429_says) {
  serve();
  server.then(prediction("starting"));
  server.then(whole(429, R"({"detail":"too fast"})", "Retry-After: 3\r\n"));
  server.then(succeeded("Hello"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 200);
  expect_about(answer.took_ms, 3'500);
  EXPECT_EQ(entry.attempts[0].outcome, "ok");
}

TEST_F(Jobs, whose_server_has_broken_for_good_are_given_up_and_stopped) {
  serve();
  server.then(prediction("starting"));
  server.then(whole(500, "{}"));
  other.then(completion("x"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.field("x-weir-model"), "b");
  gateway.wait(1'000);
  ASSERT_EQ(server.asked.size(), 8U) << "one creation, six questions, one word to stop";
  EXPECT_EQ(line_of(server.asked.back()), cancel);
}

TEST_F(Jobs, are_stopped_when_the_client_leaves) {
  serve();
  server.then(prediction("starting"));
  server.then(prediction("processing"));
  const auto [answer, entry] = gateway.ask(chat("both"), {.leave_after_ms = 1'200});
  EXPECT_EQ(entry.outcome, "client_gone");
  ASSERT_EQ(entry.attempts.size(), 1U);
  EXPECT_TRUE(entry.attempts[0].usage.estimated) << "the prompt was read, and will be billed";
  gateway.wait(100);
  EXPECT_EQ(lines_of(server), (std::vector{create, poll, poll, cancel}));
  EXPECT_TRUE(other.asked.empty());
}

TEST_F(Jobs, are_stopped_when_the_client_leaves_before_they_have_a_name) {
  serve();
  auto late = prediction("starting");
  late.insert(late.begin(), Pause{2'000});
  server.then(late);
  server.then(prediction("canceled"));
  const auto [answer, entry] = gateway.ask(chat("both"), {.leave_after_ms = 300});
  EXPECT_EQ(entry.outcome, "client_gone");
  expect_about(entry.duration_us / 1000, 300);
  gateway.wait(3'000);
  EXPECT_EQ(lines_of(server), (std::vector{create, cancel}));
}

TEST_F(Jobs, that_were_done_before_anybody_could_stop_them_are_left_alone) {
  serve();
  auto late = succeeded("Hello");
  late.insert(late.begin(), Pause{2'000});
  server.then(late);
  gateway.ask(chat("both"), {.leave_after_ms = 300});
  gateway.wait(3'000);
  EXPECT_EQ(lines_of(server), (std::vector{create}));
}

TEST_F(Jobs, that_never_end_are_stopped_at_the_attempts_total) {
  serve("retries: 0, timeouts: {total: 5s}");
  server.then(prediction("processing"));
  other.then(completion("x"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.field("x-weir-model"), "b");
  EXPECT_EQ(entry.attempts.at(0).outcome, "upstream_timeout");
  expect_about(entry.attempts[0].duration_us / 1000, 5'000);
  gateway.wait(100);
  EXPECT_EQ(line_of(server.asked.back()), cancel);
}

TEST_F(Jobs, that_never_end_are_stopped_at_the_routes_total) {
  serve("retries: 0", "total: 3s");
  server.then(prediction("processing"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(answer.status, 504);
  EXPECT_TRUE(answer.has("3000 ms")) << answer.body;
  gateway.wait(100);
  EXPECT_EQ(line_of(server.asked.back()), cancel);
}

TEST_F(Jobs, about_whose_state_the_server_lies_are_given_up_and_stopped) {
  serve();
  server.then(prediction("starting"));
  server.then(prediction("almost"));
  other.then(completion("x"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(entry.attempts.at(0).outcome, "upstream_malformed");
  gateway.wait(100);
  EXPECT_EQ(line_of(server.asked.back()), cancel);
}

TEST_F(Jobs, that_were_refused_are_not_stopped) {
  serve();
  server.then(whole(402, R"({"title":"Insufficient credit","detail":"You have insufficient credit","status":402})"));
  other.then(completion("x"));
  const auto [answer, entry] = gateway.ask(chat("both"));
  EXPECT_EQ(entry.attempts.at(0).outcome, "upstream_auth");
  EXPECT_EQ(answer.field("x-weir-model"), "b");
  gateway.wait(100);
  EXPECT_EQ(server.asked.size(), 1U);
}

TEST_F(Jobs, of_a_gateway_that_goes_down_are_stopped) {
  serve();
  server.then(prediction("processing"));
  const auto [answer, entry] = gateway.ask(chat("both"), {.shut_down_after_ms = 700});
  EXPECT_EQ(answer.status, 503);
  gateway.wait(100);
  EXPECT_EQ(line_of(server.asked.back()), cancel);
}

// ---- one at a time

constexpr std::string_view one_pixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

struct Painters : testing::Test {
  Gateway gateway;
  ScriptedUpstream& server = gateway.upstream("sd");

  void serve() {
    gateway.serve(R"(
providers:
  - {id: sd, kind: automatic1111, url: "@sd", retries: 0, health_check: false}
models:
  - {id: painter, provider: sd, name: default}
)");
  }
  static std::string picture(std::string_view prompt) {
    return fmt::format(R"({{"model":"painter","prompt":"{}"}})", prompt);
  }
};

Script painted(int64_t ms) {
  auto script = whole(200, fmt::format(R"({{"images":["{}"],"parameters":{{}},"info":"{{}}"}})", one_pixel));
  if (ms > 0) script.insert(script.begin(), Pause{ms});
  return script;
}

TEST_F(Painters, have_one_slot_where_nothing_else_is_said) {
  serve();
  server.then(painted(4'000));
  const AskOptions first{.operation = Operation::image};
  const AskOptions second{.operation = Operation::image, .begin_after_ms = 100};
  const auto served = gateway.ask_all({{picture("a"), first}, {picture("b"), second}});
  for (const auto& one : served) EXPECT_EQ(one.answer.status, 200) << one.answer.body;
  ASSERT_EQ(server.asked.size(), 2U);
  EXPECT_GE(server.asked[1].at_ms - server.asked[0].at_ms, 4'000);
  EXPECT_TRUE(served[0].answer.has(one_pixel));
}

TEST_F(Painters, get_the_next_job_only_when_they_were_told_to_stop_the_last) {
  serve();
  server.then({Hang{}});
  auto slow = whole(200, "null");
  slow.insert(slow.begin(), Pause{1'500});
  server.then(slow);
  server.then(painted(0));
  const AskOptions first{.operation = Operation::image, .leave_after_ms = 1'000};
  const AskOptions second{.operation = Operation::image, .begin_after_ms = 100};
  const auto served = gateway.ask_all({{picture("a"), first}, {picture("b"), second}});
  EXPECT_EQ(served[0].entry.outcome, "client_gone");
  EXPECT_EQ(served[1].answer.status, 200) << served[1].answer.body;
  EXPECT_EQ(lines_of(server),
            (std::vector<std::string>{"POST /sdapi/v1/txt2img", "POST /sdapi/v1/interrupt", "POST /sdapi/v1/txt2img"}));
  EXPECT_GE(server.asked[2].at_ms - server.asked[1].at_ms, 1'500);
  EXPECT_EQ(gateway.slots("sd").stats().held, 0);
}

TEST_F(Painters, that_refuse_a_job_are_not_told_to_stop_another) {
  serve();
  server.then(whole(500, R"({"error":"OutOfMemoryError","detail":"","body":"","errors":"CUDA out of memory."})"));
  const auto [answer, entry] = gateway.ask(picture("a"), {.operation = Operation::image});
  EXPECT_EQ(answer.status, 502);
  EXPECT_TRUE(answer.has("CUDA out of memory.")) << answer.body;
  gateway.wait(100);
  EXPECT_EQ(server.asked.size(), 1U);
}

}  // namespace
}  // namespace weir::test
