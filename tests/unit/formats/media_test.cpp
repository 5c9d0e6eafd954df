// Pictures, sound and moderation in OpenAI's format: read for rules and guards, forwarded as bytes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "formats/format.h"
#include "formats/shared/signature.h"

namespace weir {
namespace {

std::string form(std::string_view boundary, const std::vector<std::pair<std::string, std::string>>& parts) {
  std::string body;
  for (const auto& [head, value] : parts) body += fmt::format("--{}\r\n{}\r\n\r\n{}\r\n", boundary, head, value);
  return body + fmt::format("--{}--\r\n", boundary);
}

const std::vector<std::pair<std::string, std::string>> transcription = {
    {"Content-Disposition: form-data; name=\"model\"", "whisper"},
    {"content-disposition: form-data; filename=\"a \\\"b\\\".wav\"; name=\"file\"\r\nContent-Type: audio/wav",
     std::string("RIFF\0\r\n--x\r\n\xff", 14)},
    {"Content-Disposition: form-data; name=\"prompt\"", "my ssn is 123-45-6789"},
    {"Content-Disposition: form-data; name=\"stream\"", "true"},
};

class media : public testing::Test {
 protected:
  Result<Request> ask(Operation operation, std::string_view path, std::string body,
                      std::string type = "application/json") {
    return client_face("openai").read(
        {.operation = operation, .path = path, .content_type = std::move(type), .body = std::move(body)}, pool_);
  }
  json::DocumentPool pool_;
};

TEST_F(media, a_form_reaches_the_server_with_only_the_models_name_changed) {
  const auto body = form("B", transcription);
  const auto request =
      ask(Operation::transcription, "/v1/audio/transcriptions", body, "multipart/form-data; boundary=B");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->model, "whisper");
  EXPECT_TRUE(request->stream);
  const auto& texts = request->texts();
  EXPECT_NE(std::find(texts.begin(), texts.end(), "my ssn is 123-45-6789"), texts.end());
  EXPECT_EQ(request->document->carries() & unreadable_audio, unreadable_audio);
  const ProviderSettings provider{.url = {.host = "h"}, .api_key = "k"};
  const ModelSettings model{.name = "large-v3"};
  const auto http = model_face("openai").write(*request, {.provider = provider, .model = model}, "");
  ASSERT_TRUE(http) << http.error().message;
  EXPECT_EQ(http->path, "/v1/audio/transcriptions");
  EXPECT_EQ(http->headers.get("content-type"), "multipart/form-data; boundary=B");
  auto expected = body;
  expected.replace(expected.find("whisper"), 7, "large-v3");
  EXPECT_EQ(http->body, expected);
}

TEST_F(media, wrong_fields_are_named) {
  struct Case {
    std::string body;
    std::string param;
  };
  const Case cases[] = {
      {R"({"prompt":"a cat"})", "model"},        {R"({"model":1})", "model"},
      {R"({"model":"m","n":"2"})", "n"},         {R"({"model":"m","n":1000})", "n"},
      {R"({"model":"m","prompt":1})", "prompt"}, {R"({"model":"m","stream":"yes"})", "stream"},
      {R"({"model":"m","model":"n"})", "model"}, {R"([])", ""},
  };
  for (const auto& one : cases) {
    const auto request = ask(Operation::image, "/v1/images/generations", one.body);
    ASSERT_FALSE(request) << one.body;
    EXPECT_EQ(request.error().param, one.param) << one.body;
  }
}

TEST_F(media, two_models_in_one_form_are_refused) {
  auto parts = transcription;
  parts.push_back(parts.front());
  EXPECT_FALSE(
      ask(Operation::transcription, "/v1/audio/transcriptions", form("B", parts), "multipart/form-data; boundary=B"));
}

TEST_F(media, answers_go_back_as_they_came) {
  const auto image = ask(Operation::image, "/v1/images/generations", R"({"model":"m","prompt":"a cat","n":2})");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->n, 2);
  const std::string body = R"({"created":1,"data":[{"b64_json":"AA=="}],"usage":{"input_tokens":5,"output_tokens":7}})";
  const auto answer = model_face("openai").read(*image, body, pool_);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->raw, body);
  EXPECT_EQ(answer->usage.input, 5);
  EXPECT_EQ(answer->usage.output, 7);
  EXPECT_FALSE(model_face("openai").read(*image, "<html>", pool_));
  EXPECT_FALSE(model_face("openai").read(*image, R"({"error":{"message":"no"}})", pool_));
  const auto speech = ask(Operation::speech, "/v1/audio/speech", R"({"model":"m","input":"hello","voice":"v"})");
  ASSERT_TRUE(speech);
  const std::string sound("ID3\0\x01", 5);
  EXPECT_EQ(model_face("openai").read(*speech, sound, pool_)->raw, sound);
}

TEST(signature, is_worth_something_only_to_the_format_that_made_it) {
  const auto shown = shown_signature("abc+/=", "gemini", "anthropic");
  EXPECT_NE(shown, "abc+/=");
  EXPECT_EQ(signature_for(shown, "anthropic", "gemini"), "abc+/=");
  EXPECT_EQ(signature_for(shown, "anthropic", "anthropic"), "");
  EXPECT_EQ(shown_signature(shown, "anthropic", "openai"), shown);
  EXPECT_EQ(shown_signature("abc", "anthropic", "anthropic"), "abc");
  EXPECT_EQ(signature_for("abc", "anthropic", "anthropic"), "abc");
  EXPECT_EQ(signature_for("abc", "anthropic", "gemini"), "");
  EXPECT_EQ(shown_signature("", "a", "b"), "");
  EXPECT_EQ(signature_for("weir.gem.x", "openai", "gemini"), "");
}

}  // namespace
}  // namespace weir
