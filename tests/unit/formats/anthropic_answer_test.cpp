// Whole answers of Anthropic's format, both ways; its errors and its lists of models.
#include <gtest/gtest.h>

#include "formats/format.h"

namespace weir {
namespace {

const ClientFace& client() { return client_face("anthropic"); }
const ModelFace& model() { return model_face("anthropic"); }

Request asking(std::string_view format = "elsewhere") {
  Request request;
  request.format = format;
  return request;
}

TEST(anthropic_answer, is_written_with_every_field_that_its_clients_expect) {
  Response response{.id = "msg_1", .model = "m"};
  auto& choice = response.choices.emplace_back();
  choice.parts = {{.kind = Part::Kind::thinking, .text = "hm", .signature = "sss"},
                  {.kind = Part::Kind::thinking, .signature = "redacted.ddd"},
                  {.kind = Part::Kind::text, .text = "so \"it\" is"},
                  {.kind = Part::Kind::tool_call, .call = {.id = "call.1", .name = "f", .arguments = "{\"a\": 1}"}},
                  {.kind = Part::Kind::tool_call, .call = {.name = "g", .arguments = "no json"}}};
  choice.finish = FinishReason::tool_calls;
  response.usage = {.input = 40,
                    .cached = 5,
                    .written = 10,
                    .written_long = 4,
                    .output = 89,
                    .reasoning = 30,
                    .tier = ServiceTier::priority,
                    .known = true};
  EXPECT_EQ(
      client().write(response, asking()),
      R"({"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hm","signature":"sss"},)"
      R"({"type":"redacted_thinking","data":"ddd"},{"type":"text","text":"so \"it\" is","citations":[]},)"
      R"({"type":"tool_use","id":"call_1_2945fb5c","name":"f","input":{"a":1},"caller":{"type":"direct"}},)"
      R"({"type":"tool_use","id":"toolu_msg_1_4","name":"g","input":{"arguments":"no json"},"caller":{"type":"direct"}}],)"
      R"("stop_reason":"tool_use","stop_sequence":null,"stop_details":null,"container":null,"usage":{"input_tokens":25,)"
      R"("cache_creation_input_tokens":10,"cache_read_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":6,"ephemeral_1h_input_tokens":4},)"
      R"("output_tokens":89,"output_tokens_details":{"thinking_tokens":30},"server_tool_use":null,"service_tier":"priority","inference_geo":null}})");
}

TEST(anthropic_answer, says_why_it_ended) {
  const auto reason = [](FinishReason finish, std::vector<AnswerPart> parts, std::string sequence = {}) {
    Response response;
    response.choices.push_back({.parts = std::move(parts), .finish = finish, .stop_sequence = std::move(sequence)});
    const auto body = client().write(response, asking());
    json::Document document;
    EXPECT_TRUE(document.parse_copy(body).has_value());
    return std::string(json::string_or(document.root().get_object(), "stop_reason"));
  };
  const AnswerPart text{.kind = Part::Kind::text, .text = "a"};
  EXPECT_EQ(reason(FinishReason::stop, {text}), "end_turn");
  EXPECT_EQ(reason(FinishReason::none, {text}), "end_turn");
  EXPECT_EQ(reason(FinishReason::length, {text}), "max_tokens");
  EXPECT_EQ(reason(FinishReason::content_filter, {}), "refusal");
  EXPECT_EQ(reason(FinishReason::stop, {{.kind = Part::Kind::refusal, .text = "no"}}), "refusal");
  EXPECT_EQ(reason(FinishReason::stop, {text}, "END"), "stop_sequence");
  EXPECT_EQ(reason(FinishReason::none, {{.kind = Part::Kind::tool_call}}), "tool_use");
  EXPECT_TRUE(client().write({}, asking()).find(R"("content":[])") != std::string::npos);
}

TEST(anthropic_answer, counts_that_cannot_be_are_never_negative) {
  Response response{.usage = {.input = 5, .cached = 50, .written = 7, .written_long = 90, .known = true}};
  const auto body = client().write(response, asking());
  EXPECT_EQ(body.find(":-"), std::string::npos) << body;
}

constexpr std::string_view answer =
    R"({"id":"msg_9","type":"message","role":"assistant","model":"claude-x","content":[{"type":"thinking","thinking":"hm","signature":"sss"},{"type":"redacted_thinking","data":"ddd"},)"
    R"({"type":"thinking","thinking":"","signature":"ttt"},{"type":"text","text":"a"},{"type":"text","text":"b","citations":[]},{"type":"server_tool_use","id":"s"},)"
    R"({"type":"tool_use","id":"t1","name":"f","input":{"a": 1}}],"stop_reason":"tool_use","stop_sequence":null,)"
    R"("usage":{"input_tokens":25,"cache_creation_input_tokens":10,"cache_read_input_tokens":5,"output_tokens":89,"service_tier":"batch"}})";

TEST(anthropic_answer, is_read_in_its_order) {
  json::DocumentPool pool;
  const auto read = model().read(asking(), std::string(answer), pool);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->id, "msg_9");
  EXPECT_EQ(read->model, "claude-x");
  ASSERT_EQ(read->choices.size(), 1U);
  const auto& choice = read->choices[0];
  std::string seen;
  for (const auto& part : choice.parts) {
    seen += fmt::format("{}|{}|{}|{}|{}\n", static_cast<int>(part.kind), part.text, part.signature, part.call.id,
                        part.call.arguments);
  }
  EXPECT_EQ(seen,
            "2|hm|weir.anthropic.sss||\n2||weir.anthropic.redacted.ddd||\n2||weir.anthropic.ttt||\n0|ab|||\n4|||t1|{"
            "\"a\":1}\n");
  EXPECT_TRUE(choice.has_other);
  EXPECT_EQ(choice.finish, FinishReason::tool_calls);
  EXPECT_EQ(read->usage,
            (Usage{.input = 40, .cached = 5, .written = 10, .output = 89, .tier = ServiceTier::batch, .known = true}));
  EXPECT_EQ(read->raw, answer);
}

TEST(anthropic_answer, says_the_same_with_its_text_in_no_block) {
  json::DocumentPool pool;
  for (const std::string_view body : {R"({"content":"text"})", R"({"content":["te","xt"]})"}) {
    const auto read = model().read(asking(), std::string(body), pool);
    ASSERT_TRUE(read) << body;
    EXPECT_EQ(read->choices[0].text(), "text") << body;
  }
}

TEST(anthropic_answer, of_another_shape_is_malformed_or_an_error) {
  json::DocumentPool pool;
  const auto code_of = [&](std::string_view body) {
    const auto read = model().read(asking(), std::string(body), pool);
    return read ? ErrorCode::internal : read.error().code;
  };
  for (const std::string_view body : {"", "[]", "{}", "nonsense"}) {
    EXPECT_EQ(code_of(body), ErrorCode::upstream_malformed) << body;
  }
  EXPECT_EQ(code_of(R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"),
            ErrorCode::upstream_server_error);
  for (std::size_t end = 0; end < answer.size(); ++end) {
    EXPECT_EQ(code_of(answer.substr(0, end)), ErrorCode::upstream_malformed) << end;
  }
  EXPECT_EQ(
      code_of(
          R"({"content":[{"type":5},{"type":"tool_use","input":[1]},{"type":"thinking"}],"usage":[],"stop_reason":7,"id":{}})"),
      ErrorCode::internal);
}

TEST(anthropic_answer, errors_have_the_types_that_its_clients_know) {
  struct Case {
    ErrorCode code;
    int status;
    std::string_view type;
  };
  using enum ErrorCode;
  for (const auto& c :
       {Case{invalid_request, 400, "invalid_request_error"}, Case{unauthorized, 401, "authentication_error"},
        Case{forbidden, 403, "permission_error"}, Case{unknown_model, 404, "not_found_error"},
        Case{body_too_large, 413, "request_too_large"}, Case{rate_limited, 429, "rate_limit_error"},
        Case{upstream_rate_limited, 429, "rate_limit_error"}, Case{internal, 500, "api_error"},
        Case{upstream_server_error, 502, "api_error"}, Case{no_target, 503, "overloaded_error"},
        Case{upstream_timeout, 504, "timeout_error"}, Case{unsupported, 400, "invalid_request_error"}}) {
    const Error error{.code = c.code, .message = "why"};
    EXPECT_EQ(error.status(), c.status);
    EXPECT_EQ(client().write_error(error),
              fmt::format(R"({{"type":"error","error":{{"type":"{}","message":"why"}},"request_id":null}})", c.type));
  }
}

// Its agents look for these words before they make room and ask again.
TEST(anthropic_answer, an_overflow_is_said_in_the_words_that_agents_look_for) {
  const auto message = [](std::string text) {
    return client().write_error({.code = ErrorCode::context_overflow, .message = std::move(text)});
  };
  EXPECT_EQ(
      message("the context is full"),
      R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: the context is full"},"request_id":null})");
  EXPECT_EQ(
      message("prompt is too long: 9 tokens > 8 maximum"),
      R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8 maximum"},"request_id":null})");
}

// Its SDK then says all that was said before in a new one.
TEST(anthropic_answer, a_thread_that_nobody_keeps_is_not_found) {
  const auto said = client().write_error(
      {.code = ErrorCode::unsupported, .message = R"x(not "here"},"request_id")x", .param = "thread"});
  json::Document document;
  ASSERT_TRUE(document.parse_copy(said)) << said;
  std::string_view text;
  EXPECT_EQ(document.root().at_pointer("/error/details/error_code").get(text), simdjson::SUCCESS) << said;
  EXPECT_EQ(text, "thread_not_found");
  EXPECT_EQ(document.root().at_pointer("/error/message").get(text), simdjson::SUCCESS);
  EXPECT_EQ(text, R"x(not "here"},"request_id" (thread))x");
  const auto other = client().write_error({.code = ErrorCode::unsupported, .message = "x", .param = "container"});
  EXPECT_EQ(other.find("details"), std::string::npos) << other;
}

TEST(anthropic_answer, refusals_of_a_provider_are_understood) {
  struct Case {
    int status;
    std::string_view body;
    ErrorCode meaning;
  };
  using enum ErrorCode;
  for (
      const auto& c :
      {Case{529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"})",
            upstream_server_error},
       Case{
           429,
           R"({"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your rate limit"}})",
           upstream_rate_limited},
       Case{
           429,
           R"({"type":"error","error":{"type":"rate_limit_error","message":"Over.","details":{"error_code":"enforced_spend_limit_reached"}}})",
           upstream_auth},
       Case{
           400,
           R"({"type":"error","error":{"type":"invalid_request_error","message":"Over.","details":{"error_code":"contract_spend_limit_reached"}}})",
           upstream_auth},
       Case{
           429,
           R"({"type":"error","error":{"type":"rate_limit_error","message":"Slow.","details":{"error_code":"ramp_limit_exceeded"}}})",
           upstream_rate_limited},
       Case{402, R"({"type":"error","error":{"type":"billing_error","message":"Pay."}})", upstream_auth},
       Case{401, R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}})",
            upstream_auth},
       Case{404, R"({"type":"error","error":{"type":"not_found_error","message":"model: claude-2"}})",
            upstream_no_model},
       Case{413,
            R"({"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}})",
            upstream_too_large},
       Case{
           400,
           R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}})",
           context_overflow},
       Case{400, R"({"type":"error","error":{"type":"invalid_request_error","message":"messages.0: bad"}})",
            upstream_rejected},
       Case{500, R"({"type":"error","error":{"type":"api_error","message":"Internal server error"}})",
            upstream_server_error}}) {
    HttpResponse response{.status = c.status, .body = std::string(c.body)};
    response.headers.add("retry-after", "7");
    const auto error = model().classify(response);
    EXPECT_EQ(to_string(error.code), to_string(c.meaning)) << c.body;
    EXPECT_EQ(error.retry_after_ms, 7'000);
  }
}

TEST(anthropic_answer, models_are_listed_in_its_shape) {
  constexpr OperationSet chat = set_of(Operation::chat);
  const std::vector<ModelCard> cards = {{.id = "small",
                                         .description = "the small one",
                                         .created = 1'767'225'600,
                                         .context_length = 8'192,
                                         .max_output = 1'024,
                                         .serves = chat},
                                        {.id = "vectors", .serves = set_of(Operation::embedding)},
                                        {.id = "gpu/large", .serves = chat}};
  constexpr std::string_view small =
      R"({"type":"model","id":"small","display_name":"the small one","created_at":"2026-01-01T00:00:00Z","max_input_tokens":8192,"max_tokens":1024,"capabilities":null})";
  constexpr std::string_view large =
      R"({"type":"model","id":"gpu/large","display_name":"gpu/large","created_at":"1970-01-01T00:00:00Z","max_input_tokens":null,"max_tokens":null,"capabilities":null})";
  EXPECT_EQ(
      client().inform({.path = "/v1/models"}, cards).value(),
      fmt::format(R"({{"data":[{},{}],"has_more":false,"first_id":"small","last_id":"gpu/large"}})", small, large));
  EXPECT_EQ(client().inform({.path = "/v1/models"}, {}).value(),
            R"({"data":[],"has_more":false,"first_id":null,"last_id":null})");
  EXPECT_EQ(client().inform({.path = "/v1/models/*", .named = "gpu/large"}, cards).value(), large);
  const auto none = client().inform({.path = "/v1/models/*", .named = "vectors"}, cards);
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::unknown_model);
}

TEST(anthropic_answer, a_providers_models_are_asked_for_and_read) {
  const auto http = model().list_models({.api_key = "k"});
  EXPECT_EQ(http.method, "GET");
  EXPECT_EQ(http.path, "/v1/models?limit=1000");
  EXPECT_EQ(http.headers.get("x-api-key"), "k");
  EXPECT_EQ(http.headers.get("anthropic-version"), "2023-06-01");
  const auto list = model().read_models(
      R"({"data":[{"type":"model","id":"claude-a"},{"type":"model","id":"claude-b"}],"has_more":false})");
  ASSERT_TRUE(list.has_value());
  ASSERT_EQ(list->models.size(), 2U);
  EXPECT_EQ(list->models[1].name, "claude-b");
  EXPECT_TRUE(list->usual);
  EXPECT_TRUE(
      model().read_models(R"({"object":"list","data":[{"object":"model","id":"q","owned_by":"llamacpp"}]})")->usual);
  EXPECT_FALSE(model().read_models(R"({"data":[{"id":"x"}]})")->usual);
  for (const std::string_view body : {"", "[]", "{}", R"({"data":5})"})
    EXPECT_FALSE(model().read_models(std::string(body)).has_value());
}

// Its agents send a thought back only to the model of the very name that answered.
TEST(anthropic_answer, bears_the_name_that_was_asked_for) {
  struct Case {
    std::string_view body, name, expect;
  };
  const Case cases[] = {
      {R"({"id":"a", "model" : "claude-x-20260101","content":[{"type":"text","text":"\"model\":\"x\""}]})", "assistant",
       R"({"id":"a", "model" : "assistant","content":[{"type":"text","text":"\"model\":\"x\""}]})"},
      {R"({"content":[],"model":"é\n\"","usage":{"model":"m"}})", "a\"b",
       R"({"content":[],"model":"a\"b","usage":{"model":"m"}})"},
      {R"({"content":[],"model":"same"})", "same", R"({"content":[],"model":"same"})"},
      {R"({"content":[]})", "a", R"({"content":[]})"},
      {R"({"content":[],"model":7})", "a", R"({"content":[],"model":7})"},
  };
  json::DocumentPool pool;
  for (const auto& one : cases) {
    auto request = asking("anthropic");
    request.model = one.name;
    const auto read = model().read(request, std::string(one.body), pool);
    ASSERT_TRUE(read) << one.body;
    EXPECT_EQ(read->raw, one.expect);
  }
}

}  // namespace
}  // namespace weir
