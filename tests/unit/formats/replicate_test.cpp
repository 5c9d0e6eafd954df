// Replicate: what a prediction is created with, and what comes of it.
#include "formats/job_progress.h"
#include "formats/replicate/model_face.h"
#include "job_asking.h"

namespace weir::test {
namespace {

struct Replicate : JobAsking {
  Replicate() {
    model.name = "meta/llama-3";
    provider.url.path = "/v1";
  }
  const ModelFace& face = model_face("replicate");

  std::string prediction(std::string_view status, std::string_view output, std::string_view more = {}) const {
    return fmt::format(R"({{"id":"xyz","status":"{}","output":{},"model":"meta/llama-3"{}}})", status, output, more);
  }
  Result<Response> done(const Request& request, std::string body) {
    const auto job = face.job(request, target());
    const auto step = job->then({.status = 200, .headers = {}, .body = std::move(body)});
    if (!step) return failure(step.error());
    EXPECT_FALSE(step->has_value());
    EXPECT_TRUE(job->cancel().empty()) << "nothing runs any more";
    return job->answer();
  }
};

TEST_F(Replicate, a_name_says_where_a_prediction_is_created) {
  const std::string version(64, 'a');
  struct Case {
    std::string name;
    std::string path;
    std::string version;  // JSON; "" = none
  };
  const Case cases[] = {
      {"meta/llama-3", "/models/meta/llama-3/predictions", ""},
      {"deployments/acme/fast", "/deployments/acme/fast/predictions", ""},
      {"acme/x:" + version, "/predictions", "\"acme/x:" + version + "\""},
      {version, "/predictions", "\"" + version + "\""},
  };
  const auto request = words(R"([{"role":"user","content":"Hi"}])");
  for (const auto& one : cases) {
    model.name = one.name;
    const auto http = face.write(request, target(), "");
    ASSERT_TRUE(http) << one.name << http.error().message;
    EXPECT_EQ(http->path, one.path);
    expect(http->body, "/version", one.version);
    expect(http->body, "/input/prompt", "\"Hi\"");
    EXPECT_EQ(http->headers.get("authorization"), "Bearer secret");
    EXPECT_EQ(http->headers.get("prefer"), "wait=2");
    EXPECT_EQ(http->headers.get("cancel-after"), "600s");
  }
  for (const auto* wrong : {"llama", "a/b/c", "../predictions", "a/..", "a b/c", "a/b:", "a/b?x", "deployments/a"}) {
    model.name = wrong;
    const auto http = face.write(request, target(), "");
    ASSERT_FALSE(http) << wrong;
    EXPECT_EQ(http.error().param, "model");
  }
}

TEST_F(Replicate, settings_and_own_inputs_of_a_model_of_words_are_sent_and_hints_are_not) {
  const auto request = words(R"([{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}])",
                             R"(,"max_tokens":9,"temperature":0.5,"top_p":0.9,"seed":3,"stop":["a","b"],)"
                             R"("min_tokens":2,"prompt_template":"{prompt}","user":"u","stream":true)");
  const auto http = face.write(request, target(), "");
  ASSERT_TRUE(http) << http.error().message;
  expect(http->body, "/input",
         R"({"prompt":"Hi","system_prompt":"Be brief.","max_tokens":9,"temperature":0.5,"top_p":0.9,"seed":3,)"
         R"("stop_sequences":"a,b","min_tokens":2,"prompt_template":"{prompt}"})");
  EXPECT_TRUE(face.takes("min_tokens"));
  EXPECT_FALSE(face.takes("user"));
  EXPECT_FALSE(face.takes("messages[0].name"));
}

TEST_F(Replicate, several_turns_are_told_as_a_dialogue) {
  const auto request = words(
      R"([{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":"Why?"}])");
  const auto http = face.write(request, target(), "");
  ASSERT_TRUE(http);
  expect(http->body, "/input/prompt", R"("User: Hi\n\nAssistant: Hello\n\nUser: Why?\n\nAssistant:")");
}

TEST_F(Replicate, what_its_models_cannot_be_told_is_refused_with_its_place) {
  const std::string hi = R"([{"role":"user","content":"Hi"}])";
  const std::pair<Request, std::string> cases[] = {
      {words(hi, R"(,"tools":[{"type":"function","function":{"name":"f"}}])"), "tools"},
      {words(hi, R"(,"n":2)"), "n"},
      {words(hi, R"(,"response_format":{"type":"json_object"})"), "response_format"},
      {words(hi, R"(,"stop":["a,b"])"), "stop"},
      {words(R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y.png"}}]}])"),
       "messages[0].content[0]"},
      {picture(R"(,"response_format":"b64_json")"), "response_format"},
      {edit({{"name=\"image\"; filename=\"a.png\"", png}, {"name=\"mask\"; filename=\"m.png\"", png}}), "mask"},
  };
  for (const auto& [request, param] : cases) {
    const auto http = face.write(request, target(), "");
    ASSERT_FALSE(http) << param;
    EXPECT_EQ(http.error().code, ErrorCode::unsupported);
    EXPECT_EQ(http.error().param, param);
  }
}

TEST_F(Replicate, a_picture_is_asked_for_with_the_models_own_inputs) {
  const auto request =
      picture(R"(,"n":2,"size":"1024x1024","go_fast":true,"output_format":"webp","response_format":"url","user":"u")");
  const auto http = face.write(request, target(), "");
  ASSERT_TRUE(http) << http.error().message;
  expect(http->body, "/input",
         R"({"go_fast":true,"output_format":"webp","prompt":"a cat","num_outputs":2,"width":1024,"height":1024,)"
         R"("aspect_ratio":"1:1"})");
  const auto change = edit({{"name=\"image\"; filename=\"a.png\"", png}, {"name=\"strength\"", "0.5"}});
  const auto changed = face.write(change, target(), "");
  ASSERT_TRUE(changed) << changed.error().message;
  expect(changed->body, "/input",
         R"({"strength":0.5,"prompt":"a hat","image":"data:image/png;base64,)" + png_base64 + R"("})");
}

TEST_F(Replicate, outputs_are_texts_or_addresses) {
  const auto chat = words(R"([{"role":"user","content":"Hi"}])");
  const auto painted = picture("");
  EXPECT_EQ(done(chat, prediction("succeeded", R"("Hello")"))->choices.at(0).text(), "Hello");
  EXPECT_EQ(done(chat, prediction("succeeded", R"(["Hel","","lo"])"))->choices.at(0).text(), "Hello");
  const auto pictures = done(painted, prediction("succeeded", R"(["https://x/1.webp","data:image/png;base64,AA=="])"));
  ASSERT_TRUE(pictures);
  EXPECT_EQ(client_face("openai").write(*pictures, painted),
            R"({"created":0,"data":[{"url":"https://x/1.webp"},{"url":"data:image/png;base64,AA=="}]})");
  EXPECT_EQ(done(painted, prediction("succeeded", R"("https://x/1.webp")"))->pictures.size(), 1U);
  for (const auto* wrong : {"null", "{}", "[1]", "[]", "\"ftp://x\"", "\"javascript:alert(1)\"", "[\"a\"]", "1"}) {
    EXPECT_EQ(done(painted, prediction("succeeded", wrong)).error().code, ErrorCode::upstream_malformed) << wrong;
  }
  for (const auto* wrong : {"null", "{}", "[1]", "true"}) {
    EXPECT_EQ(done(chat, prediction("succeeded", wrong)).error().code, ErrorCode::upstream_malformed) << wrong;
  }
}

TEST_F(Replicate, a_running_prediction_is_asked_after_by_its_id_and_can_be_stopped) {
  const auto request = words(R"([{"role":"user","content":"Hi"}])");
  const auto job = face.job(request, target());
  EXPECT_TRUE(job->cancel().empty()) << "it has no name yet";
  const auto step = job->then(
      {.status = 201,
       .headers = {},
       .body = prediction("starting", "null", R"(,"urls":{"get":"https://elsewhere.example/v1/predictions/xyz"})")});
  ASSERT_TRUE(step && *step);
  EXPECT_EQ((*step)->ask.method, "GET");
  EXPECT_EQ((*step)->ask.path, "/predictions/xyz");
  EXPECT_EQ((*step)->after_ms, 500);
  ASSERT_EQ(job->cancel().size(), 1U);
  EXPECT_EQ(job->cancel()[0].path, "/predictions/xyz/cancel");
  EXPECT_EQ(job->cancel()[0].headers.get("authorization"), "Bearer secret");
}

TEST_F(Replicate, answers_that_are_none_are_errors) {
  const auto request = words(R"([{"role":"user","content":"Hi"}])");
  for (const auto* wrong : {"", "[]", "{", "null", "{}", R"({"id":1})", R"({"id":"a/../b","status":"starting"})",
                            R"({"id":"a?b","status":"starting"})", R"({"id":"a","status":"lost"})",
                            R"({"id":"a","status":1})", R"({"id":"","status":"succeeded","output":"x"})"}) {
    const auto job = face.job(request, target());
    const auto step = job->then({.status = 200, .headers = {}, .body = wrong});
    ASSERT_FALSE(step) << wrong;
    EXPECT_EQ(step.error().code, ErrorCode::upstream_malformed);
  }
  const auto job = face.job(request, target());
  ASSERT_TRUE(job->then({.status = 200, .headers = {}, .body = prediction("starting", "null")}));
  EXPECT_FALSE(
      job->then({.status = 200, .headers = {}, .body = R"({"id":"other","status":"succeeded","output":"x"})"}));
  EXPECT_EQ(job->cancel().size(), 1U) << "ours may still run";
}

TEST_F(Replicate, a_prediction_that_ended_badly_says_why) {
  const auto request = words(R"([{"role":"user","content":"Hi"}])");
  const auto why = [&](std::string_view status, std::string_view error) {
    const auto job = face.job(request, target());
    const auto step = job->then(
        {.status = 200, .headers = {}, .body = prediction(status, "null", fmt::format(R"(,"error":{})", error))});
    EXPECT_FALSE(step);
    EXPECT_TRUE(job->cancel().empty());
    return step ? Error{} : step.error();
  };
  EXPECT_EQ(why("failed", R"("NSFW content detected. Try another prompt.")").code, ErrorCode::content_filtered);
  EXPECT_EQ(why("failed", R"("CUDA out of memory")").message, "CUDA out of memory");
  EXPECT_FALSE(why("failed", "null").message.empty());
  EXPECT_EQ(why("canceled", "null").code, ErrorCode::upstream_server_error);
  EXPECT_EQ(why("aborted", "null").provider_code, "aborted");
}

TEST_F(Replicate, words_that_grow_are_told_once_each) {
  const auto job = face.job(words(R"([{"role":"user","content":"Hi"}])", R"(,"stream":true)"), target());
  auto& progress = dynamic_cast<JobProgress&>(*job);
  const auto told = [&](std::string body) {
    EXPECT_TRUE(job->then({.status = 200, .headers = {}, .body = std::move(body)}));
    std::string text;
    for (const auto& event : progress.news()) text += event.text + "|";
    return text;
  };
  EXPECT_EQ(told(prediction("starting", "null")), "");
  EXPECT_EQ(told(prediction("processing", R"(["The "])")), "The |");
  EXPECT_EQ(told(prediction("processing", R"(["The "])")), "");
  EXPECT_EQ(told(prediction("processing", R"(["The ","riv","er"])")), "river|");
  EXPECT_EQ(told(prediction("processing", R"(["another beginning"])")), "") << "what was said stands";
  EXPECT_EQ(told(prediction("processing", "{}")), "");
  EXPECT_EQ(told(prediction("succeeded", R"(["The ","river"," rises."])")), " rises.|");
  EXPECT_EQ(job->answer()->choices.at(0).text(), "The river rises.");
}

}  // namespace
}  // namespace weir::test
