// Reranking by servers that otherwise speak OpenAI's format: what they are sent, in which shapes they answer.
#include <gtest/gtest.h>

#include "formats/openai/model_face.h"

namespace weir {
namespace {

Request asked() {
  Request request;
  request.operation = Operation::rerank;
  request.format = "cohere";
  request.rerank = {.query = "q", .documents = {"a", "b", "c"}, .top_n = 2};
  return request;
}

Result<Response> read(std::string body) {
  static json::DocumentPool pool;
  return openai_provider::face().read(asked(), std::move(body), pool);
}

TEST(openai_rerank, is_asked_in_each_servers_words) {
  const ModelSettings model{.name = "the-model"};
  ProviderSettings provider{.id = "p", .url = {.host = "h"}, .api_key = "k"};
  auto sent = openai_provider::face().write(asked(), {provider, model}, "");
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->path, "/v1/rerank");
  EXPECT_EQ(sent->headers.get("authorization"), "Bearer k");
  EXPECT_EQ(sent->body, R"({"model":"the-model","query":"q","documents":["a","b","c"],"top_n":2})");
  provider.quirks = {.no_v1_path = true, .rerank_texts = true};
  sent = openai_provider::face().write(asked(), {provider, model}, "");
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->path, "/rerank");
  EXPECT_EQ(sent->body, R"({"model":"the-model","query":"q","texts":["a","b","c"]})");
}

TEST(openai_rerank, is_answered_in_each_servers_shape) {
  struct Case {
    std::string_view what;
    std::string body;
    int64_t input;
  };
  for (
      const auto& one :
      {Case{
           "llama-server",
           R"({"model":"r","object":"list","usage":{"prompt_tokens":9,"total_tokens":9},"results":[{"index":0,"relevance_score":-1.5},{"index":2,"relevance_score":4},{"index":1,"relevance_score":0.25}]})",
           9},
       Case{
           "vLLM",
           R"({"id":"r1","model":"r","usage":{"total_tokens":9},"results":[{"index":2,"document":{"text":"c"},"relevance_score":4},{"index":1,"document":{"text":"b"},"relevance_score":0.25},{"index":0,"document":{"text":"a"},"relevance_score":-1.5}]})",
           9},
       Case{"TEI", R"([{"index":2,"score":4},{"index":1,"score":0.25},{"index":0,"score":-1.5}])", 0}}) {
    const auto answer = read(one.body);
    ASSERT_TRUE(answer.has_value()) << one.what << answer.error().message;
    ASSERT_EQ(answer->ranking.size(), 3U) << one.what;
    for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(answer->ranking[static_cast<std::size_t>(i)].index, 2 - i) << one.what;
    EXPECT_EQ(answer->ranking[0].score, 4) << one.what;
    EXPECT_EQ(answer->ranking[2].score, -1.5) << one.what;
    EXPECT_EQ(answer->usage.input, one.input) << one.what;
    EXPECT_EQ(answer->usage.output, 0) << one.what;
    EXPECT_FALSE(answer->usage.total_only);
    EXPECT_TRUE(answer->raw.empty());
  }
}

TEST(openai_rerank, answers_that_are_none_are_errors) {
  for (const char* body :
       {"", "7", "{}", R"({"results":{}})", R"({"results":[3]})", R"({"results":[{"index":0}]})",
        R"({"results":[{"relevance_score":1}]})", R"({"results":[{"index":3,"relevance_score":1}]})",
        R"({"results":[{"index":-1,"relevance_score":1}]})", R"({"results":[{"index":"0","relevance_score":1}]})",
        R"([{"index":0,"score":1},{"index":0,"score":2}])"}) {
    const auto answer = read(body);
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().code, ErrorCode::upstream_malformed) << body;
  }
  const auto refused = read(R"({"error":{"message":"no such model: x","type":"model_not_found"}})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::upstream_no_model);
}

}  // namespace
}  // namespace weir
