// What a client of the Responses format asks, read into canonical form: each field, each kind of item, and the place of
// whatever is wrong.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "formats/format.h"

namespace weir {
namespace {

class responses_request : public testing::Test {
 protected:
  Result<Request> read(std::string body, Operation operation = Operation::chat) {
    return client_face("responses").read({.operation = operation, .body = std::move(body)}, pool_);
  }
  // With a model; `rest` are further members.
  Request good(std::string_view rest) {
    auto request = read(fmt::format(R"({{"model":"m",{}}})", rest));
    EXPECT_TRUE(request.has_value()) << rest << ": " << (request ? "" : request.error().message);
    return request ? std::move(*request) : Request{};
  }
  Request with_items(std::string_view items) { return good(fmt::format(R"("input":[{}])", items)); }
  static std::string left_out(const Request& request) { return fmt::format("{}", fmt::join(request.left_out, ",")); }
  // Places, with a blank between them.
  static std::string foreign(const Request& request) {
    std::string places;
    for (const auto& one : request.foreign) places.append(places.empty() ? "" : " ").append(one.place);
    return places;
  }

  json::DocumentPool pool_;
};

// Roles and parts in short: `user[text hi] assistant[call f {}]`.
std::string told(const Request& request) {
  constexpr std::array roles = {"system", "developer", "user", "assistant", "tool"};
  constexpr std::array kinds = {"text", "refusal", "thinking", "media", "call", "foreign"};
  std::string out;
  for (const auto& message : request.messages) {
    out.append(out.empty() ? "" : " ").append(roles[static_cast<std::size_t>(message.role)]);
    if (!message.tool_call_id.empty()) out.append("#").append(message.tool_call_id);
    out += '[';
    for (const auto& part : message.parts) {
      if (&part != &message.parts.front()) out += " | ";
      out += kinds[static_cast<std::size_t>(part.kind)];
      for (const auto text : {part.id, part.name, part.text, part.signature, part.media.mime, part.media.data,
                              part.media.url, part.media.name, part.media.detail}) {
        if (!text.empty()) out.append(" ").append(text);
      }
      if (part.cache) out += " (cache)";
    }
    out += ']';
  }
  return out;
}

TEST_F(responses_request, a_text_is_what_the_user_says_and_instructions_stand_first) {
  const auto request = good(R"("input":"hi","instructions":"be brief")");
  EXPECT_EQ(told(request), "system[text be brief] user[text hi]");
  EXPECT_EQ(request.model, "m");
  EXPECT_EQ(request.format, "responses");
  EXPECT_TRUE(request.include_usage);
  EXPECT_FALSE(request.stream);
  EXPECT_EQ(request.text_bytes, 10U);
}

TEST_F(responses_request, items_become_messages) {
  struct Case {
    std::string_view items;
    std::string_view told;
  };
  for (
      const auto& [items, expected] : {
          Case{R"({"role":"user","content":"a"})", "user[text a]"},
          Case{R"({"type":"message","role":"developer","content":[{"type":"input_text","text":"a"}]})",
               "developer[text a]"},
          Case{R"({"role":"system","content":"a"},{"role":"user","content":"b"})", "system[text a] user[text b]"},
          Case{R"({"role":"user","content":[]})", "user[]"},
          // What the model said in one turn is one message.
          Case{
              R"({"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"},{"type":"summary_text","text":"so"}],"encrypted_content":"gA"},
                   {"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"a","annotations":[]},{"type":"refusal","refusal":"no"}]},
                   {"type":"function_call","call_id":"c1","name":"f","arguments":"{\"x\":1}"},
                   {"type":"function_call_output","call_id":"c1","output":"42"},
                   {"type":"message","role":"assistant","content":"done"})",
              "assistant[thinking hm\n\nso rs_1/gA | text a | refusal no | call c1 f {\"x\":1}] tool#c1[text 42] "
              "assistant[text done]"},
          Case{
              R"({"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"raw"}]},{"role":"user","content":"q"})",
              "assistant[thinking raw] user[text q]"},
          Case{R"({"type":"reasoning","id":"rs_1","summary":[]},{"role":"user","content":"q"})", "user[text q]"},
          // Seals that were made elsewhere.
          Case{R"({"type":"reasoning","id":"rs_weir_1_0","summary":[],"encrypted_content":"weir.anthropic.s"})",
               "assistant[thinking weir.anthropic.s]"},
          Case{
              R"({"type":"reasoning","id":"rs_weir_1_0","summary":[],"encrypted_content":"call:weir.gemini.s"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call","call_id":"d","name":"f","arguments":"{}"})",
              "assistant[call c f {} weir.gemini.s | call d f {}]"},
          Case{
              R"({"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"https://x/a.png","detail":"low"}]})",
              "tool#c[text a | media https://x/a.png low]"},
          Case{
              R"({"role":"user","content":[{"type":"input_image","detail":"auto","image_url":"data:image/png;base64,AAAA"}]})",
              "user[media image/png AAAA auto]"},
          Case{
              R"({"role":"user","content":[{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,AAAA"}]})",
              "user[media application/pdf AAAA a.pdf]"},
          Case{R"({"role":"user","content":[{"type":"input_file","file_data":"JVBERi0xLjQ"}]})",
               "user[media application/pdf JVBERi0xLjQ]"},
          Case{R"({"role":"user","content":[{"type":"input_file","file_url":"https://x/a.pdf"}]})",
               "user[media https://x/a.pdf]"},
          Case{R"({"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"mp3"}}]})",
               "user[media audio/mpeg AAAA]"},
          Case{
              R"({"role":"user","content":[{"type":"input_text","text":"a","prompt_cache_breakpoint":{"mode":"explicit"}}]})",
              "user[text a (cache)]"},
      }) {
    const auto request = with_items(items);
    EXPECT_EQ(told(request), expected) << items;
    EXPECT_EQ(foreign(request), "") << items;
  }
}

TEST_F(responses_request, settings_are_read) {
  const auto request = good(
      R"("input":"q","stream":true,"temperature":0.5,"top_p":0.9,"max_output_tokens":99,"parallel_tool_calls":false,
         "reasoning":{"effort":"low","summary":"auto"},"include":["reasoning.encrypted_content","message.output_text.logprobs"],
         "top_logprobs":3,"text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}})");
  EXPECT_TRUE(request.stream);
  EXPECT_EQ(request.temperature, 0.5);
  EXPECT_EQ(request.top_p, 0.9);
  EXPECT_EQ(request.max_tokens, 99);
  EXPECT_EQ(request.parallel_tool_calls, false);
  EXPECT_EQ(request.reasoning_effort, "low");
  EXPECT_EQ(request.show_thinking, true);
  EXPECT_TRUE(request.logprobs);
  EXPECT_EQ(request.top_logprobs, 3);
  EXPECT_EQ(request.response_format, ResponseFormat::json_schema);
  EXPECT_EQ(request.json_schema_name, "n");
  EXPECT_EQ(request.json_schema->to_string(), R"({"type":"object"})");
  EXPECT_EQ(request.json_schema_strict, true);
  EXPECT_EQ(left_out(request), "");
  EXPECT_EQ(good(R"("input":"q","text":{"format":{"type":"json_object"}})").response_format,
            ResponseFormat::json_object);
  EXPECT_FALSE(good(R"("input":"q","top_logprobs":3)").top_logprobs.has_value()) << "not asked to be shown";
  EXPECT_FALSE(good(R"("input":"q","reasoning":{"effort":"low","summary":null})").show_thinking.has_value());
}

TEST_F(responses_request, null_is_as_good_as_nothing) {
  const auto request = good(
      R"("input":"q","stream":null,"temperature":null,"tools":null,"tool_choice":null,"text":null,"reasoning":null,
         "previous_response_id":null,"conversation":null,"prompt":null,"background":null,"store":null,"metadata":null,
         "instructions":null,"include":null,"stream_options":null,"unknown":null)");
  EXPECT_EQ(told(request), "user[text q]");
  EXPECT_EQ(foreign(request), "");
  EXPECT_EQ(left_out(request), "");
}

TEST_F(responses_request, hints_are_named_as_left_out) {
  const auto request = good(
      R"("input":[{"role":"assistant","phase":"commentary","content":"a"},{"role":"assistant","phase":"final_answer","content":"b"},
                  {"role":"assistant","content":[{"type":"output_text","text":"c","annotations":[{"type":"url_citation"}]}]},{"role":"user","content":"q"}],
         "store":true,"truncation":"auto","metadata":{"a":"b"},"user":"u","prompt_cache_key":"k","service_tier":"flex",
         "max_tool_calls":3,"client_metadata":{},"text":{"verbosity":"low"},"stream_options":{"include_obfuscation":true},
         "include":["web_search_call.results"],"reasoning":{"context":"auto"},"something":1)");
  EXPECT_EQ(
      left_out(request),
      "store,truncation,metadata,user,prompt_cache_key,service_tier,max_tool_calls,client_metadata,text.verbosity,"
      "stream_options.include_obfuscation,include[0],reasoning.context,something,input[0].phase,"
      "input[2].content[0].annotations");
  EXPECT_EQ(foreign(request), "");
  EXPECT_EQ(left_out(good(R"("input":"q","store":false,"truncation":"disabled","background":false)")), "");
}

TEST_F(responses_request, what_only_this_format_can_carry_has_its_place) {
  struct Case {
    std::string_view body;
    std::string_view place;
    std::string_view says;
  };
  for (
      const auto& [body, place, says] : {
          Case{R"("input":"q","previous_response_id":"resp_1")", "previous_response_id", "send the whole input"},
          Case{R"("previous_response_id":"resp_1")", "previous_response_id", "send the whole input"},
          Case{R"("input":"q","conversation":"conv_1")", "conversation", "send the whole input"},
          Case{R"("input":"q","conversation":{"id":"conv_1"})", "conversation", "send the whole input"},
          Case{R"("prompt":{"id":"p"})", "prompt", "as instructions"},
          Case{R"("input":"q","moderation":{"model":"m"})", "moderation", "moderation"},
          Case{R"("input":"q","tools":[{"type":"function","name":"f"},{"type":"web_search"}])", "tools[1]",
               "'web_search'"},
          Case{R"("input":"q","tools":[{"type":"mcp","server_label":"s"}])", "tools[0]", "'mcp'"},
          Case{R"("input":"q","tools":[{"type":"function","name":"f","allowed_callers":["direct","programmatic"]}])",
               "tools[0].allowed_callers", "'programmatic'"},
          Case{R"("input":"q","tool_choice":{"type":"web_search"})", "tool_choice", "'web_search'"},
          Case{R"("input":"q","tool_choice":{"type":"allowed_tools","mode":"auto","tools":[]})", "tool_choice",
               "'allowed_tools'"},
          Case{R"("input":"q","text":{"format":{"type":"grammar"}})", "text.format", "'grammar'"},
          Case{R"("input":[{"type":"item_reference","id":"msg_1"}])", "input[0]", "send the item"},
          Case{R"("input":[{"type":"web_search_call","id":"ws_1"}])", "input[0]", "'web_search_call'"},
          Case{R"("input":[{"type":"compaction","encrypted_content":"x"}])", "input[0]", "'compaction'"},
          Case{R"("input":[{"type":"local_shell_call"}])", "input[0]", "'local_shell_call'"},
          Case{R"("input":[{"role":"user","content":[{"type":"input_image","file_id":"file_1"}]}])",
               "input[0].content[0].file_id", "a file"},
          Case{R"("input":[{"role":"user","content":[{"type":"input_file","file_id":"file_1"}]}])",
               "input[0].content[0].file_id", "a file"},
          Case{R"("input":[{"role":"user","content":[{"type":"input_video"}]}])", "input[0].content[0]",
               "'input_video'"},
          Case{R"("input":[{"type":"function_call_output","name":"f","output":""}])", "input[0]", "of no call"},
          Case{
              R"("input":[{"type":"function_call","call_id":"c","name":"f","arguments":"{}","caller":{"type":"program"}}])",
              "input[0].caller", "a program"},
          Case{
              R"("tools":[{"type":"function","name":"f"}],"input":[{"type":"custom_tool_call","call_id":"c","name":"f","input":"x"}])",
              "input[0]", "a function"},
      }) {
    const auto request = good(body);
    ASSERT_EQ(request.foreign.size(), 1U) << body;
    EXPECT_EQ(request.foreign.front().place, place) << body;
    EXPECT_NE(request.foreign.front().what.find(says), std::string::npos) << request.foreign.front().what;
  }
}

TEST_F(responses_request, tools_and_choices_are_read) {
  const auto request = good(
      R"("tool_choice":"required","tools":[
          {"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true},
          {"type":"function","name":"g","strict":null,"parameters":null,"defer_loading":true,"output_schema":{}},
          {"type":"custom","name":"patch","description":"Edits.","format":{"type":"grammar","syntax":"lark","definition":"start: x"}},
          {"type":"custom","name":"say","format":{"type":"text"}},
          {"type":"namespace","name":"crm","description":"d","tools":[{"type":"function","name":"f"},{"type":"custom","name":"note"}]}],
         "input":"q")");
  ASSERT_EQ(request.tools.size(), 6U);
  EXPECT_EQ(request.tools[0].name, "f");
  EXPECT_EQ(request.tools[0].description, "d");
  EXPECT_EQ(request.tools[0].strict, true);
  EXPECT_EQ(request.tools[0].parameters->to_string(), R"({"type":"object"})");
  EXPECT_FALSE(request.tools[1].strict.has_value());
  EXPECT_FALSE(request.tools[1].parameters.has_value());
  EXPECT_EQ(request.tools[2].description,
            "Edits.\n\nThe text of `input` must follow this grammar, in the syntax of lark:\nstart: x");
  EXPECT_NE(request.tools[2].parameters->to_string().find(R"("required":["input"])"), std::string::npos);
  EXPECT_EQ(request.tools[3].description, "");
  EXPECT_EQ(request.tools[4].name, "crm__f") << "the name is taken";
  EXPECT_EQ(request.tools[5].name, "note");
  EXPECT_EQ(request.tool_choice.mode, ToolChoice::Mode::any);
  EXPECT_EQ(left_out(request), "tools[1].defer_loading,tools[1].output_schema,tools[2].format,tools[4].description");
  const auto named = good(R"("input":"q","tool_choice":{"type":"custom","name":"say"})");
  EXPECT_EQ(named.tool_choice.mode, ToolChoice::Mode::named);
  EXPECT_EQ(named.tool_choice.name, "say");
  EXPECT_EQ(good(R"("input":"q","tool_choice":"none")").tool_choice.mode, ToolChoice::Mode::none);
  EXPECT_EQ(good(R"("input":"q","tool_choice":"auto")").tool_choice.mode, ToolChoice::Mode::automatic);
}

TEST_F(responses_request, calls_find_their_tools_wherever_tools_stand_in_the_body) {
  constexpr std::string_view input =
      R"("input":[{"type":"custom_tool_call","call_id":"a","name":"patch","input":"x\n\"y\""},
                  {"type":"custom_tool_call_output","call_id":"a","output":"ok"},
                  {"type":"function_call","call_id":"b","namespace":"crm","name":"f","arguments":"{}"},
                  {"type":"custom_tool_call","call_id":"c","name":"gone","input":""}])";
  constexpr std::string_view tools =
      R"("tools":[{"type":"function","name":"f"},{"type":"custom","name":"patch"},
                  {"type":"namespace","name":"crm","tools":[{"type":"function","name":"f"}]}])";
  for (const auto& body : {fmt::format("{},{}", input, tools), fmt::format("{},{}", tools, input)}) {
    const auto request = good(body);
    EXPECT_EQ(told(request),
              "assistant[call a patch {\"input\":\"x\\n\\\"y\\\"\"}] tool#a[text ok] "
              "assistant[call b crm__f {} | call c gone {\"input\":\"\"}]");
    EXPECT_EQ(foreign(request), "");
  }
}

TEST_F(responses_request, errors_name_the_place) {
  struct Case {
    std::string_view body;
    std::string_view param;
    std::string_view says;
  };
  for (const auto& [body, param, says] : {
           Case{R"({"input":"q"})", "model", "Missing"},
           Case{R"({"model":"m"})", "input", "Missing"},
           Case{R"({"model":"m","input":[]})", "input", "empty"},
           Case{R"({"model":7,"input":"q"})", "model", "a string"},
           Case{R"({"model":"m","input":7})", "input", "a string or an array"},
           Case{R"({"model":"m","input":["q"]})", "input[0]", "an object"},
           Case{R"({"model":"m","input":[{"content":"q"}]})", "input[0].type", "Missing"},
           Case{R"({"model":"m","input":[{"type":7}]})", "input[0].type", "a string"},
           Case{R"({"model":"m","input":[{"role":"robot","content":"q"}]})", "input[0].role", "robot"},
           Case{R"({"model":"m","input":[{"role":"user"}]})", "input[0].content", "Missing"},
           Case{R"({"model":"m","input":[{"role":"user","content":null}]})", "input[0].content",
                "a string or an array"},
           Case{R"({"model":"m","input":[{"role":"user","content":[{"text":"a"}]}]})", "input[0].content[0].type",
                "Missing"},
           Case{R"({"model":"m","input":[{"role":"user","content":[{"type":"input_text","text":1}]}]})",
                "input[0].content[0].text", "a string"},
           Case{R"({"model":"m","input":[{"role":"user","content":[{"type":"input_image"}]}]})",
                "input[0].content[0].image_url", "Missing"},
           Case{R"({"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":{"url":"u"}}]}]})",
                "input[0].content[0].image_url", "a string"},
           Case{R"({"model":"m","input":[{"role":"user","content":[{"type":"input_file","filename":"f"}]}]})",
                "input[0].content[0].file_data", "Missing"},
           Case{R"({"model":"m","input":[{"role":"user","content":[{"type":"input_audio"}]}]})",
                "input[0].content[0].input_audio", "Missing"},
           Case{R"({"model":"m","input":[{"type":"function_call","name":"f","arguments":"{}"}]})", "input[0].call_id",
                "Missing"},
           Case{R"({"model":"m","input":[{"type":"function_call","call_id":"c","name":"f","arguments":{}}]})",
                "input[0].arguments", "a string"},
           Case{R"({"model":"m","input":[{"type":"custom_tool_call","call_id":"c","name":"f"}]})", "input[0].input",
                "Missing"},
           Case{R"({"model":"m","input":[{"type":"function_call_output","call_id":"c"}]})", "input[0].output",
                "Missing"},
           Case{R"({"model":"m","input":[{"type":"reasoning","summary":"x"}]})", "input[0].summary", "an array"},
           Case{R"({"model":"m","input":[{"type":"reasoning","summary":[{"text":1}]}]})", "input[0].summary[0].text",
                "a string"},
           Case{R"({"model":"m","input":[{"type":"reasoning","encrypted_content":1}]})", "input[0].encrypted_content",
                "a string"},
           Case{R"({"model":"m","input":"q","stream":"yes"})", "stream", "a boolean"},
           Case{R"({"model":"m","input":"q","stream_options":[]})", "stream_options", "an object"},
           Case{R"({"model":"m","input":"q","temperature":"hot"})", "temperature", "a number"},
           Case{R"({"model":"m","input":"q","max_output_tokens":1.5})", "max_output_tokens", "an integer"},
           Case{R"({"model":"m","input":"q","max_output_tokens":0})", "max_output_tokens", "above 0"},
           Case{R"({"model":"m","input":"q","instructions":["a"]})", "instructions", "a string"},
           Case{R"({"model":"m","input":"q","include":"x"})", "include", "an array"},
           Case{R"({"model":"m","input":"q","include":[1]})", "include[0]", "a string"},
           Case{R"({"model":"m","input":"q","reasoning":"high"})", "reasoning", "an object"},
           Case{R"({"model":"m","input":"q","reasoning":{"effort":1}})", "reasoning.effort", "a string"},
           Case{R"({"model":"m","input":"q","text":"x"})", "text", "an object"},
           Case{R"({"model":"m","input":"q","text":{"format":{}}})", "text.format.type", "Missing"},
           Case{R"({"model":"m","input":"q","text":{"format":{"type":"json_schema","name":"n"}}})",
                "text.format.schema", "Missing"},
           Case{R"({"model":"m","input":"q","text":{"format":{"type":"json_schema","schema":1}}})",
                "text.format.schema", "an object"},
           Case{R"({"model":"m","input":"q","tools":{}})", "tools", "an array"},
           Case{R"({"model":"m","input":"q","tools":[1]})", "tools[0]", "an object"},
           Case{R"({"model":"m","input":"q","tools":[{"name":"f"}]})", "tools[0].type", "Missing"},
           Case{R"({"model":"m","input":"q","tools":[{"type":"function"}]})", "tools[0].name", "Missing"},
           Case{R"({"model":"m","input":"q","tools":[{"type":"function","name":"f","parameters":1}]})",
                "tools[0].parameters", "an object"},
           Case{R"({"model":"m","input":"q","tools":[{"type":"namespace","name":"n","tools":[{"type":"function"}]}]})",
                "tools[0].tools[0].name", "Missing"},
           Case{R"({"model":"m","input":"q","tools":[{"type":"namespace","name":"n"}]})", "tools[0].tools", "Missing"},
           Case{R"({"model":"m","input":"q","tools":[{"type":"custom","name":"n","format":1}]})", "tools[0].format",
                "an object"},
           Case{R"({"model":"m","input":"q","tool_choice":"perhaps"})", "tool_choice", "perhaps"},
           Case{R"({"model":"m","input":"q","tool_choice":7})", "tool_choice", "a string or an object"},
           Case{R"({"model":"m","input":"q","tool_choice":{"type":"function"}})", "tool_choice.name", "Missing"},
           Case{R"({"model":"m","input":"q","store":1})", "store", "a boolean"},
           Case{R"({"model":"m","input":"q","background":1})", "background", "a boolean"},
           Case{R"({"model":"m","input":"q","model":"n"})", "model", "twice"},
           Case{R"({"model":"m","input":"q","input":"r"})", "input", "twice"},
           Case{R"([1])", "", "must be a JSON object"},
       }) {
    const auto request = read(std::string(body));
    ASSERT_FALSE(request.has_value()) << body;
    EXPECT_EQ(request.error().code, ErrorCode::invalid_request) << body;
    EXPECT_EQ(request.error().param, param) << body;
    EXPECT_NE(request.error().message.find(says), std::string::npos) << body << ": " << request.error().message;
  }
  EXPECT_EQ(read("{").error().code, ErrorCode::invalid_json);
}

// No type of any member may crash the reader, or be taken for another.
TEST_F(responses_request, every_member_may_be_of_any_type) {
  constexpr std::string_view whole =
      R"({"model":"m","instructions":"i","input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a"}]},
          {"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"t"}],"encrypted_content":"e"},
          {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"o"},
          {"type":"custom_tool_call","call_id":"d","name":"p","input":"i"}],
          "tools":[{"type":"function","name":"f","parameters":{},"strict":true},{"type":"custom","name":"p","format":{"type":"text"}}],
          "tool_choice":{"type":"function","name":"f"},"text":{"format":{"type":"json_schema","name":"n","schema":{}}},
          "reasoning":{"effort":"low","summary":"auto"},"include":["x"],"stream":false,"top_logprobs":1,"metadata":{}})";
  std::vector<std::pair<std::size_t, std::size_t>> values;  // where each string, list and object stands
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole[i] == '[' || whole[i] == '{') open.push_back(i);
    if (whole[i] == ']' || whole[i] == '}') {
      values.emplace_back(open.back(), i + 1);
      open.pop_back();
    }
    if (whole[i] != '"') continue;
    const auto end = whole.find('"', i + 1);
    if (whole[end + 1] != ':') values.emplace_back(i, end + 1);
    i = end;
  }
  ASSERT_GT(values.size(), 50U);
  for (const auto& [begin, end] : values) {
    for (const std::string_view other : {"null", "7", "-1e300", "true", R"("")", R"("\ud83d\ude00")", "[]", "{}",
                                         "[[]]", R"([{"type":"x"}])", R"({"type":"message"})"}) {
      auto body = std::string(whole);
      body.replace(begin, end - begin, other);
      auto request = read(body);
      if (!request) {
        EXPECT_FALSE(request.error().message.empty());
        continue;
      }
      // What was read can be answered.
      const auto writer = client_face("responses").stream(*request);
      std::string out;
      writer->begin({.id = "resp_1", .model = "m"});
      writer->end(out);
      EXPECT_NE(out.find("response.completed"), std::string::npos);
    }
  }
}

TEST_F(responses_request, counting_tokens_needs_no_model_and_no_input) {
  for (const std::string_view body : {R"({})", R"({"model":null,"input":null})", R"({"input":"hello","tools":[]})",
                                      R"({"input":[],"instructions":"be brief"})"}) {
    const auto request = read(std::string(body), Operation::token_count);
    EXPECT_TRUE(request.has_value()) << body;
  }
  const auto request = read(R"({"model":"m","input":"hello","stream":true})", Operation::token_count);
  ASSERT_TRUE(request.has_value());
  EXPECT_FALSE(request->stream);
  EXPECT_EQ(client_face("responses").write_count(17, *request),
            R"({"object":"response.input_tokens","input_tokens":17})");
}

TEST_F(responses_request, paths_are_found_those_of_kept_answers_too) {
  EXPECT_EQ(match_path("POST", "/v1/responses").format, find_format("responses"));
  EXPECT_EQ(match_path("POST", "/v1/responses/input_tokens").pattern->operation, Operation::token_count);
  for (const auto& [method, path] : {std::pair{"GET", "/v1/responses/resp_1"},
                                     {"DELETE", "/v1/responses/resp_1"},
                                     {"GET", "/v1/responses/resp_1/input_items"},
                                     {"POST", "/v1/responses/resp_1/cancel"}}) {
    const auto match = match_path(method, path);
    ASSERT_NE(match.pattern, nullptr) << path;
    EXPECT_TRUE(match.pattern->kept) << path;
    EXPECT_EQ(match.named, "resp_1") << path;
  }
  EXPECT_EQ(client_face("responses").make_id("12ab", Operation::chat), "resp_12ab");
}

}  // namespace
}  // namespace weir
