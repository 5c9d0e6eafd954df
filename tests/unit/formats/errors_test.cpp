#include "formats/shared/errors.h"

#include <gtest/gtest.h>

#include "formats/format.h"

namespace weir {
namespace {

int64_t retry_after(std::vector<std::pair<std::string, std::string>> fields) {
  Headers headers;
  for (auto& [name, value] : fields) headers.add(name, value);
  return retry_after_ms(headers);
}

TEST(retry_after, reads_seconds_milliseconds_and_dates) {
  EXPECT_EQ(retry_after({{"retry-after", "2"}}), 2000);
  EXPECT_EQ(retry_after({{"Retry-After", "0.25"}}), 250);
  EXPECT_EQ(retry_after({{"retry-after-ms", "17"}, {"retry-after", "9"}}), 17);
  EXPECT_EQ(retry_after({{"retry-after", "Thu, 29 Feb 2024 00:00:10 GMT"}, {"date", "Wed, 28 Feb 2024 23:59:50 GMT"}}),
            20'000);
  EXPECT_EQ(retry_after({{"retry-after", "Fri, 01 Mar 2024 00:00:00 GMT"}, {"date", "Thu, 29 Feb 2024 23:59:59 GMT"}}),
            1000);
  EXPECT_EQ(retry_after({{"retry-after", "Wed, 01 Jan 2025 00:00:00 GMT"}, {"date", "Tue, 31 Dec 2024 23:59:59 GMT"}}),
            1000);
}

TEST(retry_after, reads_spans_and_what_says_when_a_limit_is_there_again) {
  EXPECT_EQ(retry_after({{"retry-after", "30s"}}), 30'000);
  EXPECT_EQ(retry_after({{"retry-after", "2m59.56s"}}), 179'560);
  EXPECT_EQ(retry_after({{"retry-after", "1h"}}), 3'600'000);
  EXPECT_EQ(retry_after({{"retry-after", "850ms"}}), 850);
  EXPECT_EQ(retry_after({{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "12s"}}), 12'000);
  EXPECT_EQ(retry_after({{"x-ratelimit-remaining-tokens", "0"},
                         {"x-ratelimit-reset-tokens", "1m2s"},
                         {"x-ratelimit-remaining-requests", "0"},
                         {"x-ratelimit-reset-requests", "3"}}),
            62'000);
  EXPECT_EQ(retry_after({{"x-ratelimit-remaining-tokens", "0"},
                         {"x-ratelimit-reset-tokens", "3"},
                         {"x-ratelimit-remaining-requests", "0"},
                         {"x-ratelimit-reset-requests", "1m2s"}}),
            62'000)
      << "the longer of the two";
  EXPECT_EQ(retry_after({{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "7"}}), 7'000);
  EXPECT_EQ(retry_after({{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1795845642"}}), 0) << "a point in time";
  EXPECT_EQ(retry_after({{"x-ratelimit-remaining-requests", "5"}, {"x-ratelimit-reset-requests", "12s"}}), 0);
  EXPECT_EQ(retry_after({{"x-ratelimit-reset-requests", "12s"}}), 0) << "nothing says that it is used up";
  for (const auto& text : {"s", "5 s", "5x", "5s6", "1.2.3s", "5s soon"}) {
    EXPECT_EQ(retry_after({{"retry-after", text}}), 0) << text;
  }
}

TEST(retry_after, googles_form_stands_in_the_body) {
  const auto wait = [](std::string_view body) {
    return classify_response({.status = 429, .body = std::string(body)}).retry_after_ms;
  };
  EXPECT_EQ(wait(R"({"error":{"code":429,"message":"Quota","details":[{"@type":"a"},{"retryDelay":"17s"}]}})"), 17'000);
  EXPECT_EQ(wait(R"([{"error":{"code":429,"message":"Quota","details":[{"retryDelay":"0.5s"}]}}])"), 500);
  EXPECT_EQ(wait(R"({"error":{"message":"Quota","details":"none"}})"), 0);
}

TEST(retry_after, what_cannot_be_read_is_not_guessed) {
  EXPECT_EQ(retry_after({}), 0);
  EXPECT_EQ(retry_after({{"retry-after", ""}}), 0);
  EXPECT_EQ(retry_after({{"retry-after", "soon"}}), 0);
  EXPECT_EQ(retry_after({{"retry-after", "-5"}}), 0);
  EXPECT_EQ(retry_after({{"retry-after", "nan"}}), 0);
  EXPECT_EQ(retry_after({{"retry-after", "Thu, 29 Feb 2024 00:00:10 GMT"}}), 0);  // no date to count from
  EXPECT_EQ(retry_after({{"retry-after", "Thu, 29 Feb 2024 00:00:10 GMT"}, {"date", "Thu, 29 Feb 2024 00:00:20 GMT"}}),
            0);
  EXPECT_EQ(retry_after({{"retry-after", "Thu, 29 Xxx 2024 00:00:10 GMT"}, {"date", "Thu, 29 Feb 2024 00:00:00 GMT"}}),
            0);
}

TEST(retry_after, is_at_most_an_hour) {
  EXPECT_EQ(retry_after({{"retry-after", "1e300"}}), 3'600'000);
  EXPECT_EQ(retry_after({{"retry-after", "999999999999999999999"}}), 3'600'000);
}

TEST(classify, any_status_and_any_body_gives_an_error_with_a_message) {
  const std::string bodies[] = {"",
                                "   ",
                                "{",
                                "[]",
                                "{}",
                                "null",
                                "{\"error\":null}",
                                "{\"error\":{}}",
                                "{\"error\":[1]}",
                                "<",
                                "<<style",
                                "\xff\xfe",
                                std::string(100'000, '<'),
                                std::string(100'000, 'x'),
                                "{\"message\":{\"a\":1}}",
                                "{\"detail\":[[]]}"};
  for (const int status : {300, 400, 401, 403, 404, 418, 422, 429, 451, 499, 500, 503, 599}) {
    for (const auto& body : bodies) {
      const auto error = classify_response({.status = status, .body = body});
      EXPECT_FALSE(error.message.empty()) << status << " " << body.substr(0, 20);
      EXPECT_LT(error.message.size(), 2500U);
      EXPECT_NE(error.code, ErrorCode::internal);
    }
  }
}

TEST(classify, long_messages_are_cut_between_characters) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "é";
  const auto error = classify_response({.status = 400, .body = "{\"error\":{\"message\":\"x" + text + "\"}}"});
  EXPECT_LE(error.message.size(), 2010U);
  for (std::size_t at = 0; at < error.message.size();) {
    const auto length = json::utf8_sequence_length(std::string_view(error.message).substr(at));
    ASSERT_NE(length, 0U);
    at += length;
  }
}

// Of something that failed, told as that thing; and without the name that errors have.
TEST(error_words, are_found_wherever_they_stand) {
  json::Document document;
  for (
      const std::string_view body :
      {R"({"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"it broke"}}})",
       R"({"type":"message-end","delta":{"finish_reason":"ERROR","error":"it broke"}})",
       R"({"choices":[{"index":0,"delta":{},"finish_reason":"error","error":{"message":"it broke","code":502}}]})",
       R"({"error_message":"it broke","error_code":500})", R"({"detail":"it broke"})",
       R"({"code":500,"message":"it broke"})"}) {
    ASSERT_TRUE(document.parse_copy(body));
    EXPECT_EQ(classify_body(document.root(), 0).message, "it broke") << body;
  }
}

// In a stream of OpenAI's format as in a whole answer.
TEST(error_words, without_a_name_are_an_error_of_the_stream) {
  for (const std::string_view body :
       {R"({"detail":"it broke"})", R"({"message":"it broke"})", R"({"error_message":"it broke","error_code":500})"}) {
    Request request;
    const auto reader = model_face("openai").stream(request);
    json::Document scratch;
    std::vector<StreamEvent> events;
    ASSERT_TRUE(reader->read({.data = body, .has_data = true}, scratch, events)) << body;
    ASSERT_EQ(events.at(0).kind, StreamEvent::Kind::error) << body;
    EXPECT_EQ(events.at(0).error.message, "it broke");
  }
}

}  // namespace
}  // namespace weir
