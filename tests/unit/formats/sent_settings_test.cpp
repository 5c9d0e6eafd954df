#include "formats/shared/sent_settings.h"

#include <gtest/gtest.h>

#include <fmt/ranges.h>

#include "formats/format.h"
#include "formats/shared/tool_result.h"

namespace weir {
namespace {

std::string noted(const Request& request, std::string_view body) {
  std::vector<std::string> changed;
  note_changed_settings(request, body, changed);
  return fmt::format("{}", fmt::join(changed, ", "));
}

TEST(sent_settings, are_found_by_whatever_name_and_in_whatever_place_a_format_has) {
  Request request;
  request.max_tokens = 20;
  request.temperature = 0.5;
  request.top_p = 0.9;
  request.top_k = 40;
  request.seed = -7;
  request.presence_penalty = 1;
  request.frequency_penalty = -0.25;
  for (
      const std::string_view body :
      {R"({"max_tokens":20,"temperature":0.5,"top_p":0.9,"top_k":40,"seed":-7,"presence_penalty":1,"frequency_penalty":-0.25})",
       R"({"generationConfig":{"maxOutputTokens":20,"temperature":0.5,"topP":0.9,"topK":40,"seed":-7,"presencePenalty":1.0,"frequencyPenalty":-2.5e-1}})",
       R"({"max_output_tokens":20,"temperature":0.50,"p":0.9,"k":40,"random_seed":-7,"presence_penalty":1,"frequency_penalty":-0.25})",
       R"({"options":{"num_predict":20,"temperature":0.5,"top_p":0.9,"top_k":40,"seed":-7,"presence_penalty":1,"frequency_penalty":-0.25}})"}) {
    EXPECT_EQ(noted(request, body), "") << body;
  }
  EXPECT_EQ(noted(request, "{}"),
            "max_tokens (not sent), temperature (not sent), top_p (not sent), top_k (not sent), seed (not sent), "
            "presence_penalty (not sent), frequency_penalty (not sent)");
}

TEST(sent_settings, that_were_put_between_bounds_are_named_with_what_was_sent) {
  Request request;
  request.temperature = 1.7;
  request.frequency_penalty = -1;
  request.max_tokens = 1;
  EXPECT_EQ(noted(request, R"({"max_output_tokens":16,"temperature":1,"frequency_penalty":0})"),
            "max_tokens (sent as 16), temperature (sent as 1), frequency_penalty (sent as 0)");
}

TEST(sent_settings, of_what_a_caller_says_or_declares_are_none) {
  Request request;
  request.temperature = 1;
  EXPECT_EQ(noted(request, R"({"messages":[{"content":"\"temperature\":1"}],"tools":[{"temperature":1}]})"),
            "temperature (not sent)");
  EXPECT_EQ(noted(request, R"([{"temperature":2}])"), "") << "no object: not a body of settings";
  request.operation = Operation::embedding;
  EXPECT_EQ(noted(request, "{}"), "");
}

TEST(sent_settings, a_tool_that_must_be_called_and_need_not_be_is_named) {
  Request request;
  request.tool_choice.mode = ToolChoice::Mode::any;
  EXPECT_EQ(noted(request, R"({"tools":[]})"), "tool_choice (not sent)");
  EXPECT_EQ(noted(request, R"({"tool_choice":"required"})"), "");
  request.tool_choice.mode = ToolChoice::Mode::none;
  EXPECT_EQ(noted(request, "{}"), "");
}

TEST(result_text, says_that_a_tool_failed_where_its_words_do_not) {
  std::string buffer;
  Message message{.role = Role::tool, .parts = {{.text = "no such river"}}, .is_error = true};
  EXPECT_EQ(result_text(message, buffer), "Error: no such river");
  for (const std::string_view said : {"Error: no", "it FAILED", R"({"error":"x"})", "ValueException: x"}) {
    message.parts[0].text = said;
    EXPECT_EQ(result_text(message, buffer), said);
  }
  message.parts = {};
  EXPECT_EQ(result_text(message, buffer), "Error: ");
  message.is_error = false;
  EXPECT_EQ(result_text(message, buffer), "");
  EXPECT_EQ(failure_note(message), "");
}

// Formats without a mark for it, and results with a picture: neither the words nor the picture are lost.
TEST(result_text, stands_before_the_pictures_of_a_tool_that_failed) {
  json::DocumentPool pool;
  for (const auto& [said, note] : std::initializer_list<std::pair<std::string, std::string>>{
           {"no such river", "Error:"}, {"", "Error:"}, {"it failed", ""}}) {
    const auto body = fmt::format(
        R"({{"model":"m","max_tokens":20,"messages":[{{"role":"user","content":"q"}},{{"role":"assistant","content":[{{"type":"tool_use","id":"t","name":"f","input":{{}}}}]}},)"
        R"({{"role":"user","content":[{{"type":"tool_result","tool_use_id":"t","is_error":true,"content":[{{"type":"text","text":"{}"}},{{"type":"image","source":{{"type":"base64","media_type":"image/png","data":"AAAA"}}}}]}}]}}]}})",
        said);
    const auto request =
        client_face("anthropic").read({.operation = Operation::chat, .path = "/v1/messages", .body = body}, pool);
    ASSERT_TRUE(request) << request.error().message;
    const ProviderSettings provider{.url = {.host = "h"}};
    const ModelSettings model{.name = "m"};
    for (const std::string_view format : {"openai", "responses"}) {
      const auto http = model_face(format).write(*request, {.provider = provider, .model = model}, "");
      ASSERT_TRUE(http) << format << http.error().message;
      EXPECT_NE(http->body.find("data:image/png;base64,AAAA"), std::string::npos) << http->body;
      EXPECT_EQ(http->body.find("Error:") != std::string::npos, !note.empty()) << http->body;
    }
  }
}

}  // namespace
}  // namespace weir
