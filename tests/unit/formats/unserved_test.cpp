// The table of what is not served: each line is found, says what to use instead, and its errors have its clients'
// shape.
#include "formats/unserved.h"

#include <gtest/gtest.h>

#include "core/json.h"
#include "formats/format.h"

namespace weir {
namespace {

struct Case {
  std::string_view method;
  std::string_view path;
  ErrorShape shape;
  std::string_view says;
};

TEST(unserved, paths_of_other_formats_have_their_shape_and_say_what_to_use) {
  using enum ErrorShape;
  constexpr std::string_view chat = "POST /v1/chat/completions";
  for (const auto& c :
       {Case{"GET", "/v1/messages/batches/b_1", anthropic, "GET /v1/models"},
        Case{"GET", "/v1/conversations/conv_1", openai, "POST /v1/responses"},
        Case{"POST", "/v1/responses/compact", openai, "GET /v1/models"},
        Case{"POST", "/v1beta/cachedContents", gemini, "GET /v1/models"},
        Case{"POST", "/v1/projects/p/locations/l/publishers/google/models/m:predict", gemini, "GET /v1/models"},
        Case{"DELETE", "/api/delete", ollama, "GET /v1/models"}, Case{"GET", "/api/v0/models", ollama, chat},
        Case{"POST", "/v1/chat", cohere, chat},
        Case{"POST", "/model/anthropic.claude-v2%3A1/converse", bedrock, chat}}) {
    const auto* const line = find_unserved(c.method, c.path);
    ASSERT_NE(line, nullptr) << c.path;
    EXPECT_EQ(line->shape, c.shape) << c.path;
    EXPECT_TRUE(line->method.empty() || line->method == c.method) << c.path;
    const auto error = unserved_error(*line);
    EXPECT_EQ(error.status(), 404);
    EXPECT_NE(error.message.find(c.says), std::string::npos) << c.path << ": " << error.message;
    EXPECT_NE(error.message.find(line->what), std::string::npos) << error.message;
  }
}

TEST(unserved, what_is_served_and_what_nobody_knows_has_no_line) {
  for (const char* path : {"/", "/v1", "/v1/models", "/v1/models/a:free", "/v1/models/a", "/v1/requests/req_1",
                           "/healthz", "/readyz", "/metrics", "/nothing", "/api", "/v1/messagesx", "/v1/imagesx"}) {
    EXPECT_EQ(find_unserved("GET", path), nullptr) << path;
  }
}

TEST(unserved, another_method_finds_the_path_all_the_same) {
  const auto* const line = find_unserved("GET", "/v1/chat");
  ASSERT_NE(line, nullptr);
  EXPECT_EQ(line->method, "POST");
}

TEST(unserved, every_error_has_the_shape_of_its_format) {
  const Error refused{.code = ErrorCode::unauthorized, .message = "say \"please\"\n<b>"};
  const Error absent{.code = ErrorCode::not_found, .message = "no"};
  const Error broken{.code = ErrorCode::upstream_server_error, .message = "no"};
  EXPECT_EQ(write_error_as(ErrorShape::anthropic, absent),
            R"({"type":"error","error":{"type":"not_found_error","message":"no"},"request_id":null})");
  EXPECT_EQ(
      write_error_as(ErrorShape::anthropic, refused),
      R"({"type":"error","error":{"type":"authentication_error","message":"say \"please\"\n<b>"},"request_id":null})");
  EXPECT_EQ(write_error_as(ErrorShape::anthropic, broken),
            R"({"type":"error","error":{"type":"api_error","message":"no"},"request_id":null})");
  EXPECT_EQ(write_error_as(ErrorShape::gemini, absent),
            R"({"error":{"code":404,"message":"no","status":"NOT_FOUND"}})");
  EXPECT_EQ(write_error_as(ErrorShape::gemini, refused),
            R"({"error":{"code":401,"message":"say \"please\"\n<b>","status":"UNAUTHENTICATED"}})");
  EXPECT_EQ(write_error_as(ErrorShape::ollama, absent), R"({"error":"no"})");
  EXPECT_EQ(write_error_as(ErrorShape::cohere, absent), R"({"message":"no"})");
  EXPECT_EQ(write_error_as(ErrorShape::bedrock, absent), R"({"__type":"ResourceNotFoundException","message":"no"})");
  EXPECT_NE(write_unserved_error({"", "", ErrorShape::openai, "", ""}, absent).find(R"("code":"not_found")"),
            std::string::npos);
}

TEST(unserved, whatever_goes_wrong_is_json_in_every_shape) {
  for (int code = 0; code < static_cast<int>(ErrorCode::count_); ++code) {
    for (const auto shape : {ErrorShape::openai, ErrorShape::anthropic, ErrorShape::gemini, ErrorShape::ollama,
                             ErrorShape::cohere, ErrorShape::bedrock}) {
      json::Document document;
      const auto body = write_unserved_error({"", "", shape, "", ""},
                                             {.code = static_cast<ErrorCode>(code), .message = "\x01\xff\"\\"});
      EXPECT_TRUE(document.parse_copy(body)) << body;
    }
  }
}

}  // namespace
}  // namespace weir
