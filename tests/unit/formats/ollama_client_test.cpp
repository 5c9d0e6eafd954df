// What Ollama's clients ask and are told, beyond what the fixtures hold: by which path it came, streams that pass as
// bytes and go on otherwise, the questions about models, and bodies that mean harm.
#include <gtest/gtest.h>

#include <random>

#include "formats/ollama/client_face.h"

namespace weir {
namespace {

const ClientFace& ollama() { return ollama_client::face(); }

class ollama_clients : public testing::Test {
 protected:
  Result<Request> read(std::string body, Operation operation = Operation::chat) {
    return ollama().read({.operation = operation, .body = std::move(body)}, pool_);
  }
  json::DocumentPool pool_;
};

constexpr std::string_view chat = R"({"model":"m","messages":[{"role":"user","content":"hi"}])";

TEST_F(ollama_clients, requests_know_by_which_path_they_came) {
  const auto asked = read(R"({"model":"m","prompt":"hi"})", Operation::completion);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->operation, Operation::chat);
  EXPECT_EQ(asked->variant, ollama_client::generate);
  const auto raw = read(R"({"model":"m","prompt":"hi","raw":true})", Operation::completion);
  ASSERT_TRUE(raw);
  EXPECT_EQ(raw->operation, Operation::completion);
  EXPECT_EQ(raw->variant, ollama_client::generate);
  const auto older = read(R"({"model":"m","prompt":"hi"})", Operation::embedding);
  ASSERT_TRUE(older);
  EXPECT_EQ(older->variant, ollama_client::embeddings);
  EXPECT_EQ(read(R"({"model":"m","input":"hi","prompt":"x"})", Operation::embedding)->variant, "");
  EXPECT_EQ(read(std::string(chat) + "}")->variant, "");
}

TEST_F(ollama_clients, thinking_is_asked_for_in_three_ways) {
  struct Case {
    std::string_view think;
    std::optional<bool> shown;
    std::optional<int64_t> tokens;
    std::string_view effort;
  };
  for (const auto& one : {Case{"true", true, -1, ""}, Case{"false", false, std::nullopt, "none"},
                          Case{R"("low")", true, std::nullopt, "low"}, Case{R"("max")", true, std::nullopt, "max"},
                          Case{"null", std::nullopt, std::nullopt, ""}}) {
    const auto request = read(fmt::format("{},\"think\":{}}}", chat, one.think));
    ASSERT_TRUE(request) << one.think;
    EXPECT_EQ(request->show_thinking, one.shown) << one.think;
    EXPECT_EQ(request->thinking_tokens, one.tokens) << one.think;
    EXPECT_EQ(request->reasoning_effort, one.effort) << one.think;
  }
}

TEST_F(ollama_clients, everything_that_is_a_prompt_is_counted) {
  const std::string text(300, 'x');
  const auto plain = read(std::string(chat) + "}");
  for (
      const auto& body :
      {fmt::format(R"({{"model":"m","messages":[{{"role":"user","content":"hi{}"}}]}})", text),
       fmt::format(R"({{"model":"m","messages":[{{"role":"user","content":"hi","thinking":"{}"}}]}})", text),
       fmt::format(R"({},"format":{{"type":"object","description":"{}"}}}})", chat, text),
       fmt::format(R"({},"tools":[{{"function":{{"name":"f","description":"{}"}}}}]}})", chat, text),
       fmt::format(
           R"({{"model":"m","messages":[{{"role":"assistant","tool_calls":[{{"function":{{"name":"f","arguments":{{"a":"{}"}}}}}}]}}]}})",
           text)}) {
    const auto request = read(body);
    ASSERT_TRUE(request) << body;
    EXPECT_GE(request->text_bytes, plain->text_bytes + 250) << body;
  }
}

// A conversation as token ids is a prompt that nobody can read; anywhere else `context` is a word.
TEST_F(ollama_clients, a_context_of_token_ids_cannot_be_read) {
  EXPECT_EQ(read(R"({"model":"m","prompt":"x","context":[1,2,3]})", Operation::completion)->document->carries(),
            unreadable_tokens);
  EXPECT_EQ(read(R"({"model":"m","messages":[{"role":"user","content":"x","tool_calls":[
                 {"function":{"name":"f","arguments":{"context":{"lines":3}}}}]}]})")
                ->document->carries(),
            0);
}

TEST_F(ollama_clients, a_stream_that_passed_as_bytes_can_go_on) {
  const auto request = read(std::string(chat) + "}");
  const auto writer = ollama().stream(*request);
  writer->begin({.model = "g", .created = 1'759'417'445});
  std::string out;
  std::vector<StreamEvent> events = {
      {.kind = StreamEvent::Kind::tool_call, .tool_index = 0, .tool = {.id = "c", .name = "f", .arguments = "{}"}}};
  writer->passed({}, events);
  writer->write({.kind = StreamEvent::Kind::tool_call, .tool_index = 1, .tool = {.name = "g"}}, out);
  writer->write({.kind = StreamEvent::Kind::finish, .finish = FinishReason::tool_calls}, out);
  EXPECT_NE(out.find(R"("function":{"index":1,"name":"g","arguments":{}})"), std::string::npos) << out;
  out.clear();
  writer->end(out);
  EXPECT_NE(out.find(R"("done":true)"), std::string::npos);
  const auto other = ollama().stream(*request);
  other->begin({.model = "g"});
  events = {{.kind = StreamEvent::Kind::finish, .finish = FinishReason::stop}, {.kind = StreamEvent::Kind::done}};
  other->passed({}, events);
  out.clear();
  other->end(out);
  EXPECT_EQ(out, "") << "its last line has gone out already";
}

TEST_F(ollama_clients, every_line_of_a_stream_is_one_json_object) {
  using Kind = StreamEvent::Kind;
  const std::vector<StreamEvent> events = {{.kind = Kind::lifecycle},
                                           {.kind = Kind::reasoning, .text = "a\nb"},
                                           {.kind = Kind::signature, .text = "seal"},
                                           {.kind = Kind::text, .text = "\xff\n\"x\""},
                                           {.kind = Kind::tool_call, .tool = {.name = "f", .arguments = "{\"a\""}},
                                           {.kind = Kind::lifecycle},
                                           {.kind = Kind::tool_call, .tool = {.arguments = ":1}"}},
                                           {.kind = Kind::refusal, .text = "no"},
                                           {.kind = Kind::finish, .finish = FinishReason::content_filter}};
  for (const auto operation : {Operation::chat, Operation::completion}) {
    const auto request = read(R"({"model":"m","prompt":"p","messages":[{"role":"user","content":"hi"}]})", operation);
    const auto writer = ollama().stream(*request);
    writer->begin({.model = "m\n", .created = 5});
    std::string out;
    for (const auto& event : events) writer->write(event, out);
    writer->end(out);
    writer->end(out);
    std::size_t lines = 0;
    for (std::size_t at = 0; at < out.size(); ++lines) {
      const auto end = out.find('\n', at);
      ASSERT_NE(end, std::string::npos);
      json::Document line;
      ASSERT_TRUE(line.parse_copy(std::string_view(out).substr(at, end - at))) << out;
      bool done = false;
      ASSERT_EQ(line.root().at_key("done").get(done), simdjson::SUCCESS);
      at = end + 1;
      EXPECT_EQ(done, at == out.size());
    }
    EXPECT_EQ(lines, operation == Operation::chat ? 5U : 4U);
  }
}

TEST_F(ollama_clients, are_told_what_is_served) {
  const std::vector<ModelCard> models = {
      {.id = "big", .created = 1'759'417'445, .context_length = 8'192, .serves = set_of(Operation::chat)},
      {.id = "vectors", .serves = set_of(Operation::embedding), .tools = false, .images = false, .loaded = true}};
  const auto tell = [&](std::string_view path, std::string_view body = {}) {
    return ollama().inform({.path = path, .body = body}, models);
  };
  const auto list = tell("/api/tags");
  ASSERT_TRUE(list);
  json::Document document;
  ASSERT_TRUE(document.parse_copy(*list));
  std::string_view text;
  EXPECT_EQ(document.root().at_pointer("/models/1/name").get(text), simdjson::SUCCESS);
  EXPECT_EQ(text, "vectors");
  EXPECT_EQ(document.root().at_pointer("/models/0/modified_at").get(text), simdjson::SUCCESS);
  EXPECT_EQ(text, "2025-10-02T15:04:05Z");
  for (const char* body : {R"({"model":"big"})", R"({"name":"big"})", R"({"model":"big:latest","verbose":true})"}) {
    const auto model = tell("/api/show", body);
    ASSERT_TRUE(model) << body;
    EXPECT_NE(model->find(R"("capabilities":["completion","tools","vision"])"), std::string::npos) << *model;
    EXPECT_NE(model->find(R"("weir.context_length":8192)"), std::string::npos) << *model;
  }
  EXPECT_NE(tell("/api/show", R"({"model":"vectors"})")->find(R"("capabilities":["embedding"])"), std::string::npos);
  EXPECT_TRUE(document.parse_copy(*tell("/api/ps")));
  EXPECT_EQ(document.root().at_pointer("/models/0/model").get(text), simdjson::SUCCESS);
  EXPECT_EQ(text, "vectors") << "the only one that is loaded";
  EXPECT_TRUE(document.parse_copy(*tell("/api/version")));
}

TEST_F(ollama_clients, are_told_what_is_wrong_with_a_question) {
  struct Case {
    std::string_view body;
    ErrorCode code;
    std::string_view message;
  };
  for (const auto& one : {Case{R"({"model":"nobody"})", ErrorCode::unknown_model, "model 'nobody' not found"},
                          Case{R"({"model":3})", ErrorCode::invalid_request, "Missing required parameter: 'model'."},
                          Case{"[]", ErrorCode::invalid_request, "The body must be a JSON object."},
                          Case{"", ErrorCode::invalid_json, ""}}) {
    const auto told = ollama().inform({.path = "/api/show", .body = one.body}, {});
    ASSERT_FALSE(told) << one.body;
    EXPECT_EQ(told.error().code, one.code) << one.body;
    if (!one.message.empty()) {
      EXPECT_EQ(told.error().message, one.message);
    }
  }
  EXPECT_EQ(ollama().write_error({.code = ErrorCode::unknown_model, .message = "no \"x\""}), R"({"error":"no \"x\""})");
}

TEST_F(ollama_clients, times_are_written_as_ollama_writes_them) {
  struct Case {
    int64_t seconds;
    std::string_view text;
  };
  for (const auto& one :
       {Case{0, "1970-01-01T00:00:00Z"}, Case{951'782'399, "2000-02-28T23:59:59Z"},
        Case{951'782'400, "2000-02-29T00:00:00Z"}, Case{1'759'417'445, "2025-10-02T15:04:05Z"},
        Case{-5, "1970-01-01T00:00:00Z"}, Case{std::numeric_limits<int64_t>::max(), "9999-12-31T23:59:59Z"}}) {
    EXPECT_EQ(ollama_client::write_time(one.seconds), one.text);
  }
}

// Any value at any place of a body: an error that names a place, or a request; never a crash.
TEST_F(ollama_clients, hostile_bodies_are_refused_or_understood) {
  const std::vector<std::string> values = {"null",
                                           "true",
                                           "-1",
                                           "1e400",
                                           "\"x\"",
                                           "[]",
                                           "{}",
                                           "[[[1]]]",
                                           "[null]",
                                           R"({"a":{"b":[]}})",
                                           R"([{"role":"tool"}])",
                                           R"([{"function":{}}])",
                                           R"(["\ud83d\ude00"])",
                                           "18446744073709551615",
                                           R"("data:;base64,")"};
  const std::vector<std::string> fields = {"model", "messages",   "prompt",     "suffix",      "system",
                                           "raw",   "images",     "stream",     "format",      "options",
                                           "think", "logprobs",   "context",    "tools",       "template",
                                           "input", "dimensions", "keep_alive", "top_logprobs"};
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string body = R"({"model":"m","messages":[{"role":"user","content":"hi"}],"prompt":"p","input":"i")";
    for (int i = 0; i < 3; ++i) {
      body += fmt::format(",\"{}\":{}", fields[random() % fields.size()], values[random() % values.size()]);
    }
    if (random() % 2 == 0) body.replace(0, body.find("\"prompt\""), "{\"model\":\"m\",");
    body += '}';
    for (const auto operation : {Operation::chat, Operation::completion, Operation::embedding}) {
      const auto request = read(body, operation);
      if (!request) {
        EXPECT_FALSE(request.error().message.empty());
        continue;
      }
      EXPECT_EQ(request->model, "m");
      EXPECT_GE(request->estimated_input_tokens(), 0);
    }
  }
}

}  // namespace
}  // namespace weir
