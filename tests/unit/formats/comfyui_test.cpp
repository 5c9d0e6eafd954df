// ComfyUI: a workflow that is filled in, and the job that runs it.
#include "formats/comfyui/model_face.h"
#include "formats/comfyui/workflow.h"
#include "job_asking.h"

namespace weir::test {
namespace {

const std::string workflow =
    R"({"3":{"class_type":"KSampler","inputs":{"seed":"{{seed}}","steps":"{{steps|30}}","cfg":"{{cfg_scale}}",)"
    R"("model":["4",0]}},"4":{"class_type":"CheckpointLoaderSimple","inputs":{"ckpt_name":"{{model}}"}},)"
    R"("5":{"class_type":"EmptyLatentImage","inputs":{"width":"{{width}}","height":"{{height}}","batch_size":"{{n}}"}},)"
    R"("6":{"class_type":"CLIPTextEncode","inputs":{"text":"photo of {{prompt}}, sharp"}},)"
    R"("7":{"class_type":"CLIPTextEncode","inputs":{"text":"{{negative_prompt|ugly}}"}}})";
const std::string changing =
    R"({"1":{"class_type":"LoadImage","inputs":{"image":"{{image}}"}},"2":{"class_type":"X","inputs":{"t":"{{prompt}}"}}})";

struct ComfyUI : JobAsking {
  ComfyUI() { use(workflow); }
  void use(std::string text) { model.workflow = std::make_shared<const std::string>(std::move(text)); }
  const ModelFace& face = model_face("comfyui");

  static Result<std::optional<NextStep>> say(Job& job, std::string body) {
    return job.then({.status = 200, .headers = {}, .body = std::move(body)});
  }
  static std::string line(const Result<std::optional<NextStep>>& step) {
    if (!step) return "error: " + step.error().message;
    return *step ? (*step)->ask.method + " " + (*step)->ask.path : "done";
  }
};

TEST_F(ComfyUI, a_workflow_that_cannot_be_filled_in_is_refused_with_the_mend) {
  EXPECT_FALSE(comfyui::check_workflow(workflow).has_value());
  const std::pair<std::string, std::string> cases[] = {
      {"", "it is no JSON"},
      {"[]", "it is no JSON object"},
      {"{}", "it has no nodes"},
      {R"({"nodes":[],"links":[],"version":0.4})", "it is a workflow as the editor saves it"},
      {R"({"1":{"inputs":{}}})", "its node `1` has no `class_type`"},
      {R"({"1":[]})", "its node `1` has no `class_type`"},
      {R"({"1":{"class_type":"X","inputs":{"t":"a cat"}}})", "it has no {{prompt}}"},
      {R"({"1":{"class_type":"X","inputs":{"t":"{{prompt}}","s":"{{step}}"}}})", "nothing is called {{step}}"},
      {R"({"1":{"class_type":"X","inputs":{"{{prompt}}":"t"}}})", "it has no {{prompt}}"},
  };
  for (const auto& [text, what] : cases) {
    const auto fault = comfyui::check_workflow(text);
    ASSERT_TRUE(fault.has_value()) << text;
    EXPECT_TRUE(fault->what.starts_with(what)) << fault->what;
    EXPECT_FALSE(fault->mend.empty());
  }
}

TEST_F(ComfyUI, placeholders_become_values_of_their_type) {
  const auto http = face.write(picture(R"(,"seed":42,"size":"640x480","n":3)"), target(), "");
  ASSERT_TRUE(http) << http.error().message;
  EXPECT_EQ(http->path, "/prompt");
  expect(http->body, "/prompt/3/inputs", R"({"seed":42,"steps":30,"cfg":7,"model":["4",0]})");
  expect(http->body, "/prompt/4/inputs/ckpt_name", "\"the-model\"");
  expect(http->body, "/prompt/5/inputs", R"({"width":640,"height":480,"batch_size":3})");
  expect(http->body, "/prompt/6/inputs/text", "\"photo of a cat, sharp\"");
  expect(http->body, "/prompt/7/inputs/text", "\"ugly\"");
}

TEST_F(ComfyUI, a_prompt_cannot_leave_its_text) {
  const auto request =
      ask(Operation::image, "/v1/images/generations", R"({"model":"m","prompt":"\",\"x\":{{seed}} {{model}} \\ \n"})");
  const auto http = face.write(request, target(), "");
  ASSERT_TRUE(http);
  expect(http->body, "/prompt/6/inputs/text", R"("photo of \",\"x\":{{seed}} {{model}} \\ \n, sharp")");
}

TEST_F(ComfyUI, each_attempt_has_its_own_seed_and_id) {
  const auto first = face.write(picture(""), target(), "")->body;
  EXPECT_EQ(face.write(picture(""), target(), "")->body, first) << "the same attempt, the same bytes";
  unique = 8;
  const auto second = face.write(picture(""), target(), "")->body;
  json::Document a;
  json::Document b;
  ASSERT_TRUE(a.parse(first) && b.parse(second));
  for (const auto* place : {"/prompt/3/inputs/seed", "/prompt_id", "/client_id"})
    EXPECT_NE(simdjson::minify(a.root().at_pointer(place).value()),
              simdjson::minify(b.root().at_pointer(place).value()));
}

TEST_F(ComfyUI, what_the_workflow_has_no_place_for_is_refused) {
  use(R"({"1":{"class_type":"X","inputs":{"t":"{{prompt}}"}}})");
  for (const std::pair<std::string, std::string>& one : {std::pair<std::string, std::string>{R"(,"n":2)", "n"},
                                                         {R"(,"size":"64x64")", "size"},
                                                         {R"(,"seed":1)", "seed"},
                                                         {R"(,"steps":1)", "steps"},
                                                         {R"(,"negative_prompt":"x")", "negative_prompt"},
                                                         {R"(,"sampler":"x")", "sampler"}}) {
    const auto http = face.write(picture(one.first), target(), "");
    ASSERT_FALSE(http) << one.second;
    EXPECT_EQ(http.error().code, ErrorCode::unsupported);
    EXPECT_EQ(http.error().param, one.second);
  }
  EXPECT_EQ(face.write(edit({{"name=\"image\"; filename=\"a\"", png}}), target(), "").error().param, "image");
  use(changing);
  EXPECT_EQ(face.write(picture(""), target(), "").error().param, "image");
  model.workflow = nullptr;
  EXPECT_EQ(face.write(picture(""), target(), "").error().param, "model");
}

TEST_F(ComfyUI, a_job_is_queued_asked_after_and_its_pictures_fetched) {
  const auto request = picture("");
  const auto job = face.job(request, target());
  EXPECT_TRUE(job->cancel().empty());
  EXPECT_EQ(line(say(*job, R"({"prompt_id":"job-1","number":1,"node_errors":{}})")), "GET /history/job-1");
  ASSERT_EQ(job->cancel().size(), 2U);
  EXPECT_EQ(job->cancel()[0].body, R"({"delete":["job-1"]})");
  EXPECT_EQ(job->cancel()[1].path, "/interrupt");
  EXPECT_EQ(job->cancel()[1].body, R"({"prompt_id":"job-1"})");
  EXPECT_EQ(line(say(*job, "{}")), "GET /history/job-1");
  EXPECT_EQ(line(say(*job, R"({"job-1":{"status":{"status_str":"success","completed":true,"messages":[]},"outputs":{)"
                           R"("9":{"images":[{"filename":"a b&c.png","subfolder":"x/y","type":"output"},)"
                           R"({"filename":"t.png","subfolder":"","type":"temp"}]},"10":{"text":["x"]},)"
                           R"("11":{"images":[{"filename":"2.png","type":"output"}]}}}})")),
            "GET /view?filename=a%20b%26c.png&subfolder=x%2Fy&type=output");
  EXPECT_TRUE(job->cancel().empty()) << "nothing runs any more";
  EXPECT_EQ(line(say(*job, png)), "GET /view?filename=2.png&subfolder=&type=output");
  EXPECT_EQ(line(say(*job, png)), "done");
  const auto answer = job->answer();
  ASSERT_EQ(answer->pictures.size(), 2U);
  EXPECT_EQ(answer->pictures[0].data, png_base64);
}

TEST_F(ComfyUI, a_picture_to_change_is_uploaded_first) {
  use(changing);
  std::unique_ptr<Job> job;
  {
    const auto request = edit({{"name=\"image\"; filename=\"a.png\"", png}});
    const auto http = face.write(request, target(), "");
    ASSERT_TRUE(http) << http.error().message;
    EXPECT_EQ(http->path, "/upload/image");
    EXPECT_NE(http->body.find(png), std::string::npos);
    EXPECT_NE(http->headers.get("content-type").find("multipart/form-data; boundary="), std::string::npos);
    job = face.job(request, target());
  }
  const auto step = say(*job, R"({"name":"up.png","subfolder":"s","type":"input"})");
  ASSERT_EQ(line(step), "POST /prompt");
  expect((*step)->ask.body, "/prompt/1/inputs/image", "\"s/up.png\"");
  expect((*step)->ask.body, "/prompt/2/inputs/t", "\"a hat\"");
  ASSERT_EQ(job->cancel().size(), 1U) << "who has not named the job yet is not told to interrupt whatever runs";
  EXPECT_EQ(job->cancel()[0].path, "/queue");
}

TEST_F(ComfyUI, a_job_that_the_server_forgot_is_not_waited_for) {
  const auto job = face.job(picture(""), target());
  auto step = say(*job, R"({"prompt_id":"j"})");
  for (int i = 0; i < 7; ++i) step = say(*job, "{}");
  EXPECT_EQ(line(step), "GET /history/j");
  EXPECT_EQ(line(say(*job, "{}")), "GET /queue");
  EXPECT_EQ(line(say(*job, R"({"queue_running":[[0,"j",{},{},[]]],"queue_pending":[]})")), "GET /history/j");
  for (int i = 0; i < 8; ++i) step = say(*job, "{}");
  EXPECT_EQ(line(step), "GET /queue");
  EXPECT_EQ(line(say(*job, R"({"queue_running":[],"queue_pending":[[1,"other"]]})")), "GET /history/j");
  step = say(*job, "{}");
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().code, ErrorCode::upstream_server_error);
  EXPECT_TRUE(job->cancel().empty());
}

TEST_F(ComfyUI, a_node_that_fails_is_named) {
  const auto job = face.job(picture(""), target());
  ASSERT_TRUE(say(*job, R"({"prompt_id":"j"})"));
  const auto step =
      say(*job, R"({"j":{"status":{"status_str":"error","completed":false,"messages":[["execution_start",{}],)"
                R"(["execution_error",{"node_id":"3","node_type":"KSampler","exception_message":"out of memory",)"
                R"("exception_type":"torch.OutOfMemoryError"}]]},"outputs":{}}})");
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().message, "The workflow failed at ComfyUI in node 3 (KSampler): out of memory");
  const auto refused = face.classify(
      {400,
       {},
       R"({"error":{"type":"prompt_outputs_failed_validation","message":"Prompt outputs failed validation",)"
       R"("details":"","extra_info":{}},"node_errors":{"4":{"errors":[{"type":"value_not_in_list",)"
       R"("message":"Value not in list","details":"ckpt_name: 'x' not in ['y']"}],"class_type":)"
       R"("CheckpointLoaderSimple"}}})"});
  EXPECT_EQ(refused.code, ErrorCode::upstream_no_model);
  EXPECT_EQ(
      refused.message,
      "ComfyUI refused the workflow: Prompt outputs failed validation; node 4 (CheckpointLoaderSimple): Value not "
      "in list: ckpt_name: 'x' not in ['y']");
}

TEST_F(ComfyUI, answers_that_are_none_are_errors) {
  for (const auto* wrong : {"", "[]", "{}", R"({"prompt_id":1})", R"({"prompt_id":"../x"})", R"({"prompt_id":""})"}) {
    const auto job = face.job(picture(""), target());
    EXPECT_FALSE(say(*job, wrong)) << wrong;
  }
  for (const auto* wrong :
       {"[]", "null", R"({"j":{"outputs":{}}})", R"({"j":{"outputs":[]}})",
        R"({"j":{"outputs":{"1":{"images":[{"filename":""},1]}}}})", R"({"j":{"status":{"completed":false}}})"}) {
    const auto job = face.job(picture(""), target());
    ASSERT_TRUE(say(*job, R"({"prompt_id":"j"})"));
    EXPECT_FALSE(say(*job, wrong)) << wrong;
  }
  const auto job = face.job(picture(""), target());
  ASSERT_TRUE(say(*job, R"({"prompt_id":"j"})"));
  ASSERT_TRUE(say(*job, R"({"j":{"outputs":{"1":{"images":[{"filename":"x.png"}]}}}})"));
  EXPECT_FALSE(say(*job, "<html>")) << "a page is no picture";
}

}  // namespace
}  // namespace weir::test
