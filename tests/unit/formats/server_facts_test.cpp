// What local servers tell of their models beside the list: how long a context they run them with, what they can do.
#include <gtest/gtest.h>

#include "formats/format.h"

namespace weir {
namespace {

ProviderSettings provider(std::string kind) {
  ProviderSettings settings{.kind = std::move(kind), .api_key = "k"};
  settings.url = {.host = "h", .path = "/v1"};
  return settings;
}

ModelList asked(std::string_view format, const ProviderSettings& settings, std::vector<std::string> names,
                const std::vector<std::string>& answers) {
  ModelList list;
  for (auto& name : names) list.models.push_back({.name = std::move(name), .owner = {}});
  const auto questions = model_face(format).ask_more(settings, list);
  EXPECT_EQ(questions.size(), answers.size());
  for (std::size_t i = 0; i < std::min(questions.size(), answers.size()); ++i)
    model_face(format).read_more(questions[i], answers[i], list);
  return list;
}

TEST(server_facts, llama_server_tells_its_context_and_whether_it_sees) {
  const auto questions =
      model_face("openai").ask_more(provider("llama_server"), {.models = {{.name = "m", .owner = {}}}});
  ASSERT_EQ(questions.size(), 1U);
  EXPECT_EQ(questions[0].ask.path, "/props");
  EXPECT_TRUE(questions[0].at_root);
  EXPECT_EQ(questions[0].ask.headers.get("authorization"), "Bearer k");
  const auto list =
      asked("openai", provider("llama_server"), {"m"},
            {R"({"default_generation_settings":{"n_ctx":4096},"modalities":{"vision":false,"audio":false}})"});
  EXPECT_EQ(list.models[0].context_length, 4096);
  EXPECT_EQ(list.models[0].images, false);
  EXPECT_FALSE(list.models[0].tools.has_value());
}

TEST(server_facts, lm_studio_tells_of_all_at_once) {
  const auto list = asked(
      "openai", provider("lmstudio"), {"a", "b", "c"},
      {R"({"data":[{"id":"b","type":"vlm","state":"loaded","max_context_length":9,"loaded_context_length":7,)"
       R"("capabilities":["tool_use"]},{"id":"c","type":"embeddings","max_context_length":5},{"id":"other"},3]})"});
  EXPECT_EQ(list.models[0].context_length, 0);
  EXPECT_EQ(list.models[1].context_length, 7);
  EXPECT_EQ(list.models[1].images, true);
  EXPECT_EQ(list.models[1].tools, true);
  EXPECT_EQ(list.models[2].embeds, true);
  EXPECT_EQ(list.models[2].context_length, 5);
}

TEST(server_facts, ollama_tells_of_each) {
  const auto list = asked(
      "ollama", provider("ollama"), {"a", "b"},
      {R"({"model_info":{"general.architecture":"llama","llama.context_length":131072},"capabilities":["completion","vision"]})",
       R"({"model_info":{"bert.context_length":512},"capabilities":["embedding"]})"});
  EXPECT_EQ(list.models[0].context_length, 131'072);
  EXPECT_EQ(list.models[0].tools, false);
  EXPECT_EQ(list.models[0].images, true);
  EXPECT_EQ(list.models[0].embeds, false);
  EXPECT_EQ(list.models[1].embeds, true);
}

TEST(server_facts, lists_tell_the_context_in_many_words) {
  const auto list = model_face("openai").read_models(
      R"({"object":"list","data":[{"id":"a","object":"model","max_model_len":1},{"id":"b","object":"model","context_window":2},)"
      R"({"id":"c","object":"model","context_length":"x"}]})");
  ASSERT_TRUE(list);
  EXPECT_EQ(list->models[0].context_length, 1);
  EXPECT_EQ(list->models[1].context_length, 2);
  EXPECT_EQ(list->models[2].context_length, 0);
  EXPECT_EQ(model_face("tgi").read_models(R"({"model_id":"m","max_total_tokens":2048})")->models[0].context_length,
            2'048);
}

TEST(server_facts, whatever_is_answered_nothing_breaks) {
  for (const std::string answer : {"", "x", "[]", "{}", "null", R"({"data":7,"model_info":7,"capabilities":7})",
                                   R"({"default_generation_settings":7,"modalities":[]})", R"({"data":[{"id":7}]})"}) {
    for (const auto& [format, kind] : std::initializer_list<std::pair<std::string_view, std::string>>{
             {"openai", "llama_server"}, {"openai", "lmstudio"}, {"openai", "tgi"}, {"ollama", "ollama"}}) {
      const auto list = asked(format, provider(kind), {"m"}, {answer});
      EXPECT_EQ(list.models[0].context_length, 0) << kind << " " << answer;
    }
  }
  EXPECT_TRUE(model_face("openai").ask_more(provider("vllm"), {.models = {{.name = "m", .owner = {}}}}).empty());
  EXPECT_TRUE(model_face("openai").ask_more(provider("llama_server"), {}).empty());
}

}  // namespace
}  // namespace weir
