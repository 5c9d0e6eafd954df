// What a model of Anthropic's is sent of a conversation that came in another format.
#include <gtest/gtest.h>

#include "formats/anthropic_asking.h"
#include "formats/format.h"

namespace weir::anthropic_tests {
namespace {

TEST(anthropic_write, a_question_of_another_format_is_written_whole) {
  auto request = asking({says(Role::system, {{.text = "be brief"}}), says(Role::user, {{.text = "hi"}})});
  request.temperature = 0.5;
  request.stop = {"END"};
  request.stream = true;
  const auto http = send(request, {.provider = {.api_key = "k"}});
  ASSERT_TRUE(http.has_value());
  EXPECT_EQ(http->method, "POST");
  EXPECT_EQ(http->path, "/v1/messages");
  EXPECT_EQ(http->body, R"({"model":"claude-opus-4-5","max_tokens":100,"system":"be brief",)"
                        R"("messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],)"
                        R"("stop_sequences":["END"],"temperature":0.5,"stream":true})");
}

TEST(anthropic_write, the_key_goes_where_the_version_wants_it) {
  const auto head = [](const Request& request, const ProviderSettings& provider) {
    const auto http = send(request, {.provider = provider});
    return fmt::format("{} | {} | {} | {}", http->headers.get("anthropic-version"), http->headers.get("x-api-key"),
                       http->headers.get("authorization"), http->headers.get("anthropic-beta"));
  };
  EXPECT_EQ(head(asking(), {.api_key = "k"}), "2023-06-01 | k |  | ");
  EXPECT_EQ(head(asking(), {.api_key = "k", .quirks = {.anthropic_2026 = true}}), "2026-10-21 |  | Bearer k | ");
  EXPECT_EQ(head(asking(), {.api_key = "k", .quirks = {.bearer_key = true}}), "2023-06-01 |  | Bearer k | ");
  EXPECT_EQ(head(asking(), {.quirks = {.bearer_key = true}}), "2023-06-01 |  |  | ");
  EXPECT_EQ(head(asking(), {.api_key = "k", .headers = {{"x-api-key", "own"}}}), "2023-06-01 | own |  | ");
  // The caller's own version wins, with the place for the key that goes with it; what it carries, goes along.
  json::DocumentPool pool;
  auto own = client_face("anthropic")
                 .read({.carried = {{"anthropic-version", "2026-10-21"}, {"anthropic-beta", "b1,b2"}},
                        .body = R"({"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}]})"},
                       pool);
  EXPECT_EQ(head(*own, {.api_key = "k"}), "2026-10-21 |  | Bearer k | b1,b2");
  own->carried = {{"anthropic-version", "2023-06-01"}};
  EXPECT_EQ(head(*own, {.api_key = "k", .quirks = {.anthropic_2026 = true}}), "2023-06-01 | k |  | ");
  // Headers of a client of another format are none of it.
  auto other = asking();
  other.carried = {{"anthropic-beta", "b"}};
  EXPECT_EQ(head(other, {.api_key = "k"}), "2023-06-01 | k |  | ");
}

TEST(anthropic_write, a_base_url_may_have_the_version_in_it) {
  for (const auto& [base, path] : {std::pair("", "/v1/messages"),
                                   {"/v1", "/messages"},
                                   {"/anthropic", "/v1/messages"},
                                   {"/api/anthropic/v1", "/messages"}}) {
    EXPECT_EQ(send(asking(), {.provider = {.url = {.path = base}}})->path, path) << base;
  }
}

TEST(anthropic_write, turns_alternate_and_results_stand_first_in_theirs) {
  const auto request = asking({
      says(Role::user, {{.text = "a"}}),
      says(Role::user, {{.text = "b"}}),
      says(Role::assistant, {{.text = "let me see"}}),
      says(Role::assistant, {call("c1", "f", R"({"x":1})"), call("c2", "g")}),
      says(Role::user, {{.text = "hurry"}}),
      answers("c1", "one"),
      {.role = Role::tool,
       .parts = {{.text = "two"}, image({.url = "https://x.test/a"})},
       .tool_call_id = "c2",
       .is_error = true},
  });
  EXPECT_EQ(
      sent(request, "messages"),
      R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},)"
      R"({"role":"assistant","content":[{"type":"text","text":"let me see"},{"type":"tool_use","id":"c1","name":"f","input":{"x":1}},)"
      R"({"type":"tool_use","id":"c2","name":"g","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"one"},)"
      R"({"type":"tool_result","tool_use_id":"c2","content":[{"type":"text","text":"two"},{"type":"image","source":{"type":"url","url":"https://x.test/a"}}],"is_error":true},)"
      R"({"type":"text","text":"hurry"}]}])");
}

TEST(anthropic_write, system_texts_go_to_the_front_or_stay_where_the_model_takes_them) {
  const auto request = asking({
      says(Role::system, {{.text = "s", .cache = true}}),
      says(Role::developer, {{.text = "d"}}),
      says(Role::user, {{.text = "q"}}),
      says(Role::developer, {{.text = "later"}}),
      says(Role::user, {{.text = "r"}}),
  });
  EXPECT_EQ(
      sent(request, "system"),
      R"([{"type":"text","text":"s","cache_control":{"type":"ephemeral"}},{"type":"text","text":"d"},{"type":"text","text":"later"}])");
  EXPECT_EQ(sent(request, "messages"),
            R"([{"role":"user","content":[{"type":"text","text":"q"},{"type":"text","text":"r"}]}])");
  const To newer{.model = {.name = "claude-sonnet-5-5"}};
  EXPECT_EQ(
      sent(request, "messages", newer),
      R"([{"role":"user","content":[{"type":"text","text":"q"}]},{"role":"system","content":[{"type":"text","text":"later"}]},)"
      R"({"role":"user","content":[{"type":"text","text":"r"}]}])");
  // Somebody must be asked something.
  const auto only = asking({says(Role::system, {{.text = "a"}}), says(Role::system, {{.text = "b"}})});
  for (const auto& to : {To{}, newer}) {
    EXPECT_EQ(sent(only, "system", to), R"("a")");
    EXPECT_EQ(sent(only, "messages", to), R"([{"role":"user","content":[{"type":"text","text":"b"}]}])");
  }
}

TEST(anthropic_write, texts_that_say_nothing_are_not_sent) {
  const auto request =
      asking({says(Role::system, {{.text = " "}}), says(Role::user, {{.text = ""}, {.text = " \n"}, {.text = "q"}}),
              says(Role::assistant, {{.text = ""}}), says(Role::user, {{.text = "r"}})});
  EXPECT_EQ(sent(request, "system"), "");
  EXPECT_EQ(
      sent(request, "messages"),
      R"([{"role":"user","content":[{"type":"text","text":"q"}]},{"role":"user","content":[{"type":"text","text":"r"}]}])");
}

TEST(anthropic_write, ids_of_calls_are_spelt_in_the_formats_alphabet_and_found_again) {
  const auto request = asking({
      says(Role::user, {{.text = "q"}}),
      says(Role::assistant, {call("functions.get:0", "f"), call("functions_get:0", "f")}),
      answers("functions_get:0", "two"),
      answers("functions.get:0", "one"),
      says(Role::assistant, {call("functions.get:0", "f")}),
      answers("functions.get:0", "three"),
  });
  const auto body = sent(request, "messages");
  json::Document document;
  ASSERT_TRUE(document.parse_copy(body).has_value());
  const auto at = [&](std::string_view pointer) {
    std::string_view text;
    json::read_if(document.root().at_pointer(pointer), text);
    return std::string(text);
  };
  const std::vector ids = {at("/1/content/0/id"), at("/1/content/1/id"), at("/3/content/0/id")};
  EXPECT_EQ(at("/2/content/0/tool_use_id"), ids[1]);
  EXPECT_EQ(at("/2/content/1/tool_use_id"), ids[0]);
  EXPECT_EQ(at("/4/content/0/tool_use_id"), ids[2]);
  for (const auto& id : ids) {
    EXPECT_FALSE(id.empty());
    EXPECT_EQ(std::count(ids.begin(), ids.end(), id), 1) << id;
    EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"),
              std::string::npos)
        << id;
  }
  EXPECT_EQ(sent(request, "messages"), body);
}

TEST(anthropic_write, calls_without_ids_are_found_by_name_or_by_order) {
  const auto request = asking({
      says(Role::user, {{.text = "q"}}),
      says(Role::assistant, {call("", "f"), call("", "g"), call("", "f")}),
      answers("", "of g", "g"),
      answers("", "of f"),
      answers("", "of the other f", "f"),
  });
  EXPECT_EQ(
      sent(request, "messages"),
      R"([{"role":"user","content":[{"type":"text","text":"q"}]},)"
      R"({"role":"assistant","content":[{"type":"tool_use","id":"call_1_0","name":"f","input":{}},{"type":"tool_use","id":"call_1_1","name":"g","input":{}},)"
      R"({"type":"tool_use","id":"call_1_2","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1_1","content":"of g"},{"type":"tool_result","tool_use_id":"call_1_0","content":"of f"},)"
      R"({"type":"tool_result","tool_use_id":"call_1_2","content":"of the other f"}]}])");
}

TEST(anthropic_write, thoughts_go_back_only_with_a_seal_of_this_format) {
  const auto request = asking({
      says(Role::user, {{.text = "q"}}),
      says(Role::assistant, {thought("a", "weir.anthropic.sealA"),
                             thought("", "weir.anthropic.redacted.RRR"),
                             thought("", "weir.anthropic.sealB"),
                             thought("open", ""),
                             thought("b", "weir.gemini.x"),
                             {.text = "t"}}),
      says(Role::user, {{.text = "r"}}),
  });
  constexpr std::string_view sealed =
      R"([{"role":"user","content":[{"type":"text","text":"q"}]},{"role":"assistant","content":[)"
      R"({"type":"thinking","thinking":"a","signature":"sealA"},{"type":"redacted_thinking","data":"RRR"},{"type":"thinking","thinking":"","signature":"sealB"},)";
  constexpr std::string_view rest =
      R"({"type":"text","text":"t"}]},{"role":"user","content":[{"type":"text","text":"r"}]}])";
  EXPECT_EQ(sent(request, "messages"), std::string(sealed).append(rest));
  // Servers of other makers' models ask for none.
  constexpr std::string_view open =
      R"({"type":"thinking","thinking":"open","signature":""},{"type":"thinking","thinking":"b","signature":""},)";
  EXPECT_EQ(sent(request, "messages", {.model = {.name = "qwen3"}}), std::string(sealed).append(open).append(rest));
}

}  // namespace
}  // namespace weir::anthropic_tests
