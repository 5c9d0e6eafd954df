// The sandbox's script, read back by the adapter that serves it.
#include <gtest/gtest.h>

#include "core/sse.h"
#include "formats/openai/model_face.h"
#include "formats/sandbox/instance.h"
#include "formats/sandbox/model.h"

namespace weir {
namespace {

const SandboxPersona& local() { return sandbox_personas()[0]; }
const SandboxPersona& cloud() { return sandbox_personas()[1]; }

SandboxReply ask(std::string body, const SandboxPersona& persona = local(), std::string path = "/v1/chat/completions") {
  return sandbox_reply({.method = "POST", .path = std::move(path), .body = std::move(body)}, persona);
}

std::string body_of(const SandboxReply& reply) {
  std::string body;
  for (const auto& step : reply.steps) body += step.bytes;
  return body;
}

Response decode(const SandboxReply& reply, Operation operation = Operation::chat) {
  json::DocumentPool pool;
  Request request;
  request.operation = operation;
  auto response = openai_provider::read_answer(request, body_of(reply), pool);
  EXPECT_TRUE(response.has_value()) << body_of(reply);
  return response.value_or(Response{});
}

struct Streamed {
  std::string text;
  std::vector<StreamEvent> events;
  int64_t malformed = 0;
};

Streamed stream(const SandboxReply& reply) {
  Streamed streamed;
  EventFramer framer(Framing::sse);
  StreamState state;
  json::Document scratch;
  FramedEvent event;
  for (const auto& step : reply.steps) {
    framer.feed(step.bytes);
    while (framer.next(event).value_or(false)) {
      if (!openai_provider::read_stream(event.data, state, scratch, streamed.events)) ++streamed.malformed;
    }
  }
  for (const auto& seen : streamed.events) {
    if (seen.kind == StreamEvent::Kind::text) streamed.text += seen.text;
  }
  return streamed;
}

constexpr const char* hello = R"("messages":[{"role":"user","content":"What is a weir?"}])";
std::string with(const std::string& more) {
  return std::string("{\"model\":\"x\",") + hello + (more.empty() ? "" : "," + more) + "}";
}

TEST(sandbox, says_that_it_is_one) {
  for (const auto& persona : sandbox_personas()) {
    const auto answer = decode(ask(with(""), persona));
    EXPECT_NE(answer.choices.at(0).text().find("sandbox"), std::string::npos);
    EXPECT_NE(answer.choices.at(0).text().find("no model was asked"), std::string::npos);
    EXPECT_EQ(answer.model, persona.model);
    EXPECT_TRUE(answer.usage.known);
    EXPECT_GT(answer.usage.output, 10);
    EXPECT_EQ(answer.choices.at(0).finish, FinishReason::stop);
  }
}

TEST(sandbox, streams_the_same_answer_that_it_gives_whole) {
  const auto whole = decode(ask(with("")));
  const auto streamed = stream(ask(with(R"("stream":true,"stream_options":{"include_usage":true})")));
  EXPECT_EQ(streamed.text, whole.choices.at(0).text());
  EXPECT_EQ(streamed.events.front().kind, StreamEvent::Kind::lifecycle);
  EXPECT_EQ(streamed.events.back().kind, StreamEvent::Kind::done);
  EXPECT_EQ(streamed.events.at(streamed.events.size() - 2).usage, whole.usage);
  EXPECT_EQ(streamed.malformed, 0);
}

TEST(sandbox, the_local_one_is_terse_and_slow_by_the_token) {
  EXPECT_GT(local().token_ms, cloud().token_ms);
  EXPECT_LT(decode(ask(with(""))).usage.output, decode(ask(with(""), cloud())).usage.output);
}

TEST(sandbox, keeps_to_limits_stops_and_counts) {
  const auto cut = decode(ask(with(R"("max_tokens":3)")));
  EXPECT_EQ(cut.choices.at(0).finish, FinishReason::length);
  EXPECT_EQ(cut.usage.output, 3);
  EXPECT_EQ(decode(ask(with(R"("stop":" sandbox")"))).choices.at(0).text(), "This is a");
  EXPECT_EQ(decode(ask(with(R"("n":3)"))).choices.size(), 3U);
  EXPECT_EQ(stream(ask(with(R"("n":2,"max_tokens":2,"stream":true)"))).text, "ThisThis is is");
}

constexpr const char* tool =
    R"("tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}])";

TEST(sandbox, calls_a_tool_when_it_is_told_to) {
  for (const std::string choice : {R"("required")", R"({"type":"function","function":{"name":"weather"}})"}) {
    const auto body = std::string(tool) + ",\"tool_choice\":" + choice;
    const auto answer = decode(ask(with(body)));
    const auto& parts = answer.choices.at(0).parts;
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(parts.at(0).call.name, "weather");
    EXPECT_EQ(parts.at(0).call.arguments, R"({"city":"sandbox"})");
    EXPECT_EQ(answer.choices.at(0).finish, FinishReason::tool_calls);
    const auto streamed = stream(ask(with(body + ",\"stream\":true")));
    EXPECT_TRUE(std::any_of(streamed.events.begin(), streamed.events.end(),
                            [](const StreamEvent& event) { return event.kind == StreamEvent::Kind::tool_call; }));
  }
  EXPECT_FALSE(decode(ask(with(tool))).choices.at(0).has(Part::Kind::tool_call));
  EXPECT_FALSE(
      decode(ask(with(std::string(tool) + R"(,"tool_choice":"none")"))).choices.at(0).has(Part::Kind::tool_call));
}

TEST(sandbox, answers_the_result_of_a_tool_with_text) {
  const auto answer = decode(ask(
      R"({"model":"x","messages":[{"role":"user","content":"weather?"},{"role":"tool","tool_call_id":"c","content":"sunny"}],)" +
      std::string(tool) + R"(,"tool_choice":"required"})"));
  EXPECT_TRUE(answer.choices.at(0).text().starts_with("The tool said: \"sunny\""));
}

TEST(sandbox, goes_on_behind_a_prefill) {
  const auto whole = decode(ask(with(""))).choices.at(0).text();
  const auto rest = decode(ask(
      R"({"model":"x","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"This is a sandbox"}]})"));
  EXPECT_EQ("This is a sandbox" + rest.choices.at(0).text(), whole);
}

struct SchemaCase {
  const char* schema;
  const char* instance;
};

TEST(sandbox_instance, is_the_smallest_that_keeps_to_the_schema) {
  const SchemaCase cases[] = {
      {R"({"type":"string"})", R"("sandbox")"},
      {R"({"type":"string","maxLength":3})", R"("san")"},
      {R"({"type":"string","minLength":9})", R"("sandboxxx")"},
      {R"({"type":"string","format":"date"})", R"("2025-01-01")"},
      {R"({"enum":["b","a"]})", R"("b")"},
      {R"({"const":7})", "7"},
      {R"({"type":"integer","minimum":3})", "3"},
      {R"({"type":"integer","exclusiveMinimum":3,"multipleOf":5})", "5"},
      {R"({"type":"number","maximum":-2.5})", "-2.5"},
      {R"({"type":["null","string"]})", "null"},
      {R"({"type":"boolean"})", "true"},
      {R"({"type":"array","items":{"type":"integer"},"minItems":2})", "[0,0]"},
      {R"({"type":"array","items":{"type":"integer"}})", "[]"},
      {R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"required":["b"]})",
       R"({"b":"sandbox"})"},
      {R"({"type":"object","properties":{"a":{"type":"integer"}}})", R"({"a":0})"},
      {R"({"anyOf":[{"type":"integer"},{"type":"null"}]})", "0"},
      {R"({"$defs":{"p":{"type":"object","properties":{"x":{"type":"number"}},"required":["x"]}},"$ref":"#/$defs/p"})",
       R"({"x":0})"},
  };
  for (const auto& entry : cases) {
    json::Document schema;
    ASSERT_TRUE(schema.parse(entry.schema));
    EXPECT_EQ(smallest_instance(schema.root()), entry.instance) << entry.schema;
  }
}

TEST(sandbox_instance, a_schema_that_contains_itself_ends) {
  json::Document schema;
  ASSERT_TRUE(schema.parse(
      R"({"$defs":{"n":{"type":"object","properties":{"next":{"$ref":"#/$defs/n"}},"required":["next"]}},"$ref":"#/$defs/n"})"));
  json::Document instance;
  EXPECT_TRUE(instance.parse(smallest_instance(schema.root())));
  ASSERT_TRUE(schema.parse(R"({"$ref":"#"})"));
  EXPECT_TRUE(instance.parse(smallest_instance(schema.root())));
}

TEST(sandbox, structured_answers_keep_to_the_schema) {
  const auto answer = decode(ask(with(
      R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]}}})")));
  EXPECT_EQ(answer.choices.at(0).text(), R"({"ok":true})");
}

TEST(sandbox, embeddings_are_the_same_each_time_and_near_for_shared_words) {
  const auto embed = [](const std::string& text) {
    const auto reply = ask(R"({"model":"x","input":")" + text + R"(","dimensions":128})", local(), "/v1/embeddings");
    return decode(reply, Operation::embedding).embeddings.at(0);
  };
  const auto dot = [](const std::vector<float>& a, const std::vector<float>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
  };
  const auto cat = embed("the cat sat on the mat");
  EXPECT_EQ(cat.size(), 128U);
  EXPECT_EQ(cat, embed("the cat sat on the mat"));
  EXPECT_NEAR(dot(cat, cat), 1.0, 1e-5);
  EXPECT_GT(dot(cat, embed("a cat on a mat")), dot(cat, embed("quarterly revenue figures")));
}

TEST(sandbox, scripted_faults_happen) {
  const auto refused = ask(with(R"("sandbox":{"status":429,"retry_after":2})"));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.get("retry-after"), "2");
  EXPECT_TRUE(body_of(ask(with(R"("sandbox":{"status":500,"html":true})"))).starts_with("<html>"));

  const auto cut = ask(with(R"("stream":true,"sandbox":{"cut_after":3})"));
  EXPECT_EQ(cut.end, SandboxReply::End::cut);
  EXPECT_EQ(cut.steps.size(), 3U);
  EXPECT_EQ(ask(with(R"("stream":true,"sandbox":{"stall_after":1})")).end, SandboxReply::End::stall);

  // A piece that broke off took its text along: nobody goes on as if it had not been.
  const auto malformed = stream(ask(with(R"("stream":true,"sandbox":{"malformed_at":3})")));
  EXPECT_EQ(std::count_if(malformed.events.begin(), malformed.events.end(),
                          [](const auto& event) { return event.error.code == ErrorCode::upstream_malformed; }),
            1);
  const auto failed = stream(ask(with(R"("stream":true,"sandbox":{"error_at":4})")));
  EXPECT_EQ(failed.events.back().kind, StreamEvent::Kind::error);
  EXPECT_NE(stream(ask(with(R"("stream":true,"sandbox":{"omit_done":true})"))).events.back().kind,
            StreamEvent::Kind::done);

  const auto slow = ask(with(R"("stream":true,"sandbox":{"head_ms":900,"first_token_ms":800,"token_ms":70})"));
  EXPECT_EQ(slow.head_delay_ms, 900);
  EXPECT_EQ(slow.steps.at(1).delay_ms, 800);
  EXPECT_EQ(slow.steps.at(2).delay_ms, 70);
  EXPECT_EQ(decode(ask(with(R"("sandbox":{"say":"hello","finish":"content_filter"})"))).choices.at(0).finish,
            FinishReason::content_filter);
}

TEST(sandbox, faults_can_be_meant_for_one_model) {
  const auto body = with(R"("sandbox":{"sandbox-local":{"status":503}})");
  EXPECT_EQ(ask(body, local()).status, 503);
  EXPECT_EQ(ask(body, cloud()).status, 200);
}

TEST(sandbox, lists_its_model_and_refuses_what_it_does_not_know) {
  const auto models =
      openai_provider::read_models(body_of(sandbox_reply({.method = "GET", .path = "/v1/models"}, cloud())));
  ASSERT_TRUE(models.has_value());
  ASSERT_EQ(models->models.size(), 1U);
  EXPECT_EQ(models->models[0].name, "sandbox-cloud");
  EXPECT_TRUE(models->usual);
  EXPECT_EQ(sandbox_reply({.method = "GET", .path = "/"}, cloud()).status, 404);
  EXPECT_EQ(ask("{").status, 400);
  EXPECT_EQ(ask("{}").status, 400);
  EXPECT_EQ(ask("[]").status, 400);
  EXPECT_EQ(ask("{}", local(), "/v1/embeddings").status, 400);
}

TEST(sandbox, speaks_completions_too) {
  const auto answer =
      decode(ask(R"({"model":"x","prompt":"Once"})", local(), "/v1/completions"), Operation::completion);
  EXPECT_FALSE(answer.choices.at(0).text().empty());
  EXPECT_EQ(stream(ask(R"({"model":"x","prompt":"Once","stream":true})", local(), "/v1/completions")).text,
            answer.choices.at(0).text());
}

}  // namespace
}  // namespace weir
