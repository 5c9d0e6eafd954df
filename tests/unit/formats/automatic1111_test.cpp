// AUTOMATIC1111's /sdapi/v1: pictures out of texts and pictures.
#include "formats/automatic1111/model_face.h"
#include "formats/job_progress.h"
#include "formats/shared/picture_events.h"
#include "formats/shared/picture_request.h"
#include "job_asking.h"

namespace weir::test {
namespace {

struct Automatic1111 : JobAsking {
  const ModelFace& face = model_face("automatic1111");

  Result<Response> made(const Request& request, std::string body) {
    const auto job = face.job(request, target());
    const auto step = job->then({.status = 200, .headers = {}, .body = std::move(body)});
    if (!step) return failure(step.error());
    return job->answer();
  }
};

TEST_F(Automatic1111, a_text_becomes_a_picture_with_all_that_was_said) {
  const auto request = picture(R"(,"n":2,"size":"768x512","seed":42,"steps":12,"negative_prompt":"dog",)"
                               R"("sampler":"Euler a","cfg_scale":6.5,"quality":"hd")");
  const auto http = face.write(request, target(), "");
  ASSERT_TRUE(http) << http.error().message;
  EXPECT_EQ(http->path, "/sdapi/v1/txt2img");
  EXPECT_EQ(http->body,
            R"({"prompt":"a cat","negative_prompt":"dog","width":768,"height":512,"seed":42,"steps":12,)"
            R"("cfg_scale":6.5,"sampler_name":"Euler a","n_iter":2,"batch_size":1,)"
            R"("override_settings":{"sd_model_checkpoint":"the-model"},"override_settings_restore_afterwards":false})");
  EXPECT_EQ(request.left_out.size(), 6U);
  EXPECT_TRUE(face.takes("seed"));
  EXPECT_FALSE(face.takes("quality")) << "named in x-weir-left-out";
  model.name = "default";
  EXPECT_EQ(face.write(picture(""), target(), "")->body, R"({"prompt":"a cat","n_iter":1,"batch_size":1})");
}

TEST_F(Automatic1111, a_picture_is_changed_by_a_form) {
  const auto http = face.write(
      edit({{"name=\"image\"; filename=\"a.png\"", png}, {"name=\"denoising_strength\"", "0.25"}}), target(), "");
  ASSERT_TRUE(http) << http.error().message;
  EXPECT_EQ(http->path, "/sdapi/v1/img2img");
  expect(http->body, "/init_images", "[\"" + png_base64 + "\"]");
  expect(http->body, "/denoising_strength", "0.25");
  expect(http->body, "/prompt", "\"a hat\"");
}

TEST_F(Automatic1111, or_by_json_with_a_data_url) {
  const auto request =
      ask(Operation::image, "/v1/images/edits",
          R"({"model":"m","prompt":"p","images":[{"image_url":"data:image/png;base64,)" + png_base64 + R"("}]})");
  const auto http = face.write(request, target(), "");
  ASSERT_TRUE(http) << http.error().message;
  expect(http->body, "/init_images", "[\"" + png_base64 + "\"]");
}

TEST_F(Automatic1111, what_it_cannot_do_is_refused_with_its_place) {
  const FormPart image{"name=\"image\"; filename=\"a.png\"", png};
  auto variation = ask(Operation::image, "/v1/images/variations", form_of({{"name=\"model\"", "m"}, image}),
                       "multipart/form-data; boundary=B");
  auto by_id = ask(Operation::image, "/v1/images/edits", R"({"model":"m","prompt":"p","images":[{"file_id":"f"}]})");
  auto remote =
      ask(Operation::image, "/v1/images/edits", R"({"model":"m","prompt":"p","images":["https://169.254.169.254/x"]})");
  const std::pair<Request, std::string> cases[] = {
      {picture(R"(,"background":"transparent")"), "background"},
      {picture(R"(,"output_format":"webp")"), "output_format"},
      {picture(R"(,"strength":0.5)"), "strength"},
      {edit({image, {"name=\"mask\"; filename=\"m.png\"", png}}), "mask"},
      {edit({image, image}), "image"},
      {edit({image, {"name=\"depth\"; filename=\"d.png\"", png}}), "depth"},
      {std::move(variation), "image"},
      {std::move(by_id), "images[0]"},
      {std::move(remote), "images[0]"},
  };
  for (const auto& [request, param] : cases) {
    const auto http = face.write(request, target(), "");
    ASSERT_FALSE(http) << param;
    EXPECT_EQ(http.error().code, ErrorCode::unsupported) << param;
    EXPECT_EQ(http.error().param, param);
  }
}

TEST_F(Automatic1111, what_nobody_could_make_is_the_callers_fault) {
  const std::pair<Request, std::string> cases[] = {
      {picture(R"(,"size":"big")"), "size"},
      {picture(R"(,"size":"0x5")"), "size"},
      {picture(R"(,"size":"9999999x5")"), "size"},
      {picture(R"(,"size":"-5x5")"), "size"},
      {picture(R"(,"size":5)"), "size"},
      {picture(R"(,"seed":"many")"), "seed"},
      {picture(R"(,"steps":1.5)"), "steps"},
      {picture(R"(,"cfg_scale":[])"), "cfg_scale"},
      {picture(R"(,"negative_prompt":1)"), "negative_prompt"},
      {picture(R"(,"response_format":"gif")"), "response_format"},
      {ask(Operation::image, "/v1/images/generations", R"({"model":"m"})"), "prompt"},
      {edit({}), "image"},
      {edit({{"name=\"image\"; filename=\"a\"", png}, {"name=\"cfg_scale\"", "nan"}}), "cfg_scale"},
  };
  for (const auto& [request, param] : cases) {
    const auto http = face.write(request, target(), "");
    ASSERT_FALSE(http) << param;
    EXPECT_EQ(http.error().code, ErrorCode::invalid_request) << param;
    EXPECT_EQ(http.error().param, param);
  }
}

TEST_F(Automatic1111, pictures_come_in_base64_or_as_data_urls) {
  const auto answer = R"({"images":[")" + png_base64 + R"("],"parameters":{},"info":"{\"seed\":1}"})";
  const auto bytes = picture("");
  EXPECT_EQ(client_face("openai").write(*made(bytes, answer), bytes),
            R"({"created":0,"data":[{"b64_json":")" + png_base64 + R"("}]})");
  const auto url = picture(R"(,"response_format":"url")");
  EXPECT_EQ(made(url, answer)->pictures.at(0).url, "data:image/png;base64," + png_base64);
  // Another type than PNG is told as what it is; more than were asked for are an extension's.
  const auto jpeg = made(url, R"({"images":["data:image/png;base64,/9j/4AAQ","/9j/"]})");
  ASSERT_EQ(jpeg->pictures.size(), 1U);
  EXPECT_EQ(jpeg->pictures[0].url, "data:image/jpeg;base64,/9j/4AAQ");
}

TEST_F(Automatic1111, answers_without_a_picture_are_errors) {
  const auto request = picture("");
  for (const auto* wrong : {"", "null", "[]", "{}", R"({"images":null})", R"({"images":[]})", R"({"images":[1]})",
                            R"({"images":["AAAA"]})", R"({"images":["<html>"]})", R"({"images":["iVBORw0KGgo\n"]})"}) {
    const auto answer = made(request, wrong);
    ASSERT_FALSE(answer) << wrong;
    EXPECT_EQ(answer.error().code, ErrorCode::upstream_malformed) << wrong;
  }
}

TEST_F(Automatic1111, a_very_large_picture_is_read_in_good_time) {
  const std::string base64 = png_base64.substr(0, 16) + std::string(60 * 1024 * 1024, 'A');
  const auto answer = made(picture(""), R"({"images":[")" + base64 + R"("]})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->pictures[0].data.size(), base64.size());
}

TEST_F(Automatic1111, a_job_is_stopped_by_a_word_until_it_is_done) {
  provider.api_key = "user:pass";
  const auto job = face.job(picture(""), target());
  ASSERT_EQ(job->cancel().size(), 1U);
  EXPECT_EQ(job->cancel()[0].path, "/sdapi/v1/interrupt");
  EXPECT_EQ(job->cancel()[0].headers.get("authorization"), "Basic dXNlcjpwYXNz");
  ASSERT_TRUE(job->then({.status = 200, .headers = {}, .body = R"({"images":[")" + png_base64 + R"("]})"}));
  EXPECT_TRUE(job->cancel().empty());
}

TEST_F(Automatic1111, errors_are_told_in_the_servers_words) {
  const auto oom =
      face.classify({500, {}, R"({"error":"OutOfMemoryError","detail":"","body":"","errors":"CUDA out of memory."})"});
  EXPECT_EQ(oom.code, ErrorCode::upstream_server_error);
  EXPECT_EQ(oom.message, "CUDA out of memory.");
  for (const int status : {400, 404}) {
    const auto sampler = face.classify({status, {}, R"({"detail":"Sampler not found"})"});
    EXPECT_EQ(sampler.code, ErrorCode::upstream_rejected) << status;
  }
  const auto no_api = face.classify({404, {}, R"({"detail":"Not Found"})"});
  EXPECT_EQ(no_api.code, ErrorCode::upstream_no_model);
  EXPECT_NE(no_api.message.find("--api"), std::string::npos);
  EXPECT_EQ(face.classify({422, {}, R"({"detail":[{"loc":["body","steps"],"msg":"not an integer","type":"x"}]})"}).code,
            ErrorCode::upstream_rejected);
  EXPECT_FALSE(face.classify({502, {}, "<html>Bad gateway</html>"}).message.empty());
}

TEST_F(Automatic1111, its_checkpoints_are_its_models) {
  const auto list = face.read_models(
      R"([{"title":"a.safetensors [1234]","model_name":"a","hash":null},{"title":"b"},{"title":1},7,null])");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->models.size(), 2U);
  EXPECT_EQ(list->models[0].name, "a");
  EXPECT_EQ(list->models[1].name, "b");
  EXPECT_FALSE(face.read_models("{}"));
}

TEST_F(Automatic1111, how_far_it_is_becomes_news) {
  const auto job = face.job(picture(R"(,"stream":true,"partial_images":2)"), target());
  auto& progress = dynamic_cast<JobProgress&>(*job);
  const auto look = [&](std::string body) {
    progress.seen({.status = 200, .headers = {}, .body = std::move(body)});
    std::string told;
    for (const auto& event : progress.news()) {
      const auto step = picture_step(event);
      EXPECT_TRUE(step);
      told += *step == PictureStep::progress ? event.text + " " : fmt::format("{}:{} ", event.index, event.text);
    }
    return told;
  };
  const auto at = [](std::string_view part, std::string_view image) {
    return fmt::format(R"({{"progress":{},"eta_relative":1,"state":{{}},"current_image":{}}})", part, image);
  };
  EXPECT_EQ(progress.look()->path, "/sdapi/v1/progress?skip_current_image=false");
  EXPECT_EQ(look(at("0", "null")), "") << "it has not begun";
  EXPECT_EQ(look(at("0.25", "null")), "0.250 ");
  EXPECT_EQ(look(at("0.5", "\"" + png_base64 + "\"")), "0.500 0:" + png_base64 + " ");
  EXPECT_EQ(look(at("0.5", "\"" + png_base64 + "\"")), "") << "nothing new";
  EXPECT_EQ(look(at("0.4", "null")), "") << "never backwards";
  EXPECT_EQ(look(at("0.6", "\"no picture\"")), "0.600 ");
  for (const auto* const odd :
       {"", "[]", "{}", "{", R"({"progress":"much","current_image":7})", R"({"progress":1e300})", "null"})
    EXPECT_EQ(look(odd), "") << odd;
  EXPECT_EQ(look(at("0.7", "\"iVBORw0KGgpwaXhlbHMh\"")), "0.700 1:iVBORw0KGgpwaXhlbHMh ");
  EXPECT_EQ(progress.look()->path, "/sdapi/v1/progress?skip_current_image=true") << "two were wanted";
  ASSERT_TRUE(job->then({.status = 200, .headers = {}, .body = R"({"images":[")" + png_base64 + R"("]})"}));
  const auto last = progress.news();
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(picture_step(last[0]), PictureStep::done);
  EXPECT_EQ(last[0].text, png_base64);
}

TEST_F(Automatic1111, previews_are_from_none_to_three) {
  for (const auto* const wrong : {"-1", "4", "\"many\"", "[]", "1e9"}) {
    const auto refused = face.write(picture(fmt::format(R"(,"partial_images":{})", wrong)), target(), "");
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().param, "partial_images");
  }
}

}  // namespace
}  // namespace weir::test
