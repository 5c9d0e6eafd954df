// Replicate's own clients in front of Replicate: paths, versions, ids, what a prediction took.
#include "formats/replicate/client_face.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

class replicate_client : public testing::Test {
 protected:
  Result<Request> ask(std::string_view method, std::string_view target, std::string body = {}) {
    const auto question = target.find('?');
    const auto match = match_path(method, target);
    EXPECT_TRUE(match.format != nullptr && match.format->name == "replicate") << method << " " << target;
    if (match.pattern == nullptr) return failure(ErrorCode::not_found, "no such path");
    return match.format->client->read(
        {.operation = match.pattern->operation,
         .method = match.pattern->method,
         .path = match.pattern->path,
         .named = std::string(match.named),
         .query = question == std::string_view::npos ? std::string() : std::string(target.substr(question + 1)),
         .carried = {{"prefer", "wait=5"}},
         .body = std::move(body)},
        pool_);
  }
  Result<HttpRequest> sent(const Request& request, std::string name) {
    ProviderSettings provider{.api_key = "k"};
    provider.url = {.host = "h"};
    const ModelSettings model{.name = std::move(name)};
    return model_face("replicate").write(request, {.provider = provider, .model = model}, "");
  }
  json::DocumentPool pool_;
};

TEST_F(replicate_client, asks_at_the_path_of_its_model) {
  const std::string body = R"({"input": {"prompt": "a weir"}, "webhook": null})";
  const auto request = ask("POST", "/v1/models/meta/llama/predictions", body);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->model, "meta/llama");
  EXPECT_NE(std::find(request->texts().begin(), request->texts().end(), "a weir"), request->texts().end());
  const auto official = sent(*request, "meta/llama");
  ASSERT_TRUE(official) << official.error().message;
  EXPECT_EQ(official->path, "/v1/models/meta/llama/predictions");
  EXPECT_EQ(official->body, body);
  EXPECT_EQ(official->headers.get("prefer"), "wait=5");
  EXPECT_EQ(official->headers.get("authorization"), "Bearer k");
  const auto versioned = sent(*request, "meta/llama:abc");
  EXPECT_EQ(versioned->path, "/v1/predictions");
  EXPECT_EQ(versioned->body, R"({"version":"meta/llama:abc","input": {"prompt": "a weir"}, "webhook": null})");
}

TEST_F(replicate_client, names_a_version_in_the_body) {
  const auto request = ask("POST", "/v1/predictions", R"({"version":"mine","input":{}})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->model, "mine");
  EXPECT_EQ(sent(*request, "a/b:c")->body, R"({"version":"a/b:c","input":{}})");
  EXPECT_EQ(sent(*request, "a/b").error().param, "version");
  EXPECT_EQ(ask("POST", "/v1/predictions", R"({"input":{}})").error().param, "version");
  EXPECT_FALSE(ask("POST", "/v1/predictions", "[]"));
}

TEST_F(replicate_client, asks_after_a_prediction_by_its_id) {
  for (const auto& [method, path] : std::initializer_list<std::pair<std::string_view, std::string>>{
           {"GET", "/v1/predictions"}, {"GET", "/v1/predictions/abc"}, {"POST", "/v1/predictions/abc/cancel"}}) {
    const auto request = ask(method, path);
    ASSERT_TRUE(request) << path;
    EXPECT_EQ(request->model, "");
    const auto http = sent(*request, "a/b");
    EXPECT_EQ(http->method, method);
    EXPECT_EQ(http->path, path);
    EXPECT_EQ(http->body, "");
  }
  EXPECT_EQ(ask("GET", "/v1/predictions/abc?model=x")->model, "x");
  for (const std::string_view id : {"..", "a/b", "a%2Fb", "a b"})
    EXPECT_FALSE(ask("GET", "/v1/predictions/" + std::string(id))) << id;
}

TEST_F(replicate_client, is_told_what_the_provider_said_and_time_counts_once_it_is_over) {
  const auto read = [&](std::string body) {
    return model_face("replicate").read(*ask("GET", "/v1/predictions/abc"), std::move(body), pool_);
  };
  const std::string running = R"({"id":"abc","status":"processing","metrics":{"predict_time":1}})";
  EXPECT_EQ(read(running)->raw, running);
  EXPECT_EQ(read(running)->usage.units, 0);
  const auto over = read(
      R"({"id":"abc","model":"a/b","status":"succeeded","completed_at":"2025-10-02T15:04:05.6Z","metrics":{"predict_time":1.5,"total_time":2}})");
  EXPECT_EQ(over->usage.units, 1'500);
  EXPECT_EQ(over->created, 1'759'417'445);
  EXPECT_FALSE(read("[]"));
  EXPECT_FALSE(read("x"));
}

TEST_F(replicate_client, reads_times) {
  EXPECT_EQ(replicate::seconds_of("1970-01-01T00:00:01Z"), 1);
  for (const std::string_view bad : {"", "now", "2025-13-01T00:00:00Z", "2025-02-30T00:00:00Z", "2025-01-01 00:00:00"})
    EXPECT_EQ(replicate::seconds_of(bad), 0) << bad;
}

}  // namespace
}  // namespace weir
