// What clients of Anthropic's format send → canonical form, and what of it is refused, foreign or left out.
#include <gtest/gtest.h>

#include "formats/format.h"

namespace weir {
namespace {

const ClientFace& face() { return client_face("anthropic"); }

class anthropic_request : public testing::Test {
 protected:
  Result<Request> read(std::string body, Operation operation = Operation::chat) {
    return face().read({.operation = operation, .body = std::move(body)}, pool_);
  }
  // With the fields that must be there.
  Result<Request> read_with(std::string_view fields) {
    return read(fmt::format(R"({{"model":"m","max_tokens":9,"messages":[{{"role":"user","content":"hi"}}]{}{}}})",
                            fields.empty() ? "" : ",", fields));
  }
  Result<Request> read_messages(std::string_view messages) {
    return read(fmt::format(R"({{"model":"m","max_tokens":9,"messages":{}}})", messages));
  }
  json::DocumentPool pool_;
};

std::string_view kind_name(Part::Kind kind) {
  constexpr std::array<std::string_view, 6> names = {"text", "refusal", "thinking", "media", "tool_call", "foreign"};
  return names[static_cast<std::size_t>(kind)];
}

std::string shown(const Part& part) {
  std::string out(kind_name(part.kind));
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out += fmt::format(" {}={}", name, value);
  };
  add("text", part.text);
  add("id", part.id);
  add("name", part.name);
  add("seal", part.signature);
  add("mime", part.media.mime);
  add("data", part.media.data);
  add("url", part.media.url);
  add("file", part.media.file);
  add("title", part.media.name);
  if (part.cache) out += " cache";
  return out;
}

// `user: text text=hi | media …`, a line a message.
std::string shown(const Request& request) {
  constexpr std::array<std::string_view, 5> roles = {"system", "developer", "user", "assistant", "tool"};
  std::string out;
  for (const auto& message : request.messages) {
    out += roles[static_cast<std::size_t>(message.role)];
    if (!message.tool_call_id.empty()) out += fmt::format("({})", message.tool_call_id);
    if (message.is_error) out += "!";
    std::string_view before = ": ";
    for (const auto& part : message.parts) out += fmt::format("{}{}", std::exchange(before, " | "), shown(part));
    out += "\n";
  }
  return out;
}

TEST_F(anthropic_request, a_plain_question_is_read) {
  const auto request = read_with(R"("stream":true,"temperature":0.5,"top_p":0.9,"top_k":5,"stop_sequences":["a","b"])");
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_EQ(request->format, "anthropic");
  EXPECT_EQ(request->model, "m");
  EXPECT_EQ(request->max_tokens, 9);
  EXPECT_TRUE(request->stream);
  EXPECT_TRUE(request->include_usage);
  EXPECT_EQ(request->temperature, 0.5);
  EXPECT_EQ(request->top_p, 0.9);
  EXPECT_EQ(request->top_k, 5);
  EXPECT_EQ(request->stop, (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(shown(*request), "user: text text=hi\n");
  EXPECT_EQ(request->text_bytes, 2U);
}

TEST_F(anthropic_request, blocks_become_messages_and_parts_in_their_order) {
  struct Case {
    std::string_view messages;
    std::string_view read;
  };
  const Case cases[] = {
      {R"([{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"text","text":"b"}]}])",
       "user: text text=a cache | text text=b\n"},
      {R"([{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},
          {"type":"image","source":{"type":"url","url":"https://x.test/a"}}]}])",
       "user: media mime=image/png data=AAAA | media url=https://x.test/a\n"},
      {R"([{"role":"user","content":[{"type":"document","title":"T","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}}]}])",
       "user: media mime=application/pdf data=JVBE title=T\n"},
      {R"([{"role":"user","content":[{"type":"document","context":"C","source":{"type":"url","url":"https://x.test/p"},"citations":{"enabled":false}}]}])",
       "user: text text=C | media mime=application/pdf url=https://x.test/p\n"},
      {R"([{"role":"user","content":[{"type":"document","title":"T","cache_control":{"type":"ephemeral"},"source":{"type":"text","media_type":"text/plain","data":"words"}}]}])",
       "user: text text=T | text text=words cache\n"},
      {R"([{"role":"user","content":[{"type":"document","source":{"type":"content","content":"words"}}]}])",
       "user: text text=words\n"},
      {R"([{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{"type":"text","text":"w"},
          {"type":"image","source":{"type":"url","url":"https://x.test/a"}}]}}]}])",
       "user: text text=w | media url=https://x.test/a\n"},
      {R"([{"role":"user","content":"q"},
          {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"redacted_thinking","data":"xx"},
           {"type":"thinking","thinking":"","signature":"t"},{"type":"text","text":"let me see"},
           {"type":"tool_use","id":"t1","name":"f","input":{"a": [1, 2]}},{"type":"tool_use","id":"t2","name":"g","input":{}}]},
          {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"one","cache_control":{"type":"ephemeral"}},
           {"type":"tool_result","tool_use_id":"t2","is_error":true,"content":[{"type":"text","text":"two"},
            {"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"BBBB"}}]},
           {"type":"text","text":"and?"}]}])",
       "user: text text=q\n"
       "assistant: thinking text=hm seal=s | thinking seal=redacted.xx | thinking seal=t | text text=let me see | "
       "tool_call text={\"a\":[1,2]} id=t1 name=f | tool_call text={} id=t2 name=g\n"
       "tool(t1): text text=one cache\n"
       "tool(t2)!: text text=two | media mime=image/jpeg data=BBBB\n"
       "user: text text=and?\n"},
      {R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"tool_result","tool_use_id":"t"},{"type":"text","text":"b"}]}])",
       "user: text text=a\ntool(t)\nuser: text text=b\n"},
      {R"([{"role":"user","content":"a"},{"role":"system","content":[{"type":"text","text":"s"}]},{"role":"assistant","content":"The"}])",
       "user: text text=a\nsystem: text text=s\nassistant: text text=The\n"},
      {R"([{"role":"user","content":[]}])", "user\n"},
      {R"([{"role":"user","content":""}])", "user: text\n"},
      {R"([{"role":"assistant","content":[{"type":"redacted_thinking","data":"weir.gemini.g"}]},{"role":"user","content":"x"}])",
       "assistant: thinking seal=weir.gemini.g\nuser: text text=x\n"},
  };
  for (const auto& c : cases) {
    const auto request = read_messages(c.messages);
    ASSERT_TRUE(request.has_value()) << request.error().message << "\n" << c.messages;
    EXPECT_EQ(shown(*request), c.read);
    EXPECT_TRUE(request->foreign.empty()) << c.messages;
  }
}

TEST_F(anthropic_request, the_system_text_stands_first_wherever_the_body_has_it) {
  const auto one = read_with(R"("system":"be brief")");
  ASSERT_TRUE(one.has_value());
  EXPECT_EQ(shown(*one), "system: text text=be brief\nuser: text text=hi\n");
  const auto blocks = read(
      R"({"system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"b"}],
          "messages":[{"role":"user","content":"hi"}],"model":"m","max_tokens":1})");
  ASSERT_TRUE(blocks.has_value());
  EXPECT_EQ(shown(*blocks), "system: text text=a cache | text text=b\nuser: text text=hi\n");
  EXPECT_EQ(shown(*read_with(R"("system":[])")), "user: text text=hi\n");
}

TEST_F(anthropic_request, the_body_can_mark_its_last_block_for_the_cache) {
  EXPECT_EQ(shown(*read_with(R"("cache_control":{"type":"ephemeral"})")), "user: text text=hi cache\n");
}

TEST_F(anthropic_request, tools_and_the_choice_among_them_are_read) {
  const auto request = read_with(
      R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object"},"strict":true,"cache_control":{"type":"ephemeral"}},
                  {"type":"custom","name":"g","input_schema":{}},{"type":null,"name":"h","input_schema":{},"eager_input_streaming":true}],
         "tool_choice":{"type":"tool","name":"g","disable_parallel_tool_use":true})");
  ASSERT_TRUE(request.has_value()) << request.error().message;
  ASSERT_EQ(request->tools.size(), 3U);
  EXPECT_EQ(request->tools[0].description, "d");
  EXPECT_EQ(request->tools[0].strict, true);
  EXPECT_TRUE(request->tools[0].cache);
  EXPECT_EQ(request->tools[0].parameters->to_string(), R"({"type":"object"})");
  EXPECT_FALSE(request->tools[1].strict.has_value());
  EXPECT_EQ(request->tool_choice.mode, ToolChoice::Mode::named);
  EXPECT_EQ(request->tool_choice.name, "g");
  EXPECT_EQ(request->parallel_tool_calls, false);
  EXPECT_EQ(request->left_out, (std::vector<std::string_view>{"tools.eager_input_streaming"}));
  EXPECT_GT(request->text_bytes, 200U);
  using Mode = ToolChoice::Mode;
  for (const auto& [type, mode] : {std::pair("auto", Mode::automatic), {"any", Mode::any}, {"none", Mode::none}}) {
    const auto other = read_with(fmt::format(R"("tool_choice":{{"type":"{}"}})", type));
    EXPECT_EQ(other->tool_choice.mode, mode);
    EXPECT_FALSE(other->parallel_tool_calls.has_value());
  }
}

TEST_F(anthropic_request, thinking_effort_and_form_are_read) {
  struct Case {
    std::string_view fields;
    std::optional<int64_t> tokens;
    std::optional<bool> show;
    std::string_view effort;
    bool schema = false;
  };
  for (const auto& c :
       {Case{R"("thinking":{"type":"enabled","budget_tokens":2048})", 2048, true, ""},
        Case{R"("thinking":{"type":"disabled"})", 0, std::nullopt, ""},
        Case{R"("thinking":{"type":"adaptive"})", -1, true, ""},
        Case{R"("thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"xhigh"})", -1, false,
             "xhigh"},
        Case{R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object"}},"effort":null})",
             std::nullopt, std::nullopt, "", true},
        Case{R"("output_format":{"type":"json_schema","schema":{"type":"object"}})", std::nullopt, std::nullopt, "",
             true},
        Case{R"("thinking":null,"output_config":null)", std::nullopt, std::nullopt, ""}}) {
    const auto request = read_with(c.fields);
    ASSERT_TRUE(request.has_value()) << request.error().message << c.fields;
    EXPECT_EQ(request->thinking_tokens, c.tokens) << c.fields;
    EXPECT_EQ(request->show_thinking, c.show) << c.fields;
    EXPECT_EQ(request->reasoning_effort, c.effort) << c.fields;
    EXPECT_EQ(request->response_format == ResponseFormat::json_schema, c.schema) << c.fields;
    EXPECT_EQ(request->json_schema.has_value(), c.schema);
  }
}

TEST_F(anthropic_request, what_is_wrong_is_refused_with_its_place) {
  struct Case {
    std::string_view body;
    std::string_view param;
  };
  constexpr std::string_view rest = R"("max_tokens":1,"messages":[{"role":"user","content":"hi"}])";
  const auto with = [&](std::string_view fields) { return fmt::format(R"({{"model":"m",{},{}}})", rest, fields); };
  const auto saying = [&](std::string_view message) {
    return fmt::format(R"({{"model":"m","max_tokens":1,"messages":[{}]}})", message);
  };
  const auto block = [&](std::string_view role, std::string_view content) {
    return saying(fmt::format(R"({{"role":"{}","content":[{}]}})", role, content));
  };
  const std::pair<std::string, std::string_view> cases[] = {
      {R"([])", ""},
      {R"({"max_tokens":1,"messages":[{"role":"user","content":"hi"}]})", "model"},
      {R"({"model":3,"max_tokens":1,"messages":[]})", "model"},
      {R"({"model":"m","max_tokens":1})", "messages"},
      {R"({"model":"m","max_tokens":1,"messages":[]})", "messages"},
      {R"({"model":"m","max_tokens":1,"messages":{}})", "messages"},
      {R"({"model":"m","messages":[{"role":"user","content":"hi"}]})", "max_tokens"},
      {R"({"model":"m","max_tokens":"1","messages":[{"role":"user","content":"hi"}]})", "max_tokens"},
      {R"({"model":"m","max_tokens":-1,"messages":[{"role":"user","content":"hi"}]})", "max_tokens"},
      {R"({"model":"m","max_tokens":1.5,"messages":[{"role":"user","content":"hi"}]})", "max_tokens"},
      {with(R"("model":"n")"), "model"},
      {with(R"("mod\u0065l":"n")"), "model"},
      {with(R"("stream":1)"), "stream"},
      {with(R"("temperature":"hot")"), "temperature"},
      {with(R"("top_p":[])"), "top_p"},
      {with(R"("top_k":"5")"), "top_k"},
      {with(R"("stop_sequences":"a")"), "stop_sequences"},
      {with(R"("stop_sequences":["a",1])"), "stop_sequences[1]"},
      {with(R"("system":5)"), "system"},
      {with(R"("system":[5])"), "system[0]"},
      {with(R"("system":[{"type":"image"}])"), "system[0].type"},
      {with(R"("system":[{"type":"text"}])"), "system[0].text"},
      {with(R"("tools":{})"), "tools"},
      {with(R"("tools":[1])"), "tools[0]"},
      {with(R"("tools":[{"name":"f"}])"), "tools[0].input_schema"},
      {with(R"("tools":[{"input_schema":{}}])"), "tools[0].name"},
      {with(R"("tools":[{"name":"f","input_schema":[]}])"), "tools[0].input_schema"},
      {with(R"("tools":[{"name":"f","input_schema":{},"strict":1}])"), "tools[0].strict"},
      {with(R"("tools":[{"type":1}])"), "tools[0].type"},
      {with(R"("tool_choice":"auto")"), "tool_choice"},
      {with(R"("tool_choice":{})"), "tool_choice.type"},
      {with(R"("tool_choice":{"type":"tool"})"), "tool_choice.name"},
      {with(R"("tool_choice":{"type":"auto","disable_parallel_tool_use":"no"})"),
       "tool_choice.disable_parallel_tool_use"},
      {with(R"("thinking":true)"), "thinking"},
      {with(R"("thinking":{"type":"enabled"})"), "thinking.budget_tokens"},
      {with(R"("thinking":{"type":"enabled","budget_tokens":"x"})"), "thinking.budget_tokens"},
      {with(R"("thinking":{"type":"enabled","budget_tokens":0})"), "thinking.budget_tokens"},
      {with(R"("output_config":{"effort":1})"), "output_config.effort"},
      {with(R"("output_config":{"format":{"type":"json_schema"}})"), "output_config.format.schema"},
      {with(R"("output_config":{"format":{"type":"json_schema","schema":"x"}})"), "output_config.format.schema"},
      {with(R"("output_format":{})"), "output_format.type"},
      {with(R"("mcp_servers":{})"), "mcp_servers"},
      {saying("1"), "messages[0]"},
      {saying(R"({"content":"x"})"), "messages[0].role"},
      {saying(R"({"role":"tool","content":"x"})"), "messages[0].role"},
      {saying(R"({"role":"user"})"), "messages[0].content"},
      {saying(R"({"role":"user","content":5})"), "messages[0].content"},
      {block("user", "1"), "messages[0].content[0]"},
      {block("user", "{}"), "messages[0].content[0].type"},
      {block("user", R"({"type":"text","text":1})"), "messages[0].content[0].text"},
      {block("user", R"({"type":"image"})"), "messages[0].content[0].source"},
      {block("user", R"({"type":"image","source":{}})"), "messages[0].content[0].source.type"},
      {block("user", R"({"type":"image","source":{"type":"base64","data":"x"}})"),
       "messages[0].content[0].source.media_type"},
      {block("user", R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":5}})"),
       "messages[0].content[0].source.data"},
      {block("user", R"({"type":"image","source":{"type":"url"}})"), "messages[0].content[0].source.url"},
      {block("user", R"({"type":"document","source":{"type":"content"}})"), "messages[0].content[0].source.content"},
      {block("user", R"({"type":"document","source":{"type":"text","data":1}})"), "messages[0].content[0].source.data"},
      {block("user", R"({"type":"document","citations":1,"source":{"type":"text","data":""}})"),
       "messages[0].content[0].citations"},
      {block("user", R"({"type":"tool_result"})"), "messages[0].content[0].tool_use_id"},
      {block("user", R"({"type":"tool_result","tool_use_id":"t","content":1})"), "messages[0].content[0].content"},
      {block("user", R"({"type":"tool_result","tool_use_id":"t","is_error":1})"), "messages[0].content[0].is_error"},
      {block("user", R"({"type":"tool_result","tool_use_id":"t","content":[{"type":"text"}]})"),
       "messages[0].content[0].content[0].text"},
      {block("user", R"({"type":"tool_use","id":"t","name":"f","input":{}})"), "messages[0].content[0].type"},
      {block("user", R"({"type":"thinking","thinking":""})"), "messages[0].content[0].type"},
      {block("assistant", R"({"type":"tool_result","tool_use_id":"t"})"), "messages[0].content[0].type"},
      {block("assistant", R"({"type":"tool_use","id":"t","name":"f"})"), "messages[0].content[0].input"},
      {block("assistant", R"({"type":"tool_use","id":"t","name":"f","input":"{}"})"), "messages[0].content[0].input"},
      {block("assistant", R"({"type":"tool_use","name":"f","input":{}})"), "messages[0].content[0].id"},
      {block("assistant", R"({"type":"thinking"})"), "messages[0].content[0].thinking"},
      {block("assistant", R"({"type":"redacted_thinking"})"), "messages[0].content[0].data"},
  };
  for (const auto& [body, param] : cases) {
    const auto request = read(body);
    ASSERT_FALSE(request.has_value()) << body;
    EXPECT_EQ(request.error().code, ErrorCode::invalid_request) << body;
    EXPECT_EQ(request.error().param, param) << body;
    EXPECT_NE(request.error().message.find(param), std::string::npos) << request.error().message;
  }
  EXPECT_EQ(read("{").error().code, ErrorCode::invalid_json);
}

TEST_F(anthropic_request, what_only_this_format_can_carry_is_named) {
  struct Case {
    std::string_view fields;
    std::string_view place;
    std::string_view what;
  };
  for (const auto& c :
       {Case{R"("tools":[{"name":"f","input_schema":{}},{"type":"web_search_20250305","name":"web_search"}])",
             "tools[1]", "web_search_20250305"},
        Case{R"("container":"c1")", "container", "container"},
        Case{R"("mcp_servers":[{"type":"url","url":"https://x.test","name":"x"}])", "mcp_servers", "MCP"},
        Case{R"("inference_geo":"us")", "inference_geo", "region"},
        Case{R"("thread":{"type":"continue","previous_message_id":"msg_1"})", "thread", "conversation"},
        Case{R"("thinking":{"type":"between_tools"})", "thinking", "between_tools"},
        Case{R"("tool_choice":{"type":"later"})", "tool_choice", "later"},
        Case{R"("output_config":{"format":{"type":"regex"}})", "output_config.format", "regex"}}) {
    const auto request = read_with(c.fields);
    ASSERT_TRUE(request.has_value()) << request.error().message;
    ASSERT_EQ(request->foreign.size(), 1U) << c.fields;
    EXPECT_EQ(request->foreign[0].place, c.place);
    EXPECT_NE(request->foreign[0].what.find(c.what), std::string::npos) << request->foreign[0].what;
  }
  for (const auto& [block, place] :
       {std::pair(R"({"type":"search_result","source":"s","title":"t","content":[]})", "messages[0].content[0]"),
        {R"({"type":"container_upload","file_id":"f"})", "messages[0].content[0]"},
        {R"({"type":"image","source":{"type":"file","file_id":"f1"}})", "messages[0].content[0].source"},
        {R"({"type":"document","source":{"type":"later"}})", "messages[0].content[0].source"},
        {R"({"type":"document","citations":{"enabled":true},"source":{"type":"url","url":"https://x.test"}})",
         "messages[0].content[0].citations"},
        {R"({"type":"tool_result","tool_use_id":"t","content":[{"type":"tool_reference","tool_name":"x"}]})",
         "messages[0].content[0].content[0]"}}) {
    const auto request = read_messages(fmt::format(R"([{{"role":"user","content":[{}]}}])", block));
    ASSERT_TRUE(request.has_value()) << request.error().message << block;
    ASSERT_EQ(request->foreign.size(), 1U) << block;
    EXPECT_EQ(request->foreign[0].place, place);
  }
  const auto used = read_messages(
      R"([{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"server_tool_use","id":"s","name":"web_search","input":{}},
          {"type":"web_search_tool_result","tool_use_id":"s","content":[]},{"type":"text","text":"x","citations":[{}]}]},{"role":"user","content":"r"}])");
  ASSERT_TRUE(used.has_value());
  EXPECT_EQ(used->foreign.size(), 2U);
  EXPECT_EQ(used->messages[1].parts[0].kind, Part::Kind::foreign);
  EXPECT_EQ(used->left_out, (std::vector<std::string_view>{"citations"}));
  const auto none = read_messages(
      R"([{"role":"assistant","content":[{"type":"text","text":"x","citations":[]}]},{"role":"user","content":"r"}])");
  EXPECT_TRUE(none->left_out.empty());
}

TEST_F(anthropic_request, hints_and_fields_of_later_versions_are_left_out_and_said) {
  const auto request = read_with(
      R"("metadata":{"user_id":"u"},"service_tier":"auto","context_management":{"edits":[]},"mcp_servers":[],"container":null,
         "speed":"fast","something_new":{"deep":[1]},"betas":null,"thread":{"type":"create"},"output_config":{"task_budget":1})");
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_TRUE(request->foreign.empty());
  EXPECT_EQ(request->left_out, (std::vector<std::string_view>{"metadata", "service_tier", "context_management", "speed",
                                                              "something_new", "thread", "output_config.task_budget"}));
}

TEST_F(anthropic_request, a_body_of_unknown_fields_is_read_in_no_time) {
  std::string fields;
  for (int i = 0; i < 100'000; ++i) fields += fmt::format("{}\"k{}\":1", i == 0 ? "" : ",", i);
  const auto request = read_with(fields);
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_EQ(request->left_out.size(), 50U);
}

TEST_F(anthropic_request, tokens_are_counted_of_a_request_without_a_limit) {
  const auto request = read(R"({"model":"m","messages":[{"role":"user","content":"hello"}]})", Operation::token_count);
  ASSERT_TRUE(request.has_value()) << request.error().message;
  EXPECT_EQ(request->operation, Operation::token_count);
  EXPECT_EQ(face().write_count(14, *request), R"({"input_tokens":14})");
}

TEST_F(anthropic_request, the_version_and_the_betas_are_carried_on) {
  auto request = face().read({.carried = {{"anthropic-beta", "a,b"}},
                              .body = R"({"model":"m","max_tokens":0,"messages":[{"role":"user","content":"x"}]})"},
                             pool_);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->carried.size(), 1U);
  EXPECT_EQ(request->max_tokens, 0);
  const auto carried = face().carries();
  EXPECT_NE(std::find(carried.begin(), carried.end(), "anthropic-beta"), carried.end());
  EXPECT_NE(std::find(carried.begin(), carried.end(), "anthropic-version"), carried.end());
  EXPECT_EQ(face().id_header(), "request-id");
  EXPECT_EQ(face().make_id("0123", Operation::chat), "msg_0123");
}

// Every value of a good body by one of another type, and every prefix of it: an error or a request, never a crash.
TEST_F(anthropic_request, hostile_bodies_are_refused_or_read) {
  const std::string body =
      R"({"model":"m","max_tokens":9,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"text","text":"hi"},)"
      R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA"}},{"type":"document","source":{"type":"content","content":[]}}]},)"
      R"({"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"tool_use","id":"i","name":"f","input":{}}]},)"
      R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"i","content":[]}]}],"tools":[{"name":"f","input_schema":{}}],)"
      R"("tool_choice":{"type":"tool","name":"f"},"thinking":{"type":"enabled","budget_tokens":1024},"stop_sequences":["x"]})";
  ASSERT_TRUE(read(body).has_value());
  for (std::size_t end = 0; end < body.size(); ++end) EXPECT_FALSE(read(body.substr(0, end)).has_value());
  std::size_t accepted = 0;
  for (const std::string_view with :
       {"null", "1e400", "-1", "{}", "[]", "\"\"", "[[[[]]]]", "true", "\"\\ud83d\\ude00\""}) {
    for (std::size_t at = body.find_first_of(":[,"); at != std::string::npos; at = body.find_first_of(":[,", at + 1)) {
      const auto end = body.find_first_of(",]}", at + 1);
      auto changed = body;
      changed.replace(at + 1, end - at - 1, with);
      accepted += read(changed).has_value() ? 1 : 0;
    }
  }
  EXPECT_GT(accepted, 0U);
}

}  // namespace
}  // namespace weir
