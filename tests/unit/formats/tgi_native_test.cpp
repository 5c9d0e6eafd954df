// Text Generation Inference's own API: what is sent, whole answers, streams.
#include <gtest/gtest.h>

#include "core/sse.h"
#include "formats/format.h"

namespace weir {
namespace {

class tgi_native : public testing::Test {
 protected:
  Request asked(std::string body) {
    auto request = client_face("openai").read(
        {.operation = Operation::completion, .path = "/v1/completions", .body = std::move(body)}, pool_);
    EXPECT_TRUE(request) << request.error().message;
    return std::move(*request);
  }
  Result<HttpRequest> write(const Request& request) {
    const ProviderSettings provider{.api_key = "k"};
    const ModelSettings model{.name = "m"};
    return model_face("tgi").write(request, {.provider = provider, .model = model}, "");
  }
  json::DocumentPool pool_;
};

TEST_F(tgi_native, is_asked_in_its_own_words) {
  const auto http = write(asked(R"({"model":"m","prompt":"Once","max_tokens":9,"temperature":0.5,"top_p":0.9,)"
                                R"("seed":-1,"frequency_penalty":0.1,"stop":["a","b"]})"));
  ASSERT_TRUE(http) << http.error().message;
  EXPECT_EQ(http->path, "/generate");
  EXPECT_EQ(http->headers.get("authorization"), "Bearer k");
  EXPECT_EQ(http->body,
            R"({"inputs":"Once","parameters":{"details":true,"max_new_tokens":9,"do_sample":true,"temperature":0.5,)"
            R"("top_p":0.9,"frequency_penalty":0.1,"seed":9223372036854775807,"stop":["a","b"]}})");
}

TEST_F(tgi_native, numbers_at_their_limits_are_said_as_it_takes_them) {
  const auto body = write(asked(R"({"model":"m","prompt":"a","temperature":0,"top_p":1,"seed":0,"stream":true})"));
  ASSERT_TRUE(body);
  EXPECT_EQ(body->path, "/generate_stream");
  EXPECT_EQ(body->body, R"({"inputs":"a","parameters":{"details":true,"do_sample":false,"seed":1}})");
}

TEST_F(tgi_native, what_it_cannot_say_is_refused_with_its_name) {
  for (const auto& [more, param] :
       std::initializer_list<std::pair<std::string, std::string>>{{R"("n":2)", "n"},
                                                                  {R"("suffix":"x")", "suffix"},
                                                                  {R"("logprobs":1)", "logprobs"},
                                                                  {R"("presence_penalty":1)", "presence_penalty"},
                                                                  {R"("stop":["a","b","c","d","e"])", "stop"},
                                                                  {R"("best_of":2,"stream":true)", "best_of"}}) {
    const auto http = write(asked(R"({"model":"m","prompt":"a",)" + more + "}"));
    ASSERT_FALSE(http) << more;
    EXPECT_EQ(http.error().code, ErrorCode::unsupported);
    EXPECT_EQ(http.error().param, param);
  }
  EXPECT_FALSE(write(asked(R"({"model":"m","prompt":["a","b"]})")));
  EXPECT_FALSE(write(asked(R"({"model":"m","prompt":[1,2]})")));
}

TEST_F(tgi_native, whole_answers_are_read) {
  const auto request = asked(R"({"model":"m","prompt":"a"})");
  const auto read = [&](std::string body) { return model_face("tgi").read(request, std::move(body), pool_); };
  const auto full =
      read(R"({"generated_text":" upon","details":{"finish_reason":"length","generated_tokens":2,"seed":1,"tokens":[],)"
           R"("prefill":[{"id":1,"text":"Once","logprob":null}]}})");
  ASSERT_TRUE(full) << full.error().message;
  EXPECT_EQ(full->choices.at(0).text(), " upon");
  EXPECT_EQ(full->choices.at(0).finish, FinishReason::length);
  EXPECT_EQ(full->usage.input, 1);
  EXPECT_EQ(full->usage.output, 2);
  const auto uncounted =
      read(R"([{"generated_text":"x","details":{"finish_reason":"eos_token","generated_tokens":2,"prefill":[]}}])");
  ASSERT_TRUE(uncounted);
  EXPECT_FALSE(uncounted->usage.known);
  EXPECT_EQ(read(R"({"error":"Model is overloaded","error_type":"overloaded"})").error().code,
            ErrorCode::upstream_server_error);
  for (const auto* bad : {"", "[]", "{}", "7", R"({"generated_text":null})", "[{},{}]"}) EXPECT_FALSE(read(bad)) << bad;
}

TEST_F(tgi_native, streams_are_read_without_special_tokens) {
  const auto request = asked(R"({"model":"m","prompt":"a","stream":true})");
  const auto reader = model_face("tgi").stream(request);
  json::Document scratch;
  std::vector<StreamEvent> events;
  for (
      const std::string_view data :
      {R"({"index":1,"token":{"id":1,"text":" up","logprob":-0.1,"special":false},"generated_text":null,"details":null})",
       R"({"index":2,"token":{"id":2,"text":"</s>","logprob":-0.1,"special":true},"generated_text":" up",)"
       R"("details":{"finish_reason":"eos_token","generated_tokens":2,"seed":null,"input_length":7}})"}) {
    ASSERT_TRUE(reader->read({.data = data, .has_data = true}, scratch, events));
  }
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].text, " up");
  EXPECT_EQ(events[1].finish, FinishReason::stop);
  EXPECT_EQ(events[2].usage.input, 7);
  EXPECT_EQ(events[2].usage.output, 2);
}

TEST_F(tgi_native, hostile_events_are_errors_or_nothing) {
  const auto request = asked(R"({"model":"m","prompt":"a","stream":true})");
  json::Document scratch;
  for (const std::string_view data :
       {"", "x", "[]", "null", R"({"token":7})", R"({"token":{"text":null}})", R"({"details":{"input_length":-5}})",
        R"({"details":{"input_length":9999999999999999999,"generated_tokens":"x"}})",
        R"({"error":"e","error_type":"t"})"}) {
    const auto reader = model_face("tgi").stream(request);
    std::vector<StreamEvent> events;
    (void)reader->read({.data = data, .has_data = true}, scratch, events);
    for (const auto& event : events) {
      EXPECT_FALSE(event.is_content()) << data;
      EXPECT_GE(event.usage.input, 0) << data;
    }
  }
}

TEST_F(tgi_native, says_which_model_it_runs) {
  const auto list = model_face("tgi").read_models(R"({"model_id":"org/model","version":"3.3.6"})");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->models.at(0).name, "org/model");
  EXPECT_FALSE(model_face("tgi").read_models("{}"));
}

}  // namespace
}  // namespace weir
