// Requests → bodies, paths and credentials of Converse.
#include <gtest/gtest.h>

#include "formats/bedrock/model_face.h"
#include "formats/format.h"

namespace weir {
namespace {

constexpr std::string_view claude_35 = "anthropic.claude-3-5-sonnet-20241022-v2:0";
constexpr std::string_view claude_45 = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
constexpr std::string_view claude_46 = "us.anthropic.claude-opus-4-6-v1";
constexpr std::string_view claude_5 = "global.anthropic.claude-opus-5";
constexpr std::string_view nova = "amazon.nova-pro-v1:0";
constexpr std::string_view llama = "meta.llama3-1-70b-instruct-v1:0";
constexpr std::string_view gpt = "openai.gpt-oss-120b-1:0";

Request read_openai(std::string_view rest, json::DocumentPool& pool) {
  auto body = std::string(R"({"model":"m",)").append(rest).append("}");
  auto request = client_face("openai").read({.operation = Operation::chat, .body = body}, pool);
  EXPECT_TRUE(request.has_value()) << (request ? "" : request.error().message) << body;
  return request ? std::move(*request) : Request{};
}

std::string minified(std::string_view text) {
  json::Document document;
  EXPECT_TRUE(document.parse_copy(text)) << text;
  return document.root().is_object() ? simdjson::minify(document.root()) : std::string(text);
}

// What the body of an OpenAI request, without its model, becomes.
std::string written(std::string_view rest, std::string_view model) {
  json::DocumentPool pool;
  const auto request = read_openai(rest, pool);
  const auto body = bedrock::write_body(request, model, "");
  if (!body) return std::string(to_string(body.error().code)) + " " + body.error().param;
  return minified(*body);
}

struct Case {
  std::string_view what, asked, sent;
  std::string_view model = claude_35;
};

void expect_all(std::span<const Case> cases) {
  for (const auto& one : cases) {
    const bool refused = one.sent.starts_with("unsupported");
    EXPECT_EQ(written(one.asked, one.model), refused ? std::string(one.sent) : minified(one.sent)) << one.what;
  }
}

TEST(bedrock_request, turns_alternate_and_hold_blocks) {
  constexpr std::array cases{
      Case{"one text", R"("messages":[{"role":"user","content":"hi"}])",
           R"({"messages":[{"role":"user","content":[{"text":"hi"}]}]})"},
      Case{
          "system texts from everywhere come first",
          R"("messages":[{"role":"system","content":"a"},{"role":"user","content":"b"},{"role":"developer","content":"c"},
              {"role":"user","content":"d"}])",
          R"({"system":[{"text":"a"},{"text":"c"}],
               "messages":[{"role":"user","content":[{"text":"b"},{"text":"d"}]}]})"},
      Case{
          "messages of one role are one turn",
          R"("messages":[{"role":"user","content":"a"},{"role":"user","content":"b"},{"role":"assistant","content":"c"},
              {"role":"assistant","content":"d"},{"role":"user","content":"e"}])",
          R"({"messages":[{"role":"user","content":[{"text":"a"},{"text":"b"}]},
               {"role":"assistant","content":[{"text":"c"},{"text":"d"}]},{"role":"user","content":[{"text":"e"}]}]})"},
      Case{
          "blank texts are no blocks, and messages of them no turns",
          R"("messages":[{"role":"system","content":" "},{"role":"user","content":"a"},{"role":"assistant","content":""},
              {"role":"user","content":[{"type":"text","text":"\n"},{"type":"text","text":"b "}]}])",
          R"({"messages":[{"role":"user","content":[{"text":"a"},{"text":"b "}]}]})"},
      Case{"a conversation that the model begins", R"("messages":[{"role":"assistant","content":"a"}])",
           "unsupported messages[0]"},
      Case{
          "a refusal is text",
          R"("messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]}])",
          R"({"messages":[{"role":"user","content":[{"text":"a"}]},{"role":"assistant","content":[{"text":"no"}]}]})"},
  };
  expect_all(cases);
}

constexpr std::string_view a_tool = R"("tools":[{"type":"function","function":{"name":"f","description":"d",
  "parameters":{"type":"object","properties":{"x":{"type":"number"}}}}}])";
constexpr std::string_view its_spec =
    R"({"toolSpec":{"name":"f","description":"d","inputSchema":{"json":{"type":"object","properties":{"x":{"type":"number"}}}}}})";

std::string with_tool(std::string_view rest) { return std::string(a_tool) + "," + std::string(rest); }
std::string config(std::string_view rest) {
  return R"("toolConfig":{"tools":[)" + std::string(its_spec) + "]" + std::string(rest) + "}";
}
const std::string a_user = R"("messages":[{"role":"user","content":"hi"}])";
const std::string a_user_sent = R"("messages":[{"role":"user","content":[{"text":"hi"}]}])";

TEST(bedrock_request, tools_are_declared_and_chosen) {
  struct Choice {
    std::string asked, config, additional, model;
  };
  const auto none = [](std::string_view model) { return std::string(model); };
  for (const auto& one : {
           Choice{"", config(""), "", none(llama)},
           Choice{R"(,"tool_choice":"auto")", config(R"(,"toolChoice":{"auto":{}})"), "", none(llama)},
           Choice{R"(,"tool_choice":"required")", config(R"(,"toolChoice":{"any":{}})"), "", none(llama)},
           Choice{R"(,"tool_choice":{"type":"function","function":{"name":"f"}})",
                  config(R"(,"toolChoice":{"tool":{"name":"f"}})"), "", none(llama)},
           Choice{R"(,"tool_choice":"none")", "", "", none(llama)},
           Choice{R"(,"parallel_tool_calls":true)", config(""), "", none(llama)},
           Choice{R"(,"parallel_tool_calls":false)", config(""),
                  R"({"tool_choice":{"type":"auto","disable_parallel_tool_use":true}})", none(claude_45)},
           Choice{R"(,"tool_choice":"required","parallel_tool_calls":false)", config(""),
                  R"({"tool_choice":{"type":"any","disable_parallel_tool_use":true}})", none(claude_5)},
           Choice{R"(,"tool_choice":{"type":"function","function":{"name":"f"}},"parallel_tool_calls":false)",
                  config(""), R"({"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true}})",
                  none(claude_45)},
       }) {
    auto expected = "{" + a_user_sent;
    if (!one.config.empty()) expected += "," + one.config;
    if (!one.additional.empty()) expected += R"(,"additionalModelRequestFields":)" + one.additional;
    EXPECT_EQ(written(with_tool(a_user) + one.asked, one.model), minified(expected + "}")) << one.asked;
  }
  EXPECT_EQ(written(with_tool(a_user) + R"(,"parallel_tool_calls":false)", claude_35),
            "unsupported parallel_tool_calls");
  EXPECT_EQ(written(a_user + R"(,"parallel_tool_calls":false)", llama), minified("{" + a_user_sent + "}"))
      << "without tools it means nothing";
  EXPECT_EQ(written(a_user + R"(,"tools":[{"type":"function","function":{"name":"a b"}}])", llama),
            "unsupported tools[0].name");
  EXPECT_EQ(written(a_user + R"(,"tools":[{"type":"function","function":{"name":"g","strict":true}}])", llama),
            minified("{" + a_user_sent +
                     R"(,"toolConfig":{"tools":[{"toolSpec":{"name":"g","inputSchema":{"json":{"type":"object",
                        "properties":{}}},"strict":true}}]}})"));
}

const std::string a_call = R"("messages":[{"role":"user","content":"hi"},
  {"role":"assistant","content":"so","tool_calls":[
    {"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},
    {"id":"call|2 ü","type":"function","function":{"name":"f","arguments":""}}]},
  {"role":"tool","tool_call_id":"call_1","content":"one"},
  {"role":"tool","tool_call_id":"call|2 ü","content":""},
  {"role":"user","content":"go on"}])";

TEST(bedrock_request, calls_and_results_stand_in_their_turns) {
  const auto sent = written(with_tool(a_call), llama);
  json::Document document;
  ASSERT_TRUE(document.parse_copy(sent)) << sent;
  std::string_view made;
  ASSERT_EQ(document.root().at_pointer("/messages/1/content/2/toolUse/toolUseId").get(made), simdjson::SUCCESS);
  EXPECT_EQ(made.size(), 22U);
  const std::string id(made);
  const auto results = R"j("content":[{"toolResult":{"toolUseId":"call_1","content":[{"text":"one"}]}},
      {"toolResult":{"toolUseId":")j" +
                       id + R"j(","content":[{"text":"(empty)"}]}},{"text":"go on"}]}],)j";
  EXPECT_EQ(sent, minified(R"({"messages":[{"role":"user","content":[{"text":"hi"}]},
    {"role":"assistant","content":[{"text":"so"},{"toolUse":{"toolUseId":"call_1","name":"f","input":{"x":1}}},
      {"toolUse":{"toolUseId":")" +
                           id + R"(","name":"f","input":{}}}]},
    {"role":"user",)" + results +
                           config("") + "}"));
}

// Bedrock refuses blocks of tools that nobody declares.
TEST(bedrock_request, tools_that_were_called_stay_declared) {
  const std::string none = R"("additionalModelRequestFields":{"tool_choice":{"type":"none"}})";
  EXPECT_TRUE(written(with_tool(a_call) + R"(,"tool_choice":"none")", claude_45)
                  .ends_with(minified("{" + config("") + "," + none + "}").substr(1)));
  EXPECT_TRUE(
      written(a_call, claude_45)
          .ends_with(
              minified(
                  R"({"toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object"}}}}]},)" +
                  none + "}")
                  .substr(1)));
  for (const auto model : {claude_35, nova, llama}) {
    EXPECT_EQ(written(with_tool(a_call) + R"(,"tool_choice":"none")", model), "unsupported tool_choice");
    EXPECT_EQ(written(a_call, model), "unsupported tools");
  }
}

TEST(bedrock_request, settings_have_their_places) {
  const std::array cases{
      Case{
          "all of them",
          R"("messages":[{"role":"user","content":"hi"}],"max_completion_tokens":9,"temperature":0.5,"top_p":0.25,
              "stop":["a","","b"],"seed":7,"presence_penalty":1,"frequency_penalty":1,"user":"u")",
          R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens":9,"temperature":0.5,
               "topP":0.25,"stopSequences":["a","b"]}})",
          llama},
      Case{
          "a schema, as text",
          R"("messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_schema","json_schema":{"name":"n",
              "strict":true,"schema":{"type":"object"}}})",
          R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],"outputConfig":{"textFormat":{"type":"json_schema",
               "structure":{"jsonSchema":{"schema":"{\"type\":\"object\"}","name":"n"}}}}})"},
      Case{"JSON without a schema",
           R"("messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_object"})",
           "unsupported response_format"},
      Case{"several answers", R"("messages":[{"role":"user","content":"hi"}],"n":2)", "unsupported n"},
      Case{"probabilities", R"("messages":[{"role":"user","content":"hi"}],"logprobs":true)", "unsupported logprobs"},
      Case{"a heat that Bedrock has not", R"("messages":[{"role":"user","content":"hi"}],"temperature":1.5)",
           "unsupported temperature"},
  };
  expect_all(cases);
}

TEST(bedrock_request, thoughts_are_asked_for_as_each_model_can_be_told) {
  struct Told {
    std::string_view what, model, asked, sent;
  };
  for (
      const auto& one : {
          Told{"a budget", claude_45, R"("reasoning_effort":"low")",
               R"("additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":4096}})"},
          Told{
              "a budget within what may be said", claude_45, R"("reasoning_effort":"high","max_tokens":3000)",
              R"("inferenceConfig":{"maxTokens":3000},"additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":2999}})"},
          Told{"no room to think", claude_45, R"("reasoning_effort":"high","max_tokens":1024)",
               R"("inferenceConfig":{"maxTokens":1024})"},
          Told{"thoughts leave no choice of sampling", claude_45,
               R"("reasoning_effort":"low","temperature":0.2,"top_p":0.5)",
               R"("additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":4096}})"},
          Told{"no thoughts, said to one that does not think unasked", claude_45,
               R"("reasoning_effort":"none","temperature":0.2)", R"("inferenceConfig":{"temperature":0.2})"},
          Told{"an effort", claude_46, R"("reasoning_effort":"minimal")",
               R"("additionalModelRequestFields":{"thinking":{"type":"adaptive"}},"outputConfig":{"effort":"low"})"},
          Told{"an effort that it does not know yet", claude_46, R"("reasoning_effort":"xhigh")",
               R"("additionalModelRequestFields":{"thinking":{"type":"adaptive"}},"outputConfig":{"effort":"high"})"},
          Told{"the same, newer", claude_5, R"("reasoning_effort":"xhigh")",
               R"("additionalModelRequestFields":{"thinking":{"type":"adaptive"}},"outputConfig":{"effort":"xhigh"})"},
          Told{"no thoughts", claude_5, R"("reasoning_effort":"none")",
               R"("additionalModelRequestFields":{"thinking":{"type":"disabled"}})"},
          Told{"one that refuses sampling", claude_5, R"("temperature":0.2,"top_p":0.5,"max_tokens":5)",
               R"("inferenceConfig":{"maxTokens":5})"},
          Told{"one that cannot think", claude_35, R"("reasoning_effort":"high","temperature":0.2)",
               R"("inferenceConfig":{"temperature":0.2})"},
          Told{"OpenAI's open weights", gpt, R"("reasoning_effort":"high")",
               R"("additionalModelRequestFields":{"reasoning_effort":"high"})"},
          Told{"what OpenAI's open weights do not know", gpt, R"("reasoning_effort":"xhigh")", ""},
          Told{"a model that hides behind a profile",
               "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/x1",
               R"("reasoning_effort":"high")", ""},
      }) {
    auto expected = "{" + a_user_sent;
    if (!one.sent.empty()) expected += "," + std::string(one.sent);
    EXPECT_EQ(written(a_user + "," + std::string(one.asked), one.model), minified(expected + "}")) << one.what;
  }
  EXPECT_EQ(written(with_tool(a_user) + R"(,"tool_choice":"required","reasoning_effort":"low")", claude_45),
            minified("{" + a_user_sent + "," + config(R"(,"toolChoice":{"any":{}})") + "}"))
      << "a tool that must be called cannot be thought over";
}

TEST(bedrock_request, a_turn_of_tools_goes_on_with_thoughts_only_where_their_seals_are_kept) {
  json::DocumentPool pool;
  for (const std::string_view seal : {"", "weir.anthropic.abc", "weir.bedrock.abc"}) {
    auto request =
        read_openai(with_tool(R"("messages":[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[
      {"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
      {"role":"tool","tool_call_id":"c","content":"r"}],"reasoning_effort":"low")"),
                    pool);
    auto& parts = request.messages[1].parts;
    parts.insert(parts.begin(), Part{.kind = Part::Kind::thinking, .text = "hm", .signature = seal});
    const auto body = bedrock::write_body(request, claude_45, "");
    ASSERT_TRUE(body);
    const bool kept = seal == "weir.bedrock.abc";
    EXPECT_EQ(body->find(R"("thinking")") != std::string::npos, kept) << seal;
    EXPECT_EQ(
        body->find(R"({"reasoningContent":{"reasoningText":{"text":"hm","signature":"abc"}}})") != std::string::npos,
        kept)
        << *body;
    EXPECT_EQ(body->find("hm") != std::string::npos, kept) << "a thought without its seal is not sent";
  }
}

TEST(bedrock_request, sealed_thoughts_go_back_as_they_came) {
  json::DocumentPool pool;
  auto request = read_openai(
      R"("messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"so"},{"role":"user","content":"?"}])",
      pool);
  auto& parts = request.messages[1].parts;
  parts.insert(parts.begin(), Part{.kind = Part::Kind::thinking, .signature = "weir.bedrock.redacted.QUJD"});
  parts.insert(parts.begin(), Part{.kind = Part::Kind::thinking, .signature = "weir.bedrock.c2VhbA=="});
  const auto body = bedrock::write_body(request, claude_45, "");
  ASSERT_TRUE(body);
  EXPECT_NE(
      body->find(
          R"([{"reasoningContent":{"reasoningText":{"text":"","signature":"c2VhbA=="}}},{"reasoningContent":{"redactedContent":"QUJD"}},{"text":"so"}])"),
      std::string::npos)
      << *body;
}

TEST(bedrock_request, caches_are_marked_where_the_model_has_one) {
  json::DocumentPool pool;
  for (const auto& [model, caches] :
       std::initializer_list<std::pair<std::string_view, bool>>{{claude_45, true}, {nova, true}, {llama, false}}) {
    auto request =
        read_openai(with_tool(R"("messages":[{"role":"system","content":"s"},{"role":"user","content":"a"}])"), pool);
    request.messages[0].parts[0].cache = true;
    request.messages[1].parts[0].cache = true;
    request.tools[0].cache = true;
    const auto body = bedrock::write_body(request, model, "");
    ASSERT_TRUE(body);
    const std::string mark = caches ? R"(,{"cachePoint":{"type":"default"}})" : "";
    EXPECT_EQ(*body,
              minified(R"({"system":[{"text":"s"})" + mark + R"(],"messages":[{"role":"user","content":[{"text":"a"})" +
                       mark + R"(]}],"toolConfig":{"tools":[)" + std::string(its_spec) + mark + "]}}"));
  }
}

TEST(bedrock_request, top_k_goes_where_its_maker_has_it) {
  json::DocumentPool pool;
  for (const auto& [model, sent] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {claude_45, R"({"top_k":7})"}, {nova, R"({"inferenceConfig":{"topK":7}})"}, {claude_5, ""}, {llama, ""}}) {
    auto request = read_openai(a_user, pool);
    request.top_k = 7;
    const auto body = bedrock::write_body(request, model, "");
    ASSERT_TRUE(body);
    const auto additional = sent.empty() ? std::string() : R"(,"additionalModelRequestFields":)" + std::string(sent);
    EXPECT_EQ(*body, minified("{" + a_user_sent + additional + "}")) << model;
  }
}

// ---- media

std::string image_message(std::string_view url) {
  return R"("messages":[{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":")" +
         std::string(url) + R"("}}]}])";
}

TEST(bedrock_request, media_are_inline_and_of_known_formats) {
  EXPECT_EQ(written(image_message("data:image/png;base64,AAAA"), claude_35),
            minified(R"({"messages":[{"role":"user","content":[{"text":"see"},
              {"image":{"format":"png","source":{"bytes":"AAAA"}}}]}]})"));
  for (const std::string_view url :
       {"https://example.org/x.png", "data:image/bmp;base64,AAAA", "data:image/png,AAAA"}) {
    EXPECT_EQ(written(image_message(url), claude_35), "unsupported messages[0].content[1]") << url;
  }
  const auto large = "data:image/png;base64," + std::string(5'300'000, 'A');
  EXPECT_EQ(written(image_message(large), claude_35), "unsupported messages[0].content[1]");

  json::DocumentPool pool;
  const auto with = [&](std::vector<Part> parts, Role role = Role::user) {
    auto request = read_openai(R"("messages":[{"role":"user","content":"hi"}])", pool);
    request.messages.push_back({.role = role, .parts = std::move(parts)});
    const auto body = bedrock::write_body(request, claude_45, "");
    return body ? *body : std::string(to_string(body.error().code)) + " " + body.error().param;
  };
  const auto medium = [](Media::Kind kind, std::string_view mime, std::string_view name = {}) {
    return Part{.kind = Part::Kind::media, .media = {.kind = kind, .mime = mime, .data = "QQ==", .name = name}};
  };
  using Kind = Media::Kind;
  EXPECT_NE(with({medium(Kind::video, "video/mp4")}).find(R"({"video":{"format":"mp4","source":{"bytes":"QQ=="}}})"),
            std::string::npos);
  EXPECT_NE(with({medium(Kind::audio, "audio/mpeg")}).find(R"({"audio":{"format":"mp3","source":{"bytes":"QQ=="}}})"),
            std::string::npos);
  // Two of one name, one whose name has what may not stand there, and one without.
  const auto documents =
      with({medium(Kind::document, "application/pdf", "Plan_2026/(v2).pdf"),
            medium(Kind::document, "text/plain; charset=utf-8", "Plan 2026 (v2).txt"),
            medium(Kind::document, "text/csv", "…"), medium(Kind::document, "text/markdown"), Part{.text = "read"}});
  for (const std::string_view block :
       {R"j({"document":{"format":"pdf","name":"Plan 2026 (v2)","source":{"bytes":"QQ=="}}})j",
        R"j({"document":{"format":"txt","name":"Plan 2026 (v2) 2","source":)j",
        R"j({"document":{"format":"csv","name":"document","source":)j",
        R"j({"document":{"format":"md","name":"document 2","source":)j"}) {
    EXPECT_NE(documents.find(block), std::string::npos) << documents;
  }
  EXPECT_EQ(with({medium(Kind::document, "application/json")}), "unsupported messages[1].content[0]");
  EXPECT_EQ(with({medium(Kind::image, "image/png")}, Role::assistant), "unsupported messages[1].content[0]");
  EXPECT_EQ(with({medium(Kind::audio, "audio/wav")}, Role::tool), "unsupported messages[1].content[0]");
  EXPECT_EQ(with({medium(Kind::image, "image/png")}, Role::system), "unsupported messages[1].content[0]");
  EXPECT_EQ(with(std::vector<Part>(21, medium(Kind::image, "image/png"))), "unsupported messages[1].content[20]");
  EXPECT_EQ(with(std::vector<Part>(6, medium(Kind::document, "text/plain"))), "unsupported messages[1].content[5]");
}

TEST(bedrock_request, a_document_wants_text_in_its_turn) {
  json::DocumentPool pool;
  auto request = read_openai(
      R"("messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"yes?"},{"role":"user","content":""}])",
      pool);
  request.messages[2].parts = {
      Part{.kind = Part::Kind::media, .media = {.kind = Media::Kind::document, .mime = "text/plain", .data = "QQ=="}}};
  const auto alone = bedrock::write_body(request, claude_45, "");
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().param, "messages[2].content[0]");
  request.messages.push_back({.role = Role::user, .parts = {Part{.text = "read this"}}});
  EXPECT_TRUE(bedrock::write_body(request, claude_45, ""))
      << "the text may come after, as the next message of the turn";
}

TEST(bedrock_request, results_of_tools_hold_images_and_say_that_they_failed) {
  json::DocumentPool pool;
  auto request = read_openai(with_tool(a_call), pool);
  request.messages[2].parts.push_back({.kind = Part::Kind::media, .media = {.mime = "image/png", .data = "QQ=="}});
  request.messages[3].is_error = true;
  const auto body = bedrock::write_body(request, claude_45, "");
  ASSERT_TRUE(body);
  for (const std::string_view piece :
       {R"j("content":[{"text":"one"},{"image":{"format":"png","source":{"bytes":"QQ=="}}}]}})j",
        R"j("content":[{"text":"(empty)"}],"status":"error"}})j"}) {
    EXPECT_NE(body->find(piece), std::string::npos) << *body;
  }
}

// ---- path, credential

HttpRequest sent(std::string_view key, std::string_view url, std::string_view model, bool stream,
                 std::vector<std::pair<std::string, std::string>> extra = {}) {
  json::DocumentPool pool;
  auto request = read_openai(a_user, pool);
  request.stream = stream;
  ProviderSettings provider{.id = "aws", .api_key = std::string(key), .headers = std::move(extra)};
  EXPECT_TRUE(parse_url(url, provider.url));
  const ModelSettings settings{.name = std::string(model)};
  auto http =
      model_face("bedrock").write(request, {.provider = provider, .model = settings, .wall_s = 1'700'000'000}, "");
  EXPECT_TRUE(http.has_value());
  return http ? *http : HttpRequest{};
}

TEST(bedrock_request, the_model_is_one_segment_of_the_path) {
  constexpr std::string_view url = "https://bedrock-runtime.us-east-1.amazonaws.com";
  const auto whole = sent("token", url, claude_35, false);
  EXPECT_EQ(whole.path, "/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse");
  EXPECT_EQ(whole.method, "POST");
  EXPECT_EQ(whole.headers.get("authorization"), "Bearer token");
  EXPECT_EQ(whole.headers.get("accept"), "application/json");
  const auto stream = sent("token", url, "arn:aws:bedrock:eu-west-1:1:inference-profile/../x?y#z", true);
  EXPECT_EQ(stream.path,
            "/model/arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Ainference-profile%2F..%2Fx%3Fy%23z/converse-stream");
  EXPECT_EQ(stream.headers.get("accept"), "application/vnd.amazon.eventstream");
}

TEST(bedrock_request, a_key_pair_signs_for_the_region_in_the_hosts_name) {
  for (const auto& [url, region] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"https://bedrock-runtime.eu-central-1.amazonaws.com", "eu-central-1"},
           {"https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"},
           {"https://bedrock-runtime.cn-north-1.amazonaws.com.cn", "cn-north-1"},
           {"https://bedrock-runtime.us-west-2.api.aws", "us-west-2"},
           {"https://vpce-0a1.bedrock-runtime.ap-south-1.vpce.amazonaws.com", "ap-south-1"},
           {"http://127.0.0.1:8080", "us-east-1"},
           {"http://localhost/bedrock-runtime", "us-east-1"},
           {"https://bedrock-runtime", "us-east-1"},
           {"https://bedrock-runtime.x", "us-east-1"},
       }) {
    const auto http = sent("AKID:secret", url, claude_35, false);
    const auto expected = "AWS4-HMAC-SHA256 Credential=AKID/20231114/" + std::string(region) +
                          "/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=";
    EXPECT_TRUE(http.headers.get("authorization").starts_with(expected))
        << url << " " << http.headers.get("authorization");
  }
  const auto hours = sent("AKID:secret:token", "https://bedrock-runtime.us-east-1.amazonaws.com", claude_35, true);
  EXPECT_EQ(hours.headers.get("x-amz-security-token"), "token");
}

TEST(bedrock_request, what_the_config_says_of_headers_holds) {
  constexpr std::string_view url = "https://bedrock-runtime.us-east-1.amazonaws.com";
  const auto own = sent("AKID:secret", url, claude_35, false, {{"Authorization", "Custom x"}});
  EXPECT_EQ(own.headers.get("authorization"), "Custom x");
  const auto traced = sent("AKID:secret", url, claude_35, false, {{"X-Amzn-Bedrock-Trace", "ENABLED"}});
  EXPECT_EQ(traced.headers.get("x-amzn-bedrock-trace"), "ENABLED");
}

TEST(bedrock_request, half_a_credential_is_our_fault_and_not_the_callers) {
  json::DocumentPool pool;
  const auto request = read_openai(a_user, pool);
  for (const std::string_view key : {":", "AKID:", ":secret", "AKID::token"}) {
    const ProviderSettings provider{.id = "aws", .url = {.host = "h"}, .api_key = std::string(key)};
    const ModelSettings model{.name = "m"};
    const auto http = model_face("bedrock").write(request, {.provider = provider, .model = model}, "");
    ASSERT_FALSE(http) << key;
    EXPECT_EQ(http.error().code, ErrorCode::upstream_auth);
    EXPECT_EQ(http.error().message.find("secret "), std::string::npos);
  }
}

TEST(bedrock_request, what_was_already_said_becomes_the_last_turn) {
  json::DocumentPool pool;
  const auto request = read_openai(a_user, pool);
  const auto body = bedrock::write_body(request, claude_35, "Once upon");
  ASSERT_TRUE(body);
  EXPECT_EQ(
      *body,
      minified(
          R"({"messages":[{"role":"user","content":[{"text":"hi"}]},{"role":"assistant","content":[{"text":"Once upon"}]}]})"));
}

TEST(bedrock_model, families_are_told_by_their_names) {
  using enum bedrock::ModelFamily::Maker;
  struct Known {
    std::string_view name;
    bedrock::ModelFamily::Maker maker;
    int version;
  };
  for (const auto& [name, maker, version] :
       {Known{claude_35, claude, 305}, Known{claude_45, claude, 405}, Known{claude_46, claude, 406},
        Known{claude_5, claude, 500}, Known{"anthropic.claude-3-haiku-20240307-v1:0", claude, 300},
        Known{"anthropic.claude-3-7-sonnet-20250219-v1:0", claude, 307},
        Known{"us.anthropic.claude-sonnet-4-20250514-v1:0", claude, 400},
        Known{"anthropic.claude-opus-4-1-20250805-v1:0", claude, 401}, Known{"anthropic.claude-instant-v1", claude, 0},
        Known{"anthropic.claude-v2:1", claude, 0}, Known{"anthropic.claude-", claude, 0},
        Known{"arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0", claude, 405},
        Known{"us.amazon.nova-lite-v1:0", bedrock::ModelFamily::Maker::nova, 0},
        Known{"openai.gpt-oss-20b-1:0", bedrock::ModelFamily::Maker::gpt, 0}, Known{llama, unknown, 0},
        Known{"", unknown, 0}}) {
    EXPECT_EQ(bedrock::family_of(name).maker, maker) << name;
    EXPECT_EQ(bedrock::family_of(name).version, version) << name;
  }
}

}  // namespace
}  // namespace weir
