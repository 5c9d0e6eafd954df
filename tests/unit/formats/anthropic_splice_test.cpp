// A caller of Anthropic's format at a model of Anthropic's: its own bytes, with as few changed as can be.
#include <gtest/gtest.h>

#include "formats/format.h"

namespace weir {
namespace {

class anthropic_splice : public testing::Test {
 protected:
  std::string sent(std::string body, std::string_view model, std::string_view prefill = {}) {
    auto request = client_face("anthropic").read({.body = std::move(body)}, pool_);
    EXPECT_TRUE(request.has_value()) << (request ? "" : request.error().message);
    if (!request) return {};
    const ProviderSettings provider;
    const ModelSettings settings{.name = std::string(model)};
    const auto http = model_face("anthropic").write(*request, {.provider = provider, .model = settings}, prefill);
    EXPECT_TRUE(http.has_value());
    return http ? http->body : std::string();
  }
  json::DocumentPool pool_;
};

TEST_F(anthropic_splice, only_the_models_name_is_changed) {
  const std::string body =
      "{ \"unknown\" : [1e5, {\"x\":null}],\n \"model\" : \"route\" , \"max_tokens\":5,\"stream\": true,"
      "\"messages\":[{\"role\":\"user\",\"content\":\"h\\u0069\",\"own\":1}], \"betas\":[\"b\"], "
      "\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}] }";
  auto expected = body;
  expected.replace(expected.find("route"), 5, "claude-opus-4-5");
  EXPECT_EQ(sent(body, "claude-opus-4-5"), expected);
  EXPECT_EQ(sent(body, "route"), body);
}

TEST_F(anthropic_splice, sampling_that_the_model_refuses_is_taken_out) {
  const auto body = [](std::string_view before, std::string_view after) {
    return fmt::format(R"({{{}"model":"m","max_tokens":5,"messages":[{{"role":"user","content":"x"}}]{}}})", before,
                       after);
  };
  struct Case {
    std::string_view before;
    std::string_view after;
    std::string_view kept_before;
    std::string_view kept_after;
  };
  for (const auto& c : {
           Case{R"("temperature": 0.5 , )", "", " ", ""},
           Case{"", R"( , "temperature":0.5)", "", " "},
           Case{R"("top_k":1,"temperature":0,"x":1,)", R"(,"top_p":0.5,"y":2)", R"("x":1,)", R"(,"y":2)"},
           Case{R"("temperature":1,)", R"(,"top_p":0.99)", R"("temperature":1,)", R"(,"top_p":0.99)"},
           Case{R"("temperature":null,)", R"(,"top_k":null)", R"("temperature":null,)", R"(,"top_k":null)"},
       }) {
    const auto given = body(c.before, c.after);
    const auto took = sent(given, "claude-opus-5");
    auto expected = body(c.kept_before, c.kept_after);
    expected.replace(expected.find(R"("m")"), 3, R"("claude-opus-5")");
    EXPECT_EQ(took, expected);
    json::Document document;
    EXPECT_TRUE(document.parse_copy(took).has_value()) << took;
    auto older = given;
    older.replace(older.find(R"("m")"), 3, R"("claude-opus-4-5")");
    EXPECT_EQ(sent(given, "claude-opus-4-5"), older);
  }
}

// A conversation that another model was part of: its thoughts would be refused.
TEST_F(anthropic_splice, thoughts_of_other_models_are_taken_out) {
  const auto body = [](std::string_view blocks, std::string_view other = {}) {
    return fmt::format(
        R"({{"model":"claude-opus-5","max_tokens":5,"messages":[{{"role":"user","content":"q"}},{{"role":"assistant","content":[{}]}},{{"role":"user","content":"r"}}{}]}})",
        blocks, other);
  };
  constexpr std::string_view ours = R"({"type":"thinking","thinking":"a","signature":"sss"})";
  constexpr std::string_view sealed = R"({"type":"redacted_thinking","data":"ddd"})";
  constexpr std::string_view unsealed = R"({"type":"thinking","thinking":"b, [c]","signature":""})";
  constexpr std::string_view foreign = R"({"type":"thinking","thinking":"b","signature":"weir.gemini.x"})";
  constexpr std::string_view hidden = R"({"t\u0079pe":"redacted_thinking","data":"weir.responses.x"})";
  constexpr std::string_view text = R"({"type":"text","text":"t"})";
  const auto list = [](std::initializer_list<std::string_view> blocks) {
    return fmt::format("{}", fmt::join(blocks, " , "));
  };
  EXPECT_EQ(sent(body(list({ours, sealed, text})), "claude-opus-5"), body(list({ours, sealed, text})));
  EXPECT_EQ(sent(body(list({unsealed, text})), "claude-opus-5"), body(fmt::format(" {}", text)));
  EXPECT_EQ(sent(body(list({ours, foreign, hidden, text})), "claude-opus-5"),
            body(fmt::format("{}   , {}", ours, text)));
  EXPECT_EQ(sent(body(list({text, unsealed})), "claude-opus-5"), body(fmt::format("{} ", text)));
  // A message of which nothing is left goes whole.
  const auto empty = sent(body(list({unsealed, hidden})), "claude-opus-5");
  EXPECT_EQ(
      empty,
      R"({"model":"claude-opus-5","max_tokens":5,"messages":[{"role":"user","content":"q"},{"role":"user","content":"r"}]})");
  // A server of another maker's model asks for no seals.
  auto elsewhere = body(list({unsealed, text}));
  elsewhere.replace(elsewhere.find("claude-opus-5"), 13, "qwen3");
  EXPECT_EQ(sent(body(list({unsealed, text})), "qwen3"), elsewhere);
}

TEST_F(anthropic_splice, a_turn_that_lost_its_thoughts_is_gone_on_with_without_thinking) {
  const auto body = [](std::string_view seal, std::string_view thinking) {
    return fmt::format(
        R"({{"model":"m","max_tokens":5000,{}"messages":[{{"role":"user","content":"q"}},{{"role":"assistant","content":[{{"type":"thinking","thinking":"t","signature":"{}"}},{{"type":"tool_use","id":"i","name":"f","input":{{}}}}]}},{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"i","content":"r"}}]}}]}})",
        thinking, seal);
  };
  constexpr std::string_view thinking = R"("thinking":{"type":"enabled","budget_tokens":1024},)";
  const auto lost = sent(body("weir.gemini.x", thinking), "claude-opus-4-5");
  EXPECT_EQ(lost.find("thinking"), std::string::npos) << lost;
  json::Document document;
  EXPECT_TRUE(document.parse_copy(lost).has_value());
  EXPECT_NE(sent(body("sss", thinking), "claude-opus-4-5").find("budget_tokens"), std::string::npos);
  // A model that decides itself may go on without them.
  EXPECT_NE(sent(body("weir.gemini.x", R"("thinking":{"type":"adaptive"},)"), "claude-opus-5").find("adaptive"),
            std::string::npos);
}

TEST_F(anthropic_splice, what_was_said_is_put_behind_as_the_assistants) {
  EXPECT_EQ(
      sent(
          R"({"model":"m","thinking":{"type":"enabled","budget_tokens":1024},"max_tokens":5000,"messages":[{"role":"user","content":"x"} ]})",
          "m", "so \"far\""),
      R"({"model":"m","max_tokens":5000,"messages":[{"role":"user","content":"x"} ,{"role":"assistant","content":"so \"far\""}]})");
}

}  // namespace
}  // namespace weir
