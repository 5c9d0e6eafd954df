// Requests in Gemini's format: what the fixtures do not show of reading them, and of writing them for Google's servers.
#include <gtest/gtest.h>

#include "formats/format.h"
#include "formats/gemini/client_face.h"
#include "formats/gemini/model_face.h"
#include "formats/gemini/names.h"

namespace weir {
namespace {

const Format& format() { return *find_format("gemini"); }

class gemini_request : public testing::Test {
 protected:
  Result<Request> read(std::string body, Operation operation = Operation::chat) {
    return format().client->read({.operation = operation, .named = "m", .body = std::move(body)}, pool_);
  }
  Result<HttpRequest> write(const Request& request, ProviderSettings provider, std::string model = "gemini-2.5-flash") {
    const ModelSettings settings{.id = "m", .name = std::move(model)};
    return format().model->write(request, {.provider = provider, .model = settings}, "");
  }
  json::DocumentPool pool_;
};

constexpr std::string_view hi = R"({"contents":[{"parts":[{"text":"hi"}]}]})";

TEST_F(gemini_request, fields_are_known_in_both_spellings) {
  using gemini::is_named;
  for (const auto* const good : {"systemInstruction", "system_instruction"}) {
    EXPECT_TRUE(is_named(good, "systemInstruction")) << good;
  }
  for (const auto* const bad : {"", "system", "systeminstruction", "system_Instruction", "system__instruction",
                                "_systemInstruction", "systemInstruction_", "system_instructions", "system_"}) {
    EXPECT_FALSE(is_named(bad, "systemInstruction")) << bad;
  }
}

TEST_F(gemini_request, a_model_is_found_by_its_name_in_every_path) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"gemini-2.5-flash", "gemini-2.5-flash"},
      {"models/gemini-2.5-flash", "gemini-2.5-flash"},
      {"tunedModels/mine", "tunedModels/mine"},
      {"org/llama3:8b", "org/llama3:8b"},
      {"org%2Fllama3%3A8b", "org/llama3:8b"},
      {"100%", "100%"},
      {"%zz%4", "%zz%4"},
      {"p/locations/l/publishers/google/models/x", "x"},
      {"google/models/x", "x"},
  };
  for (const auto& [named, model] : cases) EXPECT_EQ(gemini::model_of(named), model) << named;
}

TEST_F(gemini_request, a_stream_without_alt_sse_is_a_list) {
  for (const auto& [query, shape] : {std::pair{"alt=sse", ""}, std::pair{"key=1&alt=sse", ""}, std::pair{"", "array"},
                                     std::pair{"alt=json", "array"}, std::pair{"alt=sse2&x", "array"}}) {
    auto request = format().client->read(
        {.operation = Operation::chat, .named = "m", .streams = true, .query = query, .body = std::string(hi)}, pool_);
    ASSERT_TRUE(request.has_value());
    EXPECT_TRUE(request->stream);
    EXPECT_EQ(request->answer_shape, shape) << query;
    const bool list = request->answer_shape == "array";
    EXPECT_EQ(format().client->stream_type(*request),
              list ? "application/json; charset=utf-8" : "text/event-stream; charset=utf-8");
  }
}

TEST_F(gemini_request, thinking_is_read) {
  auto request = read(R"({"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"thinkingConfig":
    {"include_thoughts":true,"thinking_budget":1024}}})");
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->show_thinking, true);
  EXPECT_EQ(request->thinking_tokens, 1024);
}

TEST_F(gemini_request, an_address_on_the_web_is_a_medium_and_a_file_of_googles_is_not) {
  const auto media_of = [this](std::string_view uri, std::string_view mime) -> std::optional<Media> {
    auto request = read(R"({"contents":[{"parts":[{"fileData":{"fileUri":")" + std::string(uri) + R"(","mimeType":")" +
                        std::string(mime) + R"("}}]}]})");
    EXPECT_TRUE(request.has_value());
    const auto& part = request->messages.front().parts.front();
    EXPECT_EQ(request->foreign.empty(), part.kind == Part::Kind::media);
    return part.kind == Part::Kind::media ? std::optional(part.media) : std::nullopt;
  };
  EXPECT_EQ(media_of("https://example.org/a.png", "image/png")->kind, Media::Kind::image);
  EXPECT_EQ(media_of("https://www.youtube.com/watch?v=1", "")->kind, Media::Kind::video);
  EXPECT_FALSE(media_of("gs://bucket/a.png", "image/png").has_value());
  EXPECT_FALSE(media_of("https://generativelanguage.googleapis.com/v1beta/files/1", "image/png").has_value());
  EXPECT_FALSE(media_of("files/abc", "image/png").has_value());
}

TEST_F(gemini_request, the_task_of_an_embedding_has_a_name_for_all) {
  auto request = read(R"({"content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_DOCUMENT"})", Operation::embedding);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->task, "search_document");
  EXPECT_EQ(request->answer_shape, "");
  request->format = "elsewhere";
  const auto http = write(*request, {});
  ASSERT_TRUE(http.has_value());
  EXPECT_NE(http->body.find(R"("taskType":"RETRIEVAL_DOCUMENT")"), std::string::npos) << http->body;
}

TEST_F(gemini_request, the_credential_stands_in_the_header_that_each_service_wants) {
  const auto request = read(std::string(hi));
  ASSERT_TRUE(request.has_value());
  auto http = write(*request, {.api_key = "AIza"});
  ASSERT_TRUE(http.has_value());
  EXPECT_EQ(http->headers.get("x-goog-api-key"), "AIza");
  EXPECT_FALSE(http->headers.has("authorization"));
  EXPECT_EQ(http->path.find("AIza"), std::string::npos);
  http = write(*request, {.api_key = "ya29", .quirks = {.vertex_ai = true}});
  ASSERT_TRUE(http.has_value());
  EXPECT_EQ(http->headers.get("authorization"), "Bearer ya29");
  EXPECT_FALSE(http->headers.has("x-goog-api-key"));
  http = write(*request, {.api_key = "a", .headers = {{"X-Goog-Api-Key", "b"}, {"x-other", "c"}}});
  EXPECT_EQ(http->headers.get("x-goog-api-key"), "b");
  EXPECT_EQ(http->headers.get("x-other"), "c");
}

TEST_F(gemini_request, vertex_ai_embeds_one_text_a_request) {
  const auto request =
      read(R"({"requests":[{"content":{"parts":[{"text":"a"}]}},{"content":{"parts":[{"text":"b"}]}}]})",
           Operation::embedding);
  ASSERT_TRUE(request.has_value());
  const auto http = write(*request, {.quirks = {.vertex_ai = true}});
  ASSERT_FALSE(http.has_value());
  EXPECT_EQ(http.error().code, ErrorCode::unsupported);
}

TEST_F(gemini_request, media_of_a_result_stand_where_the_model_takes_them) {
  auto request = read(R"({"contents":[{"parts":[{"text":"go"}]},
    {"role":"model","parts":[{"functionCall":{"name":"shot"},"thoughtSignature":"YQ=="}]},
    {"role":"user","parts":[{"functionResponse":{"name":"shot","response":{"output":"done"},
      "parts":[{"inlineData":{"mimeType":"image/png","data":"aaaa"}}]}}]}]})");
  ASSERT_TRUE(request.has_value());
  EXPECT_TRUE(request->has_images);
  request->format = "elsewhere";
  auto http = write(*request, {}, "gemini-2.5-pro");
  ASSERT_TRUE(http.has_value());
  EXPECT_NE(http->body.find(R"({"functionResponse":{"id":"weir-call-1","name":"shot","response":{"output":"done"}}},)"
                            R"({"inlineData":{"mimeType":"image/png","data":"aaaa"}}])"),
            std::string::npos)
      << http->body;
  http = write(*request, {}, "gemini-3-pro-preview");
  ASSERT_TRUE(http.has_value());
  EXPECT_NE(http->body.find(
                R"("response":{"output":"done"},"parts":[{"inlineData":{"mimeType":"image/png","data":"aaaa"}}]}})"),
            std::string::npos)
      << http->body;
}

TEST_F(gemini_request, a_kind_of_file_that_nobody_named_is_told_by_its_first_bytes) {
  Request request;
  request.format = "elsewhere";
  auto& message = request.messages.emplace_back();
  for (const auto& [kind, data] :
       {std::pair{Media::Kind::image, "R0lGODlh"}, std::pair{Media::Kind::audio, "UklGRg=="},
        std::pair{Media::Kind::document, "JVBERi0x"}, std::pair{Media::Kind::video, "AAAA"}}) {
    Part part{.kind = Part::Kind::media};
    part.media = {.kind = kind, .data = data};
    message.parts.push_back(part);
  }
  const auto http = write(request, {});
  ASSERT_TRUE(http.has_value());
  for (const auto* const mime : {"image/gif", "audio/wav", "application/pdf", "video/mp4"}) {
    EXPECT_NE(http->body.find(mime), std::string::npos) << mime;
  }
}

TEST_F(gemini_request, what_is_asked_about_models_is_answered_in_its_shape) {
  const ModelCard cards[] = {{.id = "assistant",
                              .description = "a route",
                              .context_length = 1000,
                              .max_output = 10,
                              .serves = set_of(Operation::chat)},
                             {.id = "e/5", .serves = set_of(Operation::embedding)}};
  const auto list = format().client->inform({.path = "/v1beta/models"}, cards);
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(
      *list,
      R"({"models":[{"name":"models/assistant","version":"001","displayName":"assistant","description":"a route",)"
      R"("inputTokenLimit":1000,"outputTokenLimit":10,"supportedGenerationMethods":["generateContent",)"
      R"("streamGenerateContent","countTokens"]},{"name":"models/e/5","version":"001","displayName":"e/5",)"
      R"("supportedGenerationMethods":["embedContent","batchEmbedContents"]}]})");
  const auto one = format().client->inform({.path = "/v1beta/models/*", .named = "e%2F5"}, cards);
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(
      *one,
      R"({"name":"models/e/5","version":"001","displayName":"e/5","supportedGenerationMethods":["embedContent","batchEmbedContents"]})");
  const auto none = format().client->inform({.path = "/v1beta/models/*", .named = "x"}, cards);
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::unknown_model);
  EXPECT_EQ(format().client->write_count(31, Request{}), R"({"totalTokens":31})");
}

TEST_F(gemini_request, errors_have_googles_names_and_details) {
  const Error error{
      .code = ErrorCode::rate_limited, .message = "Slow down.", .param = "contents", .retry_after_ms = 1500};
  EXPECT_EQ(
      format().client->write_error(error),
      R"({"error":{"code":429,"message":"Slow down.","status":"RESOURCE_EXHAUSTED","details":[)"
      R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"rate_limited","domain":"weir"},)"
      R"({"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"contents","description":"Slow down."}]},)"
      R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2s"}]}})");
  for (const auto& [code, status] :
       {std::pair{ErrorCode::invalid_request, "INVALID_ARGUMENT"}, std::pair{ErrorCode::unknown_model, "NOT_FOUND"},
        std::pair{ErrorCode::unauthorized, "UNAUTHENTICATED"}, std::pair{ErrorCode::forbidden, "PERMISSION_DENIED"},
        std::pair{ErrorCode::context_overflow, "INVALID_ARGUMENT"}, std::pair{ErrorCode::internal, "INTERNAL"},
        std::pair{ErrorCode::no_target, "UNAVAILABLE"}}) {
    const auto body = format().client->write_error({.code = code, .message = "m"});
    EXPECT_NE(body.find("\"status\":\"" + std::string(status) + "\""), std::string::npos) << body;
  }
}

// A hostile body must be refused with its place, or read: never crash, whatever stands where.
TEST_F(gemini_request, any_type_at_any_place_is_read_or_refused) {
  const std::string body =
      R"({"contents":[{"role":"user","parts":[{"text":"a"},{"inlineData":{"mimeType":"image/png","data":"x"}},
    {"fileData":{"fileUri":"https://x/y","mimeType":"image/png"},"videoMetadata":{"fps":1}}]},
    {"role":"model","parts":[{"text":"t","thought":true,"thoughtSignature":"s"},{"functionCall":{"name":"f","args":{"x":1},"id":"i"}},
    {"executableCode":{"code":"x"}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","id":"i","response":{"output":"o"},
    "parts":[{"inlineData":{"mimeType":"image/png","data":"x"}}],"willContinue":true}}]}],
    "systemInstruction":{"parts":[{"text":"s"}]},"tools":[{"functionDeclarations":[{"name":"f","description":"d","behavior":"BLOCKING",
    "parameters":{"type":"OBJECT","properties":{"x":{"type":"STRING","nullable":true,"enum":["a"],"minLength":"1"}},
    "propertyOrdering":["x"],"anyOf":[{"type":"NULL"}],"required":["x"]}}]},{"googleSearch":{}}],
    "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"],"streamFunctionCallArguments":true}},
    "generationConfig":{"maxOutputTokens":1,"temperature":1,"topP":1,"topK":1,"seed":1,"candidateCount":1,"stopSequences":["a"],
    "presencePenalty":1,"frequencyPenalty":1,"responseLogprobs":true,"logprobs":1,"responseMimeType":"application/json",
    "responseSchema":{"type":"OBJECT"},"responseFormat":{"text":{"mimeType":"APPLICATION_JSON","schema":{}}},
    "responseModalities":["TEXT"],"thinkingConfig":{"includeThoughts":true,"thinkingBudget":1,"thinkingLevel":"LOW"}},
    "cachedContent":"c","model":"models/x"})";
  const std::string_view others[] = {"null",
                                     "true",
                                     "1",
                                     "-1.5",
                                     "1e999",
                                     "\"\"",
                                     "\"\\ud83d\\ude00\"",
                                     "[]",
                                     "{}",
                                     "[[]]",
                                     "[1]",
                                     R"({"text":1})",
                                     "18446744073709551616"};
  std::size_t refused = 0;
  std::size_t tried = 0;
  for (std::size_t at = 0; at < body.size(); ++at) {
    const bool value = at > 0 &&
                       (body[at - 1] == ':' || ((body[at - 1] == '[' || body[at - 1] == ',') && body[at] != '"')) &&
                       !std::isspace(static_cast<unsigned char>(body[at]));
    if (!value || body.compare(at, 2, "//") == 0) continue;
    auto end = at;
    int depth = 0;
    bool quoted = false;
    for (; end < body.size(); ++end) {
      if (body[end] == '"') quoted = !quoted;
      if (quoted) continue;
      if (body[end] == '{' || body[end] == '[') ++depth;
      if ((body[end] == '}' || body[end] == ']') && depth-- == 0) break;
      if (body[end] == ',' && depth == 0) break;
    }
    for (const auto other : others) {
      const auto mutant = body.substr(0, at) + std::string(other) + body.substr(end);
      for (const auto operation : {Operation::chat, Operation::token_count, Operation::embedding}) {
        const auto request = read(mutant, operation);
        ++tried;
        if (request) continue;
        ++refused;
        EXPECT_FALSE(request.error().message.empty());
        EXPECT_FALSE(request.error().param.empty() && request.error().code == ErrorCode::invalid_request) << mutant;
      }
    }
  }
  EXPECT_GT(tried, 1000U);
  EXPECT_GT(refused, tried / 4);
}

TEST_F(gemini_request, a_thousand_calls_and_results_find_each_other_quickly) {
  std::string body = R"({"contents":[{"parts":[{"text":"go"}]},{"role":"model","parts":[)";
  constexpr int count = 20'000;
  for (int i = 0; i < count; ++i)
    body += std::string(i == 0 ? "" : ",") + R"({"functionCall":{"name":"f)" + std::to_string(i) + "\"}}";
  body += R"(]},{"role":"user","parts":[)";
  for (int i = count; i-- > 0;) {
    body += R"({"functionResponse":{"name":"f)" + std::to_string(i) + R"(","response":{}}})" + (i == 0 ? "" : ",");
  }
  body += "]}]}";
  const auto request = read(std::move(body));
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_EQ(request->messages[2].tool_call_id, "weir-call-20000");
  EXPECT_EQ(request->messages.back().tool_call_id, "weir-call-1");
}

TEST_F(gemini_request, seals_of_others_go_round_in_base64) {
  for (const std::string seal : {"weir.anthropic.abc==", "weir.openai.x", "weir.x.\n\xc3\xa9"}) {
    const auto shown = gemini::wrapped_seal(seal);
    EXPECT_EQ(shown.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="),
              std::string::npos);
    EXPECT_EQ(gemini::unwrapped_seal(shown), seal);
  }
  EXPECT_EQ(gemini::wrapped_seal("YWJj"), "YWJj");
  for (const auto* const plain : {"", "YWJj", "d2Vpci", "d2Vpcg==", "d2Vpci!", "skip_thought_signature_validator"}) {
    EXPECT_FALSE(gemini::unwrapped_seal(plain).has_value()) << plain;
  }
}

}  // namespace
}  // namespace weir
