// Tools, media and settings of another format at a model of Anthropic's, as far as it takes them.
#include <gtest/gtest.h>

#include "core/base64.h"
#include "formats/anthropic_asking.h"
#include "formats/format.h"

namespace weir::anthropic_tests {
namespace {

TEST(anthropic_settings, tools_are_written_as_the_format_wants_them) {
  auto request = asking();
  request.tools = {{.name = "f",
                    .description = "d",
                    .parameters = json::Value::made(R"({"type":"object","properties":{"a":{}}})"),
                    .strict = true,
                    .cache = true},
                   {.name = "ns.g"},
                   {.name = "h", .parameters = json::Value::made(R"({"properties":{"b":{"type":"string"}}})")}};
  const auto tools = sent(request, "tools");
  EXPECT_EQ(
      tools.substr(0, tools.find(",{\"name\":\"ns")),
      R"([{"name":"f","description":"d","input_schema":{"type":"object","properties":{"a":{}}},"strict":true,"cache_control":{"type":"ephemeral"}})");
  EXPECT_NE(tools.find(R"("input_schema":{"type":"object","properties":{}}})"), std::string::npos) << tools;
  EXPECT_NE(tools.find(R"({"name":"h","input_schema":{"type":"object","properties":{"b":{"type":"string"}}}})"),
            std::string::npos)
      << tools;
  EXPECT_EQ(tools.find("ns.g"), std::string::npos);
  // A model that does not hold to schemas is not asked to.
  EXPECT_EQ(sent(request, "tools", {.model = {.name = "claude-3-haiku-20240307"}}).find("strict"), std::string::npos);
}

TEST(anthropic_settings, a_tool_whose_name_was_spelt_is_called_by_its_own_name) {
  auto request = asking();
  request.tools = {{.name = "ns.g"}};
  const auto tools = sent(request, "tools");
  const auto begin = tools.find("ns_g");
  const auto spelt = tools.substr(begin, tools.find('"', begin) - begin);
  json::DocumentPool pool;
  const auto answer = face().read(
      request,
      fmt::format(
          R"({{"type":"message","content":[{{"type":"tool_use","id":"t","name":"{}","input":{{}}}}],"stop_reason":"tool_use"}})",
          spelt),
      pool);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->choices[0].parts[0].call.name, "ns.g");
}

TEST(anthropic_settings, the_choice_of_a_tool_has_its_equal) {
  using Mode = ToolChoice::Mode;
  struct Case {
    Mode mode;
    std::optional<bool> parallel;
    std::string_view written;
  };
  for (const auto& c :
       {Case{Mode::unset, {}, ""}, Case{Mode::unset, true, ""},
        Case{Mode::unset, false, R"({"type":"auto","disable_parallel_tool_use":true})"},
        Case{Mode::automatic, {}, R"({"type":"auto"})"}, Case{Mode::any, {}, R"({"type":"any"})"},
        Case{Mode::any, false, R"({"type":"any","disable_parallel_tool_use":true})"},
        Case{Mode::none, false, R"({"type":"none"})"}, Case{Mode::named, {}, R"({"type":"tool","name":"f"})"}}) {
    auto request = asking();
    request.tools = {{.name = "f"}};
    request.tool_choice = {.mode = c.mode, .name = "f"};
    request.parallel_tool_calls = c.parallel;
    EXPECT_EQ(sent(request, "tool_choice"), c.written);
  }
  auto request = asking();
  request.tool_choice.mode = Mode::any;
  EXPECT_EQ(sent(request, "tool_choice"), "");  // among none
}

TEST(anthropic_settings, media_are_written_or_refused_with_their_place) {
  const auto pdf = encode_base64("%PDF-1.7");
  const auto words = encode_base64("plain words");
  struct Case {
    Media media;
    std::string_view written;  // "" = unsupported
  };
  using Kind = Media::Kind;
  const Case cases[] = {
      {{.kind = Kind::image, .mime = "image/webp", .data = "AAAA"},
       R"({"type":"image","source":{"type":"base64","media_type":"image/webp","data":"AAAA"}})"},
      {{.kind = Kind::image, .mime = "image/jpg", .data = "AAAA"},
       R"({"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"AAAA"}})"},
      {{.kind = Kind::image, .data = "/9j/4AAQ"},
       R"({"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"/9j/4AAQ"}})"},
      {{.kind = Kind::image, .url = "https://x.test/a.png"},
       R"({"type":"image","source":{"type":"url","url":"https://x.test/a.png"}})"},
      {{.kind = Kind::image, .mime = "image/bmp", .data = "AAAA"}, ""},
      {{.kind = Kind::image, .url = "data:image/svg+xml,%3Csvg"}, ""},
      {{.kind = Kind::image, .file = "file_1"}, ""},
      {{.kind = Kind::document, .mime = "application/pdf", .data = pdf, .name = "T"},
       R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0xLjc="},"title":"T"})"},
      {{.kind = Kind::document, .data = pdf},
       R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0xLjc="}})"},
      {{.kind = Kind::document, .mime = "text/markdown", .data = words},
       R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"plain words"}})"},
      {{.kind = Kind::document, .url = "https://x.test/a.pdf"},
       R"({"type":"document","source":{"type":"url","url":"https://x.test/a.pdf"}})"},
      {{.kind = Kind::document, .mime = "application/msword", .data = "AAAA"}, ""},
      {{.kind = Kind::document, .mime = "text/plain", .data = "not base64!"}, ""},
      {{.kind = Kind::audio, .mime = "audio/wav", .data = "AAAA"}, ""},
      {{.kind = Kind::video, .url = "https://x.test/a.mp4"}, ""},
  };
  for (const auto& c : cases) {
    const auto request = asking({says(Role::user, {{.text = "q"}, image(c.media)})});
    const auto http = send(request);
    if (c.written.empty()) {
      ASSERT_FALSE(http.has_value()) << http->body;
      EXPECT_EQ(http.error().code, ErrorCode::unsupported);
      EXPECT_EQ(http.error().param, "messages[0].content[1]");
      continue;
    }
    ASSERT_TRUE(http.has_value()) << http.error().message;
    EXPECT_EQ(field(http->body, "messages"),
              fmt::format(R"([{{"role":"user","content":[{{"type":"text","text":"q"}},{}]}}])", c.written));
  }
}

TEST(anthropic_settings, what_the_format_lacks_is_unsupported_with_its_place) {
  const auto param_of = [](void (*change)(Request&), std::string_view model = "claude-opus-4-5") {
    auto request = asking();
    change(request);
    const auto http = send(request, {.model = {.name = std::string(model)}});
    EXPECT_FALSE(http.has_value());
    if (http) return std::string("written");
    EXPECT_EQ(http.error().code, ErrorCode::unsupported);
    return http.error().param;
  };
  EXPECT_EQ(param_of([](Request& r) { r.n = 2; }), "n");
  EXPECT_EQ(param_of([](Request& r) { r.logprobs = true; }), "logprobs");
  EXPECT_EQ(param_of([](Request& r) { r.response_format = ResponseFormat::json_object; }), "response_format");
  EXPECT_EQ(param_of([](Request& r) { r.response_format = ResponseFormat::json_schema; }), "response_format");
  const auto schema = [](Request& r) {
    r.response_format = ResponseFormat::json_schema;
    r.json_schema = json::Value::made("{}");
  };
  EXPECT_EQ(param_of(schema, "claude-3-5-haiku-latest"), "response_format");
  EXPECT_EQ(param_of([](Request& r) { r.stop = {"a", "\n"}; }), "stop[1]");
  EXPECT_EQ(param_of([](Request& r) { r.messages.push_back(answers("", "x")); }), "messages[1].tool_call_id");
  EXPECT_EQ(
      param_of([](Request& r) { r.messages.push_back(says(Role::assistant, {{.text = "The"}})); }, "claude-opus-4-6"),
      "messages[1]");
  EXPECT_EQ(
      param_of([](Request& r) { r.messages.insert(r.messages.begin(), says(Role::system, {image({.data = "A"})})); }),
      "messages[0].content[0]");
  EXPECT_EQ(param_of([](Request& r) { r.operation = Operation::embedding; }), "");
}

TEST(anthropic_settings, an_assistants_last_message_is_gone_on_with_and_does_not_end_with_blanks) {
  const auto request = asking({says(Role::user, {{.text = "q"}}), says(Role::assistant, {{.text = "The answer \n"}})});
  EXPECT_EQ(
      sent(request, "messages"),
      R"([{"role":"user","content":[{"type":"text","text":"q"}]},{"role":"assistant","content":[{"type":"text","text":"The answer"}]}])");
  EXPECT_EQ(
      sent(asking(), "messages", {.prefill = "So far "}),
      R"([{"role":"user","content":[{"type":"text","text":"hi"}]},{"role":"assistant","content":[{"type":"text","text":"So far"}]}])");
}

TEST(anthropic_settings, sampling_is_sent_as_far_as_the_model_takes_it) {
  struct Case {
    std::string_view model;
    double temperature;
    std::string_view written;  // temperature, top_p, top_k
  };
  for (const auto& c : {Case{"claude-sonnet-4-20250514", 0.5, "0.5 0.9 40"}, Case{"claude-sonnet-4-5", 0.5, "0.5  40"},
                        Case{"claude-opus-4-1", 1.7, "1  40"}, Case{"claude-opus-4-7", 0.5, "  "},
                        Case{"claude-mythos-preview", 0.5, "  "}, Case{"anthropic/claude-fable-5.1", 0.5, "  "},
                        Case{"claude-3-5-sonnet-20241022", 0.5, "0.5 0.9 40"}, Case{"llama", 2, "1 0.9 40"}}) {
    auto request = asking();
    request.temperature = c.temperature;
    request.top_p = 0.9;
    request.top_k = 40;
    request.seed = 5;
    request.presence_penalty = 1;
    const auto http = send(request, {.model = {.name = std::string(c.model)}});
    ASSERT_TRUE(http.has_value());
    EXPECT_EQ(fmt::format("{} {} {}", field(http->body, "temperature"), field(http->body, "top_p"),
                          field(http->body, "top_k")),
              c.written)
        << c.model;
    EXPECT_EQ(http->body.find("seed"), std::string::npos);
  }
  auto request = asking();
  request.temperature = 0.5;
  EXPECT_EQ(sent(request, "temperature", {.provider = {.quirks = {.anthropic_2026 = true}}}), "");
}

TEST(anthropic_settings, an_answer_has_a_limit_that_the_model_takes) {
  const auto limit = [](std::optional<int64_t> said, ModelSettings model) {
    auto request = asking();
    request.max_tokens = said;
    return sent(request, "max_tokens", {.model = std::move(model)});
  };
  EXPECT_EQ(limit(100, {.name = "claude-opus-4-5"}), "100");
  EXPECT_EQ(limit(0, {.name = "claude-opus-4-5"}), "0");
  EXPECT_EQ(limit(100'000, {.name = "claude-opus-4-5", .max_output = 64'000}), "64000");
  EXPECT_EQ(limit({}, {.name = "claude-opus-4-5", .max_output = 64'000}), "32000");
  EXPECT_EQ(limit({}, {.name = "claude-opus-4-5", .max_output = 8'192}), "8192");
  EXPECT_EQ(limit({}, {.name = "claude-opus-4-5"}), "16384");
  EXPECT_EQ(limit({}, {.name = "claude-3-haiku-20240307"}), "4096");
  EXPECT_EQ(limit({}, {.name = "claude-3-5-haiku-latest"}), "8192");
  EXPECT_EQ(limit({}, {.name = "qwen"}), "4096");
  EXPECT_EQ(limit({}, {.name = "qwen", .context_length = 1'024}), "1019");
  EXPECT_EQ(limit({}, {.name = "qwen", .context_length = 64}), "256");
}

TEST(anthropic_settings, an_answer_that_may_take_long_is_streamed) {
  auto request = asking();
  request.max_tokens = 21'333;
  EXPECT_EQ(sent(request, "stream"), "");
  request.max_tokens = 21'334;
  EXPECT_EQ(sent(request, "stream"), "true");
}

TEST(anthropic_settings, thinking_is_asked_for_in_the_models_way) {
  struct Case {
    std::string_view model;
    std::string_view effort;
    std::optional<int64_t> tokens;
    int64_t limit;
    std::string_view thinking;
    std::string_view output_config;
  };
  constexpr std::string_view adaptive = R"({"type":"adaptive"})";
  for (const auto& c : {
           Case{"claude-opus-4-5", "", {}, 10'000, "", ""},
           Case{"claude-opus-4-5", "low", {}, 10'000, R"({"type":"enabled","budget_tokens":4096})", ""},
           Case{"claude-opus-4-5", "", 2'000, 10'000, R"({"type":"enabled","budget_tokens":2000})", ""},
           Case{"claude-opus-4-5", "", 100, 10'000, R"({"type":"enabled","budget_tokens":1024})", ""},
           Case{"claude-opus-4-5", "", -1, 20'000, R"({"type":"enabled","budget_tokens":8192})", ""},
           Case{"claude-opus-4-5", "high", {}, 4'000, R"({"type":"enabled","budget_tokens":2999})", ""},
           Case{"claude-opus-4-5", "high", {}, 1'200, "", ""},
           Case{"claude-opus-4-5", "none", {}, 10'000, "", ""},
           Case{"claude-3-5-haiku-latest", "high", {}, 10'000, "", ""},
           Case{"claude-opus-4-6", "minimal", {}, 10'000, adaptive, R"({"effort":"low"})"},
           Case{"claude-opus-4-6", "xhigh", {}, 10'000, adaptive, R"({"effort":"high"})"},
           Case{"claude-opus-5", "xhigh", {}, 10'000, adaptive, R"({"effort":"xhigh"})"},
           Case{"claude-opus-5", "", 8'000, 10'000, adaptive, R"({"effort":"medium"})"},
           Case{"claude-opus-5", "", -1, 10'000, adaptive, ""},
           Case{"claude-opus-5", "none", {}, 10'000, R"({"type":"disabled"})", ""},
           Case{"qwen3", "low", {}, 10'000, R"({"type":"enabled","budget_tokens":4096})", ""},
           Case{"qwen3", "", 0, 10'000, R"({"type":"disabled"})", ""},
       }) {
    auto request = asking();
    request.reasoning_effort = c.effort;
    request.thinking_tokens = c.tokens;
    request.max_tokens = c.limit;
    const To to{.model = {.name = std::string(c.model)}};
    EXPECT_EQ(sent(request, "thinking", to), c.thinking) << c.model << c.effort;
    EXPECT_EQ(sent(request, "output_config", to), c.output_config) << c.model << c.effort;
  }
}

TEST(anthropic_settings, thinking_is_left_out_where_it_cannot_be) {
  const auto thinks = [](Request request, const To& to = {}) {
    request.max_tokens = 10'000;
    request.reasoning_effort = "low";
    request.temperature = 0.5;
    const auto thinking = sent(request, "thinking", to);
    // Whoever thinks does so at its own temperature.
    EXPECT_EQ(sent(request, "temperature", to).empty(), !thinking.empty());
    return !thinking.empty();
  };
  EXPECT_TRUE(thinks(asking()));
  auto forced = asking();
  forced.tools = {{.name = "f"}};
  forced.tool_choice.mode = ToolChoice::Mode::any;
  EXPECT_FALSE(thinks(std::move(forced)));
  EXPECT_FALSE(thinks(asking(), {.prefill = "x"}));
  EXPECT_FALSE(thinks(asking({says(Role::user, {{.text = "q"}}), says(Role::assistant, {{.text = "The"}})})));
  const auto loop = [](std::string_view seal) {
    return asking({says(Role::user, {{.text = "q"}}), says(Role::assistant, {thought("t", seal), call("c", "f")}),
                   answers("c", "r")});
  };
  EXPECT_TRUE(thinks(loop("weir.anthropic.s")));
  EXPECT_FALSE(thinks(loop("")));
  EXPECT_FALSE(thinks(loop("weir.gemini.s")));
}

TEST(anthropic_settings, a_schema_is_closed_where_the_api_wants_it) {
  auto request = asking();
  request.response_format = ResponseFormat::json_schema;
  request.json_schema = json::Value::made(
      R"({"type":"object","properties":{"properties":{"type":"string"},"a":{"type":"array","items":{"type":"object","properties":{}}},"b":{"anyOf":[{"type":"object","additionalProperties":true},{"type":"null"}]}},"$defs":{"x":{"properties":{}}}})");
  EXPECT_EQ(
      sent(request, "output_config"),
      R"({"format":{"type":"json_schema","schema":{"type":"object","properties":{"properties":{"type":"string"},"a":{"type":"array","items":{"type":"object","properties":{},"additionalProperties":false}},)"
      R"("b":{"anyOf":[{"type":"object","additionalProperties":true},{"type":"null"}]}},"$defs":{"x":{"properties":{},"additionalProperties":false}},"additionalProperties":false}}})");
  EXPECT_EQ(sent(request, "output_config", {.model = {.name = "qwen"}}),
            fmt::format(R"({{"format":{{"type":"json_schema","schema":{}}}}})", request.json_schema->text()));
}

}  // namespace
}  // namespace weir::anthropic_tests
