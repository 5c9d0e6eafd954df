// The model side of the Responses format: what a provider is sent, and what its answers and streams mean.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "core/sse.h"
#include "formats/format.h"
#include "formats/presets.h"
#include "formats/responses/model_face.h"
#include "formats/shared/assembler.h"

namespace weir {
namespace {

using Kind = StreamEvent::Kind;

class responses_model : public testing::Test {
 protected:
  Request ask(std::string_view format, std::string body) {
    auto request = client_face(format).read({.body = std::move(body)}, pool_);
    EXPECT_TRUE(request.has_value()) << (request ? "" : request.error().message);
    return std::move(*request);
  }
  std::string sent(const Request& request, std::string_view prefill = {}, Quirks quirks = {}) {
    const ProviderSettings provider{.url = {.host = "h"}, .quirks = quirks};
    const ModelSettings model{.name = "the-model"};
    auto http = model_face("responses").write(request, {.provider = provider, .model = model}, prefill);
    if (!http) return http.error().param + ": " + http.error().message;
    EXPECT_EQ(http->path, "/v1/responses");
    return http->body;
  }
  // From a body in OpenAI's chat format.
  std::string translated(std::string_view rest, std::string_view prefill = {}, Quirks quirks = {}) {
    return sent(ask("openai", fmt::format(R"({{"model":"m",{}}})", rest)), prefill, quirks);
  }
  std::string forwarded(std::string body, std::string_view prefill = {}, Quirks quirks = {}) {
    return sent(ask("responses", std::move(body)), prefill, quirks);
  }
  Result<Response> answered(std::string body, std::string_view format = "openai") {
    Request request;
    request.format = format;
    return model_face("responses").read(request, std::move(body), pool_);
  }

  // A stream that comes in the given pieces.
  struct Streamed {
    std::vector<StreamEvent> events;
    StreamState state;
    std::string raw;
  };
  static Streamed streamed(std::initializer_list<std::string_view> pieces, std::string_view format = "openai") {
    Request request;
    request.format = format;
    const auto reader = model_face("responses").stream(request);
    EventFramer framer(Framing::sse);
    Streamed out;
    json::Document scratch;
    FramedEvent event;
    for (const auto piece : pieces) {
      framer.feed(piece);
      while (framer.next(event).value_or(false)) {
        out.raw += event.raw;
        if (event.has_data) (void)reader->read(event, scratch, out.events);
      }
    }
    out.state = reader->state();
    return out;
  }
  // In short: `text:hi call0:c,f call0+{} finish:stop`.
  static std::string told(const std::vector<StreamEvent>& events) {
    std::string out;
    for (const auto& event : events) {
      if (event.kind == Kind::lifecycle) continue;
      if (!out.empty()) out += ' ';
      switch (event.kind) {
        case Kind::text:
          out += "text:" + event.text;
          break;
        case Kind::reasoning:
          out += "thought:" + event.text;
          break;
        case Kind::signature:
          out += "seal:" + event.text;
          break;
        case Kind::refusal:
          out += "refusal:" + event.text;
          break;
        case Kind::tool_call:
          out += fmt::format("call{}:{},{},{}", event.tool_index, event.tool.id, event.tool.name, event.tool.arguments);
          break;
        case Kind::finish:
          out.append("finish:").append(to_string(event.finish));
          break;
        case Kind::usage:
          out += fmt::format("usage:{}/{}", event.usage.input, event.usage.output);
          break;
        case Kind::error:
          out += fmt::format("error:{}:{}", to_string(event.error.code), event.error.message);
          break;
        case Kind::other:
          out += "other";
          break;
        case Kind::done:
          out += "done";
          break;
        case Kind::lifecycle:
          break;
      }
      if (!event.logprobs.empty()) out += event.logprobs;
    }
    return out;
  }

  json::DocumentPool pool_;
};

std::string event(std::string_view type, std::string_view members) {
  return fmt::format("event: {0}\ndata: {{\"type\":\"{0}\"{1}{2}}}\n\n", type, members.empty() ? "" : ",", members);
}

TEST_F(responses_model, conversations_are_translated) {
  struct Case {
    std::string_view asked;
    std::string_view input;  // the list of items
  };
  for (
      const auto& [asked, input] : {
          Case{R"("messages":[{"role":"user","content":"hi"}])", R"([{"role":"user","content":"hi"}])"},
          Case{
              R"("messages":[{"role":"system","content":"s"},{"role":"developer","content":"d"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}}]}])",
              R"([{"role":"system","content":"s"},{"role":"developer","content":"d"},{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"low"}]}])"},
          Case{
              R"("messages":[{"role":"user","content":[{"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA","filename":"a.pdf"}}]}])",
              R"([{"role":"user","content":[{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,AAAA"}]}])"},
          Case{
              R"("messages":[{"role":"assistant","content":"a","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},{"role":"tool","tool_call_id":"c","content":"42"}])",
              R"([{"role":"assistant","content":"a"},{"type":"function_call","call_id":"c","name":"f","arguments":"{\"x\":1}"},{"type":"function_call_output","call_id":"c","output":"42"}])"},
          Case{
              R"("messages":[{"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":"x","refusal":"no"}])",
              R"([{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"a"},{"type":"input_text","text":"b"}]},{"type":"message","id":"msg_weir__0","role":"assistant","status":"completed","content":[{"type":"output_text","text":"x","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"no"}]}])"},
          // Thoughts that nobody sealed are for people.
          Case{R"("messages":[{"role":"assistant","reasoning_content":"hm","content":"a"}])",
               R"([{"role":"assistant","content":"a"}])"},
      }) {
    EXPECT_EQ(translated(asked), fmt::format(R"({{"model":"the-model","input":{},"store":false}})", input));
  }
  EXPECT_EQ(
      translated(R"("messages":[{"role":"developer","content":"d"}])", "so far", {.no_developer_role = true}),
      R"({"model":"the-model","input":[{"role":"system","content":"d"},{"role":"assistant","content":"so far"}],"store":false})");
}

TEST_F(responses_model, settings_are_translated) {
  const auto body = translated(
      R"("messages":[{"role":"user","content":"q"}],"stream":true,"temperature":0.5,"top_p":0.9,"max_tokens":90,"parallel_tool_calls":false,
         "tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},"strict":true}},{"type":"function","function":{"name":"g"}}],
         "tool_choice":{"type":"function","function":{"name":"f"}},"logprobs":true,"top_logprobs":2,"reasoning_effort":"low",
         "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"a":1},"strict":true}},"seed":1,"presence_penalty":1)");
  EXPECT_EQ(
      body,
      R"({"model":"the-model","input":[{"role":"user","content":"q"}],"tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true},)"
      R"({"type":"function","name":"g","parameters":{"type":"object","properties":{}},"strict":false}],"tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":false,)"
      R"("text":{"format":{"type":"json_schema","name":"n","schema":{"a":1},"strict":true}},"temperature":0.5,"top_p":0.9,"max_output_tokens":90,"top_logprobs":2,)"
      R"("reasoning":{"effort":"low"},"include":["reasoning.encrypted_content","message.output_text.logprobs"],"store":false,"stream":true})");
  EXPECT_EQ(
      translated(
          R"("messages":[{"role":"user","content":"q"}],"reasoning_effort":"none","response_format":{"type":"json_object"})"),
      R"({"model":"the-model","input":[{"role":"user","content":"q"}],"text":{"format":{"type":"json_object"}},"reasoning":{"effort":"none"},"store":false})");
  EXPECT_EQ(translated(R"("messages":[{"role":"user","content":"q"}],"max_tokens":1)"),
            R"({"model":"the-model","input":[{"role":"user","content":"q"}],"max_output_tokens":16,"store":false})")
      << "fewer are refused there";
}

TEST_F(responses_model, what_this_format_lacks_is_unsupported_at_its_place) {
  for (
      const auto& [asked, place] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
          {R"("messages":[{"role":"user","content":"q"}],"stop":"x")", "stop: "},
          {R"("messages":[{"role":"user","content":"q"}],"n":2)", "n: "},
          {R"("messages":[{"role":"user","content":"q"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}])",
           "messages[1].content[1]: "}}) {
    EXPECT_TRUE(translated(asked).starts_with(place)) << translated(asked);
  }
}

TEST_F(responses_model, seals_of_its_own_come_back_with_their_ids) {
  Request request;
  request.format = "anthropic";
  request.messages.push_back({.role = Role::user, .parts = {{.text = "q", .raw = {}}}});
  auto& turn = request.messages.emplace_back();
  turn.role = Role::assistant;
  turn.parts = {{.kind = Part::Kind::thinking, .text = "hm", .signature = "weir.responses.rs_1/gA", .raw = {}},
                {.kind = Part::Kind::thinking, .text = "", .signature = "weir.responses.gB", .raw = {}},
                {.kind = Part::Kind::thinking, .text = "other's", .signature = "sig", .raw = {}},
                {.kind = Part::Kind::thinking, .text = "open", .raw = {}}};
  EXPECT_EQ(
      sent(request),
      R"({"model":"the-model","input":[{"role":"user","content":"q"},{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"gA"},)"
      R"({"type":"reasoning","summary":[],"encrypted_content":"gB"}],"include":["reasoning.encrypted_content"],"store":false})");
}

TEST_F(responses_model, calls_without_ids_get_some_that_fit) {
  Request request;
  request.format = "gemini";
  const auto call = [](std::string_view id, std::string_view tool) {
    return Part{.kind = Part::Kind::tool_call, .text = "{}", .id = id, .name = tool, .raw = {}};
  };
  const auto result = [](std::string_view id, std::string_view tool) {
    return Message{.role = Role::tool, .name = tool, .tool_call_id = id};
  };
  const std::string longer(80, 'x');
  request.messages = {
      {.role = Role::assistant, .parts = {call("", "f"), call("", "g"), call("call_1", "h"), call(longer, "i")}},
      result("", "g"),
      result("", "f"),
      result("call_1", "h"),
      result(longer, "i"),
      result("", "z")};
  json::Document document;
  ASSERT_TRUE(document.parse_copy(sent(request)));
  std::vector<std::string> ids;
  for (const auto item : document.root()["input"].get_array()) {
    json::Object object;
    ASSERT_EQ(item.get(object), simdjson::SUCCESS);
    ids.emplace_back(json::string_or(object, "call_id"));
    EXPECT_LE(ids.back().size(), 64U);
    EXPECT_FALSE(ids.back().empty());
  }
  ASSERT_EQ(ids.size(), 9U);
  EXPECT_EQ(ids[4], ids[1]);
  EXPECT_EQ(ids[5], ids[0]);
  EXPECT_EQ(ids[6], ids[2]);
  EXPECT_EQ(ids[7], ids[3]);
  EXPECT_EQ(ids[2], "call_1");
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_NE(ids[1], ids[2]) << "made ids are none that were there";
}

TEST_F(responses_model, bytes_of_the_same_format_go_on_with_the_model_changed) {
  EXPECT_EQ(forwarded(R"({ "model" : "m", "input":"q", "previous_response_id":"resp_1", "unknown":{"a":[1, 2]}})"),
            R"({ "model" : "the-model", "input":"q", "previous_response_id":"resp_1", "unknown":{"a":[1, 2]}})");
  EXPECT_EQ(
      forwarded(
          R"({"model":"the-model","input":[ {"role":"developer","content":"q"} ],"tools":[{"type":"web_search"}]})"),
      R"({"model":"the-model","input":[ {"role":"developer","content":"q"} ],"tools":[{"type":"web_search"}]})");
  EXPECT_EQ(forwarded(R"({"model":"m","input":[ {"role":"developer","content":"developer"} ]})", "",
                      {.no_developer_role = true}),
            R"({"model":"the-model","input":[{"role":"system","content":"developer"}]})");
}

TEST_F(responses_model, what_was_said_already_is_put_behind_the_callers_items) {
  EXPECT_EQ(
      forwarded(R"({"model":"m","input":"q"})", "so \"far\""),
      R"({"model":"the-model","input":[{"role":"user","content":"q"},{"role":"assistant","content":"so \"far\""}]})");
  EXPECT_EQ(forwarded(R"({"model":"m","input":[{"role":"user","content":"q"} ]})", "so"),
            R"({"model":"the-model","input":[{"role":"user","content":"q"} ,{"role":"assistant","content":"so"}]})");
}

TEST_F(responses_model, items_that_others_made_lose_what_means_nothing_to_the_provider) {
  struct Case {
    std::string_view items;
    std::string_view left;
  };
  for (
      const auto& [items, left] : {
          Case{
              R"({"type":"reasoning","id":"rs_weir_1_0","summary":[{"type":"summary_text","text":"t"}]},{"role":"user","content":"q"})",
              R"({"role":"user","content":"q"})"},
          Case{
              R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"weir.gemini.x"},{"role":"user","content":"q"})",
              R"({"role":"user","content":"q"})"},
          Case{
              R"({"role":"user","content":"q"},{"type":"reasoning","summary":[],"encrypted_content":"call:weir.gemini.x"},{"type":"function_call","id":"fc_weir_1_1","call_id":"c","name":"f","arguments":"{}"})",
              R"({"role":"user","content":"q"},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"})"},
          Case{
              R"({"type":"message","role":"assistant","content":"weir.x","id" : "msg_weir_1_0" },{"id":"msg_weir_1_0"})",
              R"({"type":"message","role":"assistant","content":"weir.x" },{"id":"msg_weir_1_0"})"},
          // A message with parts is none without an id.
          Case{
              R"({"type":"message","id":"msg_weir_1_0","role":"assistant","content":[]},{"role":"user","content":"q"})",
              R"({"type":"message","id":"msg_weir_1_0","role":"assistant","content":[]},{"role":"user","content":"q"})"},
          // The provider's own stay.
          Case{
              R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gA"},{"type":"message","id":"msg_1","role":"assistant","content":"_weir_"})",
              R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gA"},{"type":"message","id":"msg_1","role":"assistant","content":"_weir_"})"},
      }) {
    auto request = Request{};
    const auto body = fmt::format(R"({{"model":"m","input":[{}]}})", items);
    request.format = "responses";
    request.document = pool_.take();
    ASSERT_TRUE(request.document->parse(body));
    request.document->survey();
    request.model = "m";
    EXPECT_EQ(sent(request), fmt::format(R"({{"model":"the-model","input":[{}]}})", left));
  }
}

TEST_F(responses_model, paths_and_credentials_are_those_of_the_server) {
  const auto request = ask("openai", R"({"model":"m","messages":[{"role":"user","content":"q"}]})");
  const ModelSettings model{.name = "x"};
  ProviderSettings azure{
      .url = {.path = "/openai/v1"}, .api_key = "k", .quirks = find_preset("azure_openai_responses")->quirks};
  const auto http = model_face("responses").write(request, {.provider = azure, .model = model}, "");
  ASSERT_TRUE(http);
  EXPECT_EQ(http->path, "/responses");
  EXPECT_EQ(http->headers.get("api-key"), "k");
  EXPECT_FALSE(http->headers.has("Authorization"));
  auto same = ask("responses", R"({"model":"m","input":"q"})");
  same.carried.emplace_back("openai-beta", "x=1");
  const ProviderSettings openai{.api_key = "k"};
  const auto passed = model_face("responses").write(same, {.provider = openai, .model = model}, "");
  ASSERT_TRUE(passed);
  EXPECT_EQ(passed->headers.get("openai-beta"), "x=1");
  EXPECT_EQ(passed->headers.get("Authorization"), "Bearer k");
  EXPECT_EQ(model_face("responses").list_models(openai).path, "/v1/models");
}

constexpr std::string_view whole =
    R"({"id":"resp_9","object":"response","created_at":1700000000.5,"status":"completed","model":"gpt","service_tier":"flex","output":[
        {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"h"},{"type":"summary_text","text":"m"}],"encrypted_content":"gA"},
        {"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"a","annotations":[],"logprobs":[{"token":"a","logprob":-1,"bytes":[97],"top_logprobs":[]}]},{"type":"refusal","refusal":"no"}]},
        {"type":"function_call","id":"fc_1","call_id":"c","name":"f","arguments":"{\"x\":1}"},
        {"type":"custom_tool_call","id":"ctc_1","call_id":"d","name":"p","input":"i"}],
        "usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":1},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":3},"total_tokens":17}})";

TEST_F(responses_model, whole_answers_are_read) {
  const auto response = answered(std::string(whole));
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->id, "resp_9");
  EXPECT_EQ(response->model, "gpt");
  EXPECT_EQ(response->created, 1700000000);
  ASSERT_EQ(response->choices.size(), 1U);
  const auto& choice = response->choices.front();
  ASSERT_EQ(choice.parts.size(), 5U);
  EXPECT_EQ(choice.parts[0].text, "h\n\nm");
  EXPECT_EQ(choice.parts[0].signature, "weir.responses.rs_1/gA");
  EXPECT_EQ(choice.parts[1].text, "a");
  EXPECT_EQ(choice.parts[2].kind, Part::Kind::refusal);
  EXPECT_EQ(choice.parts[3].call.id, "c");
  EXPECT_EQ(choice.parts[3].call.arguments, R"({"x":1})");
  EXPECT_EQ(choice.parts[4].call.arguments, R"({"input":"i"})");
  EXPECT_EQ(choice.finish, FinishReason::tool_calls);
  EXPECT_EQ(choice.logprobs,
            R"({"content":[{"token":"a","logprob":-1,"bytes":[97],"top_logprobs":[]}],"refusal":null})");
  EXPECT_FALSE(choice.has_other);
  EXPECT_EQ(response->usage.input, 10);
  EXPECT_EQ(response->usage.cached, 4);
  EXPECT_EQ(response->usage.written, 1);
  EXPECT_EQ(response->usage.output, 7);
  EXPECT_EQ(response->usage.reasoning, 3);
  EXPECT_TRUE(response->usage.known);
  EXPECT_EQ(response->usage.tier, ServiceTier::flex);
  EXPECT_EQ(response->raw, "") << "another format's client cannot have it";
  const auto same = answered(std::string(whole), "responses");
  ASSERT_TRUE(same.has_value());
  EXPECT_EQ(same->raw, whole);
  EXPECT_EQ(same->choices.front().parts[0].signature, "rs_1/gA");
}

TEST_F(responses_model, ends_and_errors_of_whole_answers_are_read) {
  const auto finish = [&](std::string_view rest) {
    const auto response = answered(
        fmt::format(R"({{"output":[{{"type":"message","content":[{{"type":"output_text","text":"a"}}]}}],{}}})", rest));
    return response ? response->choices.front().finish : FinishReason::none;
  };
  EXPECT_EQ(finish(R"("status":"completed")"), FinishReason::stop);
  EXPECT_EQ(finish(R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})"),
            FinishReason::length);
  EXPECT_EQ(finish(R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})"),
            FinishReason::content_filter);
  EXPECT_EQ(finish(R"("status":"incomplete","incomplete_details":null)"), FinishReason::length);
  EXPECT_EQ(finish(R"("error":null)"), FinishReason::stop);
  struct Case {
    std::string_view body;
    ErrorCode code;
    std::string_view says;
  };
  for (const auto& [body, code, says] : {
           Case{R"({"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow down"},"output":[]})",
                ErrorCode::upstream_rate_limited, "slow down"},
           Case{R"({"error":{"message":"m","type":"server_error"}})", ErrorCode::upstream_server_error, "m"},
           Case{R"({"object":"response"})", ErrorCode::upstream_malformed, "'output'"},
           Case{R"({"output":7})", ErrorCode::upstream_malformed, "'output'"},
           Case{R"([])", ErrorCode::upstream_malformed, "object"},
           Case{R"({"output":[)", ErrorCode::upstream_malformed, "malformed"},
       }) {
    const auto response = answered(std::string(body));
    ASSERT_FALSE(response.has_value()) << body;
    EXPECT_EQ(response.error().code, code) << body << ": " << response.error().message;
    EXPECT_NE(response.error().message.find(says), std::string::npos) << response.error().message;
  }
  EXPECT_TRUE(answered(R"({"output":[{"type":"web_search_call","id":"ws"}]})")->choices.front().has_other);
  EXPECT_TRUE(answered(R"({"status":"queued","output":[]})")->choices.front().has_other) << "to be fetched later";
  for (const std::string_view output :
       {"[7]", "[null]", R"([{"type":7}])", R"([{"type":"message","content":7}])",
        R"([{"type":"message","content":[7,{"type":"output_text","text":7}]}])",
        R"([{"type":"reasoning","summary":{}}])", R"([{"type":"function_call","arguments":{"a":1}}])"}) {
    EXPECT_TRUE(answered(fmt::format(R"({{"output":{}}})", output)).has_value()) << output;
  }
}

std::string stream_of_everything() {
  return event(
             "response.created",
             R"("sequence_number":0,"response":{"id":"resp_9","model":"gpt","created_at":5,"status":"in_progress","output":[]})") +
         event("response.in_progress", R"("response":{"id":"resp_9","status":"in_progress"})") +
         event("response.output_item.added",
               R"("output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[]})") +
         event("response.reasoning_summary_part.added", R"("output_index":0,"summary_index":0,"part":{})") +
         event("response.reasoning_summary_text.delta", R"("output_index":0,"delta":"h")") +
         event("response.reasoning_summary_part.added", R"("output_index":0,"summary_index":1,"part":{})") +
         event("response.reasoning_summary_text.delta", R"("output_index":0,"delta":"m")") +
         event(
             "response.output_item.done",
             R"("output_index":0,"item":{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"h"},{"type":"summary_text","text":"m"}],"encrypted_content":"gA"})") +
         ": ping\n\n" +
         event("response.output_item.added", R"("output_index":1,"item":{"type":"message","id":"msg_1"})") +
         event(
             "response.output_text.delta",
             R"("output_index":1,"delta":"é😀","logprobs":[{"token":"é","logprob":-1,"bytes":[195,169],"top_logprobs":[]}])") +
         event("response.output_text.done", R"("output_index":1,"text":"é😀")") +
         event("response.refusal.delta", R"("output_index":1,"delta":"no")") +
         event(
             "response.output_item.done",
             R"("output_index":1,"item":{"type":"message","id":"msg_1","content":[{"type":"output_text","text":"é😀"},{"type":"refusal","refusal":"no"}]})") +
         event(
             "response.output_item.added",
             R"("output_index":2,"item":{"type":"function_call","id":"fc_1","call_id":"c","name":"f","arguments":""})") +
         event("response.function_call_arguments.delta", R"("output_index":2,"delta":"{\"x\":")") +
         event(
             "response.output_item.added",
             R"("output_index":3,"item":{"type":"custom_tool_call","id":"ctc_1","call_id":"d","name":"p","input":""})") +
         event("response.custom_tool_call_input.delta", R"("output_index":3,"delta":"a\n")") +
         event("response.function_call_arguments.delta", R"("output_index":2,"delta":"1}")") +
         event("response.function_call_arguments.done", R"("output_index":2,"arguments":"{\"x\":1}")") +
         event(
             "response.output_item.done",
             R"("output_index":2,"item":{"type":"function_call","id":"fc_1","call_id":"c","name":"f","arguments":"{\"x\":1}"})") +
         event(
             "response.output_item.done",
             R"("output_index":3,"item":{"type":"custom_tool_call","id":"ctc_1","call_id":"d","name":"p","input":"a\n"})") +
         event("response.future.thing", R"("delta":"x")") +
         event(
             "response.completed",
             R"("response":{"id":"resp_9","status":"completed","output":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gA"},{"type":"message","id":"msg_1","content":[{"type":"output_text","text":"é😀"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{\"x\":1}"},{"type":"custom_tool_call","call_id":"d","name":"p","input":"a\n"}],"usage":{"input_tokens":10,"output_tokens":7}})");
}

TEST_F(responses_model, streams_are_read_and_nothing_is_told_twice) {
  const auto bytes = stream_of_everything();
  const auto read = streamed({bytes});
  EXPECT_EQ(
      told(read.events),
      R"(thought:h thought:

 thought:m seal:weir.responses.rs_1/gA text:é😀{"content":[{"token":"é","logprob":-1,"bytes":[195,169],"top_logprobs":[]}],"refusal":null} )"
      R"(refusal:no call0:c,f, call0:,,{"x": call1:d,p,{"input":" call1:,,a\n call0:,,1} call1:,,"} finish:tool_calls usage:10/7 done)");
  EXPECT_EQ(read.state.id, "resp_9");
  EXPECT_EQ(read.state.model, "gpt");
  EXPECT_EQ(read.state.created, 5);
  EXPECT_EQ(read.raw, bytes) << "every byte can go on";
  EXPECT_EQ(told(streamed({bytes}, "responses").events).find("weir."), std::string::npos);
}

TEST_F(responses_model, a_stream_may_be_cut_between_any_two_bytes) {
  const auto bytes = stream_of_everything();
  const auto expected = told(streamed({bytes}).events);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    ASSERT_EQ(told(streamed({std::string_view(bytes).substr(0, cut), std::string_view(bytes).substr(cut)}).events),
              expected)
        << cut;
  }
}

TEST_F(responses_model, what_a_server_only_tells_whole_is_told_then) {
  const auto completed = [](std::string_view output) {
    return event("response.completed", fmt::format(R"("response":{{"status":"completed","output":[{}]}})", output));
  };
  constexpr std::string_view message = R"({"type":"message","id":"m","content":[{"type":"output_text","text":"a"}]})";
  constexpr std::string_view call = R"({"type":"function_call","id":"fc","call_id":"c","name":"f","arguments":"{}"})";
  constexpr std::string_view thought =
      R"({"type":"reasoning","id":"rs_1","summary":[],"content":[{"type":"reasoning_text","text":"hm"}],"encrypted_content":"e"})";
  const auto all = fmt::format("{},{},{}", thought, message, call);
  constexpr std::string_view expected =
      "thought:hm seal:weir.responses.rs_1/e text:a call0:c,f, call0:,,{} finish:tool_calls done";
  EXPECT_EQ(told(streamed({completed(all)}).events), expected) << "only the end";
  std::string items;
  int index = 0;
  for (const auto item : {thought, message, call}) {
    items += event("response.output_item.done", fmt::format(R"("output_index":{},"item":{})", index++, item));
  }
  EXPECT_EQ(told(streamed({items, completed(all)}).events), expected) << "each item when it is done";
  EXPECT_EQ(told(streamed({items, completed("")}).events), expected);
  // Without numbers: by id, and by order.
  std::string bare;
  for (const auto item : {message, call}) {
    bare += event("response.output_item.added",
                  fmt::format(R"("item":{})", item == message
                                                  ? R"({"type":"message","id":"m"})"
                                                  : R"({"type":"function_call","id":"fc","call_id":"c","name":"f"})"));
  }
  bare += event("response.output_text.delta", R"("item_id":"m","delta":"a")") +
          event("response.function_call_arguments.delta", R"("item_id":"fc","delta":"{}")");
  bare += event("response.output_item.done", fmt::format(R"("item":{})", message)) +
          event("response.output_item.done", fmt::format(R"("item":{})", call));
  EXPECT_EQ(told(streamed({bare, completed(fmt::format("{},{}", message, call))}).events),
            "call0:c,f, text:a call0:,,{} finish:tool_calls done");
  // Without `type` in the data: by the event's name.
  EXPECT_EQ(told(streamed({"event: response.output_text.delta\ndata: {\"delta\":\"a\"}\n\n"}).events), "text:a");
}

TEST_F(responses_model, errors_in_a_stream_are_errors) {
  for (const auto& [bytes, expected] : std::initializer_list<std::pair<std::string, std::string_view>>{
           {event("error", R"("code":"rate_limit_exceeded","message":"slow","param":null,"sequence_number":3)"),
            "error:upstream_rate_limited:slow"},
           {event("error", R"("error":{"type":"server_error","message":"broke"})"),
            "error:upstream_server_error:broke"},
           {event("response.failed",
                  R"("response":{"status":"failed","error":{"code":"context_length_exceeded","message":"too long"}})"),
            "error:context_overflow:too long"},
           {"data: {\"error\":{\"message\":\"bare\",\"type\":\"server_error\"}}\n\n",
            "error:upstream_server_error:bare"}}) {
    const auto read = streamed({bytes});
    EXPECT_EQ(told(read.events), expected) << bytes;
    EXPECT_EQ(read.state.forwarding.way, Forwarding::Way::from_events);
  }
  // Text that cannot be read is not missing without a word; noise is.
  EXPECT_NE(told(streamed({"data: {\"type\":\"response.output_text.delta\",\"delta\":\"a\n\n"}).events).find("error:"),
            std::string::npos);
  EXPECT_EQ(told(streamed({"data: oops\n\n", "data: 7\n\n", "data: {}\n\n", "data: [DONE]\n\n"}).events), "done");
}

TEST_F(responses_model, ends_of_streams_are_read) {
  const auto end = [](std::string_view type, std::string_view rest) {
    return told(streamed({event("response.output_text.delta", R"("output_index":0,"delta":"a")"),
                          event(type, fmt::format(R"("response":{{{}}})", rest))})
                    .events);
  };
  EXPECT_EQ(end("response.completed", R"("status":"completed")"), "text:a finish:stop done");
  EXPECT_EQ(end("response.incomplete", R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})"),
            "text:a finish:length done");
  EXPECT_EQ(end("response.incomplete", R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})"),
            "text:a finish:content_filter done");
  const auto search =
      event("response.output_item.added", R"("output_index":0,"item":{"type":"web_search_call","id":"ws"})") +
      event("response.web_search_call.searching", R"("output_index":0)") +
      event("response.output_item.done", R"("output_index":0,"item":{"type":"web_search_call","id":"ws"})");
  EXPECT_EQ(told(streamed({search}).events), "other other other");
}

TEST_F(responses_model, characters_cut_in_two_are_joined) {
  const auto read = streamed({event("response.output_text.delta", R"("output_index":0,"delta":"a\ud83d")"),
                              event("response.output_text.delta", R"("output_index":0,"delta":"\ude00b")"),
                              event("response.completed", R"("response":{"status":"completed","output":[]})")});
  std::string text;
  for (const auto& one : read.events) text += one.text;
  EXPECT_EQ(text, "a😀b");
}

TEST_F(responses_model, events_of_any_type_never_crash) {
  const auto bytes = stream_of_everything();
  std::vector<std::string_view> lines;
  EventFramer framer(Framing::sse);
  framer.feed(bytes);
  FramedEvent one;
  json::Document scratch;
  Request request;
  while (framer.next(one).value_or(false)) {
    if (!one.has_data) continue;
    const std::string data(one.data);
    for (const auto& field : json::top_level_fields(data)) {
      for (const std::string_view other : {"null", "7", "-1", "1e300", "9223372036854775807", "true", R"("x")", "[]",
                                           "{}", R"([{"type":"message"}])", R"({"type":"function_call"})"}) {
        const auto changed =
            json::apply(data, {{.begin = field.value_begin, .end = field.value_end, .with = std::string(other)}});
        std::vector<StreamEvent> events;
        const auto reader = model_face("responses").stream(request);
        (void)reader->read({.data = changed, .has_data = true}, scratch, events);
        (void)reader->read({.data = data, .has_data = true}, scratch, events);
      }
    }
  }
}

// Servers that leave the number of an item out, begin with 1, let it be 0 for all, or name items only when they are
// done.
TEST_F(responses_model, an_item_is_told_once_however_it_is_numbered) {
  struct Numbers {
    std::string_view message, call;
  };
  for (const auto& [message, call] : {Numbers{R"("output_index":0,)", R"("output_index":1,)"},
                                      {R"("output_index":0,)", R"("output_index":0,)"},
                                      {R"("output_index":1,)", R"("output_index":2,)"},
                                      {R"("output_index":7,)", R"("output_index":7,)"},
                                      {"", ""}}) {
    for (const bool begun : {true, false}) {
      const auto item = [](std::string_view type, std::string_view number, std::string_view rest) {
        return fmt::format("data: {{\"type\":\"{}\",{}{}}}\n\n", type, number, rest);
      };
      const std::string said = R"("type":"message","role":"assistant","content":[{"type":"output_text","text":"hi"}])";
      const std::string made = R"("type":"function_call","call_id":"c","name":"f","arguments":"{\"a\":1}")";
      std::string bytes;
      if (begun)
        bytes += item("response.output_item.added", message, R"("item":{"id":"m","type":"message","content":[]})");
      bytes += item("response.output_text.delta", message, R"("item_id":"m","delta":"hi")");
      bytes += item("response.output_item.done", message, R"("item":{"id":"m",)" + said + "}");
      if (begun) {
        bytes += item("response.output_item.added", call,
                      R"("item":{"id":"f","type":"function_call","call_id":"c","name":"f","arguments":""})");
      }
      bytes += item("response.function_call_arguments.delta", call, R"("item_id":"f","delta":"{\"a\":1}")");
      bytes += item("response.output_item.done", call, R"("item":{"id":"f",)" + made + "}");
      bytes += R"(data: {"type":"response.completed","response":{"id":"r","status":"completed","output":[{"id":"m",)" +
               said + R"(},{"id":"f",)" + made + "}]}}\n\n";
      const auto got = streamed({bytes});
      std::string text;
      std::string arguments;
      for (const auto& event : got.events) {
        if (event.kind == Kind::text) text += event.text;
        if (event.kind == Kind::tool_call) arguments += event.tool.arguments;
      }
      EXPECT_EQ(text, "hi") << bytes;
      EXPECT_EQ(arguments, R"({"a":1})") << bytes;
    }
  }
}

}  // namespace
}  // namespace weir
