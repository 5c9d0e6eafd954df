// What a client of the Responses format is given: whole answers, and streams event by event.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "core/sse.h"
#include "formats/format.h"
#include "formats/responses/declared_tools.h"
#include "formats/responses/seal.h"
#include "formats/shared/assembler.h"

namespace weir {
namespace {

using Kind = StreamEvent::Kind;

constexpr std::string_view patch = R"({"type":"custom","name":"patch"})";

struct Event {
  std::string name;
  std::string data;
};

class responses_answer : public testing::Test {
 protected:
  Request ask(std::string_view rest = R"("input":"q")") {
    auto request = client_face("responses").read({.body = fmt::format(R"({{"model":"m",{}}})", rest)}, pool_);
    EXPECT_TRUE(request.has_value()) << (request ? "" : request.error().message);
    return std::move(*request);
  }

  static std::vector<Event> framed(std::string_view bytes) {
    std::vector<Event> out;
    EventFramer framer(Framing::sse);
    framer.feed(bytes);
    FramedEvent event;
    while (framer.next(event).value_or(false)) out.push_back({std::string(event.name), std::string(event.data)});
    EXPECT_FALSE(framer.finish(event).value_or(false)) << "bytes behind the last event";
    return out;
  }

  static std::string shown(const Request& request, const std::vector<StreamEvent>& events) {
    const auto writer = client_face("responses").stream(request);
    std::string out;
    writer->begin({.id = "resp_1", .model = "m", .created = 7});
    for (const auto& event : events) writer->write(event, out);
    writer->end(out);
    return out;
  }

  // Every event without what all have in common: `output_item.added {"output_index":0,…}`; answers are checked apart.
  static std::string told(std::string_view bytes) {
    std::string out;
    int64_t number = 0;
    for (const auto& [name, data] : framed(bytes)) {
      const auto head = fmt::format(R"({{"type":"{}","sequence_number":{},)", name, number++);
      EXPECT_TRUE(data.starts_with(head)) << data;
      out.append(name.starts_with("response.") ? name.substr(9) : name);
      if (json::member(data, "response").empty()) out.append(" {").append(data.substr(head.size()));
      out += '\n';
    }
    return out;
  }
  static std::string last_response(std::string_view bytes) {
    const auto events = framed(bytes);
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      if (const auto response = json::member(event->data, "response"); !response.empty()) return std::string(response);
    }
    return {};
  }

  json::DocumentPool pool_;
};

Response answer(std::vector<AnswerPart> parts, FinishReason finish = FinishReason::stop) {
  Response response{.id = "resp_1", .model = "m", .created = 7};
  auto& choice = response.choices.emplace_back();
  choice.parts = std::move(parts);
  choice.finish = finish;
  response.usage = {.input = 10, .cached = 4, .written = 2, .output = 5, .reasoning = 3, .known = true};
  return response;
}

AnswerPart text(std::string words, Part::Kind kind = Part::Kind::text) {
  return {.kind = kind, .text = std::move(words)};
}
AnswerPart call(std::string id, std::string name, std::string arguments, std::string signature = {}) {
  AnswerPart part{.kind = Part::Kind::tool_call};
  part.call = {.id = std::move(id),
               .name = std::move(name),
               .arguments = std::move(arguments),
               .signature = std::move(signature)};
  return part;
}

TEST_F(responses_answer, a_whole_answer_has_every_field_that_is_promised) {
  EXPECT_EQ(
      client_face("responses").write(answer({text("hi")}), ask()),
      R"({"id":"resp_1","object":"response","created_at":7,"status":"completed","error":null,"incomplete_details":null,)"
      R"("model":"m","output":[{"id":"msg_weir_1_0","type":"message","status":"completed","role":"assistant","content":)"
      R"([{"type":"output_text","text":"hi","annotations":[],"logprobs":[]}]}],"usage":{"input_tokens":10,)"
      R"("input_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"output_tokens":5,)"
      R"("output_tokens_details":{"reasoning_tokens":3},"total_tokens":15},"background":false,"instructions":null,)"
      R"("max_output_tokens":null,"max_tool_calls":null,"parallel_tool_calls":true,"previous_response_id":null,)"
      R"("reasoning":{"effort":null,"summary":null},"store":false,"temperature":1,"text":{"format":{"type":"text"}},)"
      R"("tool_choice":"auto","tools":[],"top_logprobs":0,"top_p":1,"truncation":"disabled","metadata":{}})");
}

TEST_F(responses_answer, what_was_asked_is_repeated) {
  const auto request = ask(
      "\"input\":\"q\",\"instructions\":\"be\\nbrief\",\"tools\": [ {\"type\":\"function\", \"name\":\"f\"},\n"
      R"({"type":"function","name":"g","description":"d","strict":true,"parameters":{"a":[1,2]}},{"type":"custom","name":"p"}],)"
      R"("tool_choice":{"type":"function","name":"f"},"temperature":0.25,"top_p":0.5,"max_output_tokens":9,"metadata":{ "a":"b" },)"
      R"("reasoning":{"effort":"low"},"text":{"verbosity":"low"},"parallel_tool_calls":false)");
  const auto body = client_face("responses").write(answer({text("hi")}), request);
  for (
      const std::string_view expected :
      {R"("instructions":"be\nbrief")",
       R"("tools":[{"type":"function","name":"f","strict":null,"parameters":null,"description":null},)"
       R"({"type":"function","name":"g","description":"d","strict":true,"parameters":{"a":[1,2]}},{"type":"custom","name":"p"}])",
       R"("tool_choice":{"type":"function","name":"f"})", R"("temperature":0.25)", R"("top_p":0.5)",
       R"("max_output_tokens":9)", R"("metadata":{"a":"b"})", R"("reasoning":{"effort":"low"})",
       R"("text":{"format":{"type":"text"},"verbosity":"low"})", R"("parallel_tool_calls":false)"}) {
    EXPECT_NE(body.find(expected), std::string::npos) << expected << "\n" << body;
  }
  EXPECT_EQ(body.find('\n'), std::string::npos) << "an event is one line";
  for (const auto& [asked, expected] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {R"({"format":{"type":"json_object"}})", R"({"format":{"type":"json_object"}})"},
           {R"({"format":null})", R"({"format":{"type":"text"}})"},
           {R"({})", R"({"format":{"type":"text"}})"}}) {
    const auto written =
        client_face("responses").write(answer({}), ask(fmt::format(R"("input":"q","text":{})", asked)));
    EXPECT_EQ(json::member(written, "text"), expected);
  }
}

TEST_F(responses_answer, parts_become_items) {
  const auto request = ask(fmt::format(
      R"("input":"q","tools":[{},{{"type":"function","name":"f"}},{{"type":"namespace","name":"crm","tools":[{{"type":"function","name":"f"}}]}}])",
      patch));
  struct Case {
    std::vector<AnswerPart> parts;
    FinishReason finish;
    std::string_view output;
  };
  AnswerPart sealed = text("hm", Part::Kind::thinking);
  sealed.signature = "rs_9/gA";
  AnswerPart hidden = text("", Part::Kind::thinking);
  hidden.signature = "weir.anthropic.s";
  for (
      const auto& c : {
          Case{{}, FinishReason::stop, "[]"},
          Case{
              {sealed, hidden, text("no", Part::Kind::thinking)},
              FinishReason::stop,
              R"([{"id":"rs_9","type":"reasoning","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"gA"},)"
              R"({"id":"rs_weir_1_1","type":"reasoning","summary":[],"encrypted_content":"weir.anthropic.s"},)"
              R"({"id":"rs_weir_1_2","type":"reasoning","summary":[{"type":"summary_text","text":"no"}]}])"},
          Case{
              {text("a"), text("no", Part::Kind::refusal), call("c", "f", "{}"), text("b")},
              FinishReason::length,
              R"([{"id":"msg_weir_1_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"a","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"no"}]},)"
              R"({"id":"fc_weir_1_1","type":"function_call","status":"completed","call_id":"c","name":"f","arguments":"{}"},)"
              R"({"id":"msg_weir_1_2","type":"message","status":"incomplete","role":"assistant","content":[{"type":"output_text","text":"b","annotations":[],"logprobs":[]}]}])"},
          Case{
              {call("c", "patch", R"({"input":"a\nb"})"), call("d", "crm__f", "{}"), call("e", "unknown", "{")},
              FinishReason::tool_calls,
              R"([{"id":"ctc_weir_1_0","type":"custom_tool_call","status":"completed","call_id":"c","name":"patch","input":"a\nb"},)"
              R"({"id":"fc_weir_1_1","type":"function_call","status":"completed","call_id":"d","name":"f","namespace":"crm","arguments":"{}"},)"
              R"({"id":"fc_weir_1_2","type":"function_call","status":"completed","call_id":"e","name":"unknown","arguments":"{"}])"},
          Case{
              {call("c", "f", "{}", "weir.gemini.s")},
              FinishReason::tool_calls,
              R"([{"id":"rs_weir_1_0","type":"reasoning","summary":[],"encrypted_content":"call:weir.gemini.s"},)"
              R"({"id":"fc_weir_1_1","type":"function_call","status":"completed","call_id":"c","name":"f","arguments":"{}"}])"},
      }) {
    const auto body = client_face("responses").write(answer(c.parts, c.finish), request);
    EXPECT_EQ(json::member(body, "output"), c.output);
    // A stream ends with the same answer, but for the id of a thought that only its end tells.
    auto expected = std::string(c.output);
    if (const auto at = expected.find("rs_9"); at != std::string::npos) expected.replace(at, 4, "rs_weir_1_0");
    const auto streamed = last_response(shown(request, events_of(answer(c.parts, c.finish))));
    EXPECT_EQ(json::member(streamed, "output"), expected);
    EXPECT_EQ(json::member(streamed, "usage"), json::member(body, "usage"));
    EXPECT_EQ(json::member(streamed, "status"), json::member(body, "status"));
  }
}

TEST_F(responses_answer, how_it_ended_is_said) {
  for (const auto& [finish, status, details] :
       std::initializer_list<std::tuple<FinishReason, std::string_view, std::string_view>>{
           {FinishReason::none, R"("completed")", "null"},
           {FinishReason::stop, R"("completed")", "null"},
           {FinishReason::tool_calls, R"("completed")", "null"},
           {FinishReason::length, R"("incomplete")", R"({"reason":"max_output_tokens"})"},
           {FinishReason::content_filter, R"("incomplete")", R"({"reason":"content_filter"})"}}) {
    const auto body = client_face("responses").write(answer({text("a")}, finish), ask());
    EXPECT_EQ(json::member(body, "status"), status);
    EXPECT_EQ(json::member(body, "incomplete_details"), details);
    const auto bytes = shown(ask(), events_of(answer({text("a")}, finish)));
    EXPECT_EQ("\"" + framed(bytes).back().name.substr(9) + "\"", status);
  }
}

TEST_F(responses_answer, log_probabilities_are_shown_with_their_bytes) {
  constexpr std::string_view chat =
      R"({"content":[{"token":"é","logprob":-0.5,"bytes":null,"top_logprobs":[{"token":"e","logprob":-1,"bytes":[101]}]}],"refusal":null})";
  auto response = answer({text("é")});
  response.choices.front().logprobs = chat;
  const std::string_view expected =
      R"("logprobs":[{"token":"é","logprob":-0.5,"bytes":[195,169],"top_logprobs":[{"token":"e","logprob":-1,"bytes":[101]}]}])";
  EXPECT_NE(client_face("responses").write(response, ask()).find(expected), std::string::npos);
  const auto bytes = shown(ask(), events_of(response));
  std::size_t times = 0;
  for (auto at = bytes.find(expected); at != std::string::npos; at = bytes.find(expected, at + 1)) ++times;
  EXPECT_EQ(times, 5U) << "delta, done of text, part, item, answer";
}

TEST_F(responses_answer, a_stream_of_text_has_its_events_in_order) {
  const auto bytes = shown(ask(), {{.kind = Kind::lifecycle},
                                   {.kind = Kind::text, .text = "a"},
                                   {.kind = Kind::text, .text = "b"},
                                   {.kind = Kind::finish, .finish = FinishReason::stop},
                                   {.kind = Kind::usage, .usage = {.input = 1, .output = 2, .known = true}}});
  EXPECT_EQ(told(bytes),
            R"(created
in_progress
output_item.added {"output_index":0,"item":{"id":"msg_weir_1_0","type":"message","status":"in_progress","role":"assistant","content":[]}}
content_part.added {"item_id":"msg_weir_1_0","output_index":0,"content_index":0,"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}}
output_text.delta {"item_id":"msg_weir_1_0","output_index":0,"content_index":0,"delta":"a","logprobs":[]}
output_text.delta {"item_id":"msg_weir_1_0","output_index":0,"content_index":0,"delta":"b","logprobs":[]}
output_text.done {"item_id":"msg_weir_1_0","output_index":0,"content_index":0,"text":"ab","logprobs":[]}
content_part.done {"item_id":"msg_weir_1_0","output_index":0,"content_index":0,"part":{"type":"output_text","text":"ab","annotations":[],"logprobs":[]}}
output_item.done {"output_index":0,"item":{"id":"msg_weir_1_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"ab","annotations":[],"logprobs":[]}]}}
completed
)");
  const auto first = std::string(json::member(framed(bytes).front().data, "response"));
  EXPECT_EQ(json::member(first, "status"), R"("in_progress")");
  EXPECT_EQ(json::member(first, "output"), "[]");
  EXPECT_EQ(json::member(first, "usage"), "") << "not known yet";
}

TEST_F(responses_answer, thoughts_refusals_and_calls_have_events_of_their_own) {
  const auto request = ask(fmt::format(R"("input":"q","tools":[{}])", patch));
  const auto bytes = shown(request, {{.kind = Kind::reasoning, .text = "h"},
                                     {.kind = Kind::reasoning, .text = "m"},
                                     {.kind = Kind::signature, .text = "s"},
                                     {.kind = Kind::text, .text = "a"},
                                     {.kind = Kind::refusal, .text = "no"},
                                     {.kind = Kind::tool_call, .tool_index = 0, .tool = {.id = "c", .name = "f"}},
                                     {.kind = Kind::tool_call, .tool_index = 0, .tool = {.arguments = "{}"}},
                                     {.kind = Kind::tool_call, .tool_index = 1, .tool = {.id = "d", .name = "patch"}},
                                     {.kind = Kind::tool_call, .tool_index = 1, .tool = {.arguments = R"({"inp)"}},
                                     {.kind = Kind::tool_call, .tool_index = 1, .tool = {.arguments = R"(ut": "x\)"}},
                                     {.kind = Kind::tool_call, .tool_index = 1, .tool = {.arguments = R"(ny"})"}},
                                     {.kind = Kind::finish, .finish = FinishReason::tool_calls}});
  EXPECT_EQ(told(bytes),
            R"(created
in_progress
output_item.added {"output_index":0,"item":{"id":"rs_weir_1_0","type":"reasoning","summary":[]}}
reasoning_summary_part.added {"item_id":"rs_weir_1_0","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}
reasoning_summary_text.delta {"item_id":"rs_weir_1_0","output_index":0,"summary_index":0,"delta":"h"}
reasoning_summary_text.delta {"item_id":"rs_weir_1_0","output_index":0,"summary_index":0,"delta":"m"}
reasoning_summary_text.done {"item_id":"rs_weir_1_0","output_index":0,"summary_index":0,"text":"hm"}
reasoning_summary_part.done {"item_id":"rs_weir_1_0","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":"hm"}}
output_item.done {"output_index":0,"item":{"id":"rs_weir_1_0","type":"reasoning","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"s"}}
output_item.added {"output_index":1,"item":{"id":"msg_weir_1_1","type":"message","status":"in_progress","role":"assistant","content":[]}}
content_part.added {"item_id":"msg_weir_1_1","output_index":1,"content_index":0,"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}}
output_text.delta {"item_id":"msg_weir_1_1","output_index":1,"content_index":0,"delta":"a","logprobs":[]}
output_text.done {"item_id":"msg_weir_1_1","output_index":1,"content_index":0,"text":"a","logprobs":[]}
content_part.done {"item_id":"msg_weir_1_1","output_index":1,"content_index":0,"part":{"type":"output_text","text":"a","annotations":[],"logprobs":[]}}
content_part.added {"item_id":"msg_weir_1_1","output_index":1,"content_index":1,"part":{"type":"refusal","refusal":""}}
refusal.delta {"item_id":"msg_weir_1_1","output_index":1,"content_index":1,"delta":"no"}
refusal.done {"item_id":"msg_weir_1_1","output_index":1,"content_index":1,"refusal":"no"}
content_part.done {"item_id":"msg_weir_1_1","output_index":1,"content_index":1,"part":{"type":"refusal","refusal":"no"}}
output_item.done {"output_index":1,"item":{"id":"msg_weir_1_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"a","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"no"}]}}
output_item.added {"output_index":2,"item":{"id":"fc_weir_1_2","type":"function_call","status":"in_progress","call_id":"c","name":"f","arguments":""}}
function_call_arguments.delta {"item_id":"fc_weir_1_2","output_index":2,"delta":"{}"}
function_call_arguments.done {"item_id":"fc_weir_1_2","output_index":2,"name":"f","arguments":"{}"}
output_item.done {"output_index":2,"item":{"id":"fc_weir_1_2","type":"function_call","status":"completed","call_id":"c","name":"f","arguments":"{}"}}
output_item.added {"output_index":3,"item":{"id":"ctc_weir_1_3","type":"custom_tool_call","status":"in_progress","call_id":"d","name":"patch","input":""}}
custom_tool_call_input.delta {"item_id":"ctc_weir_1_3","output_index":3,"delta":"x"}
custom_tool_call_input.delta {"item_id":"ctc_weir_1_3","output_index":3,"delta":"\ny"}
custom_tool_call_input.done {"item_id":"ctc_weir_1_3","output_index":3,"input":"x\ny"}
output_item.done {"output_index":3,"item":{"id":"ctc_weir_1_3","type":"custom_tool_call","status":"completed","call_id":"d","name":"patch","input":"x\ny"}}
completed
)");
}

TEST_F(responses_answer, pieces_of_calls_that_come_in_turns_stay_apart) {
  const auto piece = [](int64_t index, std::string id, std::string arguments) {
    return StreamEvent{.kind = Kind::tool_call,
                       .tool_index = index,
                       .tool = {.id = id, .name = id.empty() ? "" : "f", .arguments = std::move(arguments)}};
  };
  const auto bytes =
      shown(ask(), {piece(0, "c", "{\"a\":"), piece(1, "d", "{"), piece(0, "", "1}"), piece(1, "", "}")});
  const auto response = last_response(bytes);
  const auto output = json::member(response, "output");
  EXPECT_EQ(json::elements(output).size(), 2U);
  EXPECT_NE(output.find(R"("call_id":"c","name":"f","arguments":"{\"a\":1}")"), std::string::npos) << output;
  EXPECT_NE(output.find(R"("call_id":"d","name":"f","arguments":"{}")"), std::string::npos) << output;
}

TEST_F(responses_answer, an_answer_that_fails_says_so_twice) {
  const auto request = ask();
  for (const auto& [code, name] : std::initializer_list<std::pair<ErrorCode, std::string_view>>{
           {ErrorCode::upstream_truncated, "server_error"},
           {ErrorCode::upstream_rate_limited, "rate_limit_exceeded"},
           {ErrorCode::context_overflow, "context_length_exceeded"},
           {ErrorCode::content_filtered, "invalid_prompt"}}) {
    const auto writer = client_face("responses").stream(request);
    std::string out;
    writer->begin({.id = "resp_1", .model = "m", .created = 7});
    writer->write({.kind = Kind::text, .text = "a"}, out);
    writer->fail({.code = code, .message = "b\"roken", .param = "p"}, out);
    const auto size = out.size();
    writer->end(out);
    writer->fail({.message = "again"}, out);
    writer->write({.kind = Kind::text, .text = "late"}, out);
    EXPECT_EQ(out.size(), size) << "nothing follows";
    const auto events = framed(out);
    EXPECT_EQ(events[events.size() - 2].name, "response.failed");
    const auto response = json::member(events[events.size() - 2].data, "response");
    EXPECT_EQ(json::member(response, "error"), fmt::format(R"({{"code":"{}","message":"b\"roken"}})", name));
    EXPECT_EQ(json::member(response, "status"), R"("failed")");
    EXPECT_EQ(events.back().name, "error");
    EXPECT_EQ(json::member(events.back().data, "message"), R"("b\"roken")");
    EXPECT_EQ(json::member(events.back().data, "param"), R"("p")");
    EXPECT_NE(json::member(events.back().data, "code"), "");
  }
}

TEST_F(responses_answer, another_model_goes_on_where_bytes_of_the_same_format_stopped) {
  const auto request = ask();
  std::string whole;
  {
    const auto writer = client_face("responses").stream(request);
    writer->begin({.id = "resp_theirs", .model = "theirs", .created = 9});
    for (const auto& event :
         {StreamEvent{.kind = Kind::reasoning, .text = "hm"}, StreamEvent{.kind = Kind::text, .text = "one "},
          StreamEvent{.kind = Kind::text, .text = "two "}, StreamEvent{.kind = Kind::refusal, .text = "no"}}) {
      writer->write(event, whole);
    }
    writer->end(whole);
  }
  const auto passed = framed(whole);
  // Cut behind every event, and continued with text.
  for (std::size_t cut = 1; cut < passed.size(); ++cut) {
    const auto writer = client_face("responses").stream(request);
    writer->begin({.id = "resp_ours", .model = "ours", .created = 10});
    std::string out;
    for (std::size_t i = 0; i < cut; ++i) {
      writer->passed({.data = passed[i].data, .name = passed[i].name, .has_data = true}, {});
      out.append("event: ").append(passed[i].name).append("\ndata: ").append(passed[i].data).append("\n\n");
    }
    writer->write({.kind = Kind::text, .text = "three"}, out);
    writer->end(out);
    const auto all = framed(out);
    std::string text;
    std::vector<std::string> open;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto& [name, data] = all[i];
      EXPECT_EQ(json::member(data, "sequence_number"), std::to_string(i)) << cut;
      if (name == "response.output_text.delta") text += json::member(data, "delta");
      if (name == "response.output_item.added") open.emplace_back(json::member(data, "output_index"));
      if (name == "response.output_item.done") std::erase(open, json::member(data, "output_index"));
    }
    EXPECT_TRUE(open.empty()) << "cut behind " << passed[cut - 1].name;
    EXPECT_NE(text.find("three"), std::string::npos);
    EXPECT_EQ(all.back().name, "response.completed");
    const auto response = std::string(json::member(all.back().data, "response"));
    EXPECT_EQ(json::member(response, "id"), R"("resp_theirs")") << "a client refuses another id";
    const auto output = json::member(response, "output");
    EXPECT_NE(output.find("three"), std::string::npos) << output;
    EXPECT_EQ(output.find("one ") != std::string::npos, text.find("one ") != std::string::npos) << output;
    EXPECT_EQ(output.find("two ") != std::string::npos, text.find("two ") != std::string::npos) << output;
  }
  // All of it: nothing is added.
  const auto writer = client_face("responses").stream(request);
  writer->begin({.id = "resp_ours", .model = "ours"});
  for (const auto& [name, data] : passed) writer->passed({.data = data, .name = name, .has_data = true}, {});
  std::string rest;
  writer->end(rest);
  EXPECT_EQ(rest, "");
}

TEST_F(responses_answer, events_that_passed_may_be_anything) {
  const auto request = ask();
  for (const std::string_view data :
       {"", "[]", "{}", "7", "[DONE]", R"({"type":7})", R"({"type":"response.output_item.added","output_index":-1})",
        R"({"type":"response.output_item.added","output_index":9223372036854775807,"item":{}})",
        R"({"type":"response.output_item.added","output_index":1,"item":[]})",
        R"({"type":"response.output_item.done","output_index":3})",
        R"({"type":"response.output_text.delta","output_index":2,"delta":"x"})",
        R"({"type":"response.content_part.added","output_index":0,"part":7})",
        R"({"type":"response.created","response":[]})", R"({"type":"x","sequence_number":"y"})"}) {
    const auto writer = client_face("responses").stream(request);
    writer->begin({.id = "resp_1", .model = "m"});
    writer->passed({.data = data, .has_data = true}, {});
    writer->passed(
        {.data = R"({"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"msg_1"}})",
         .has_data = true},
        {});
    writer->passed({.data = data, .has_data = true}, {});
    std::string out;
    writer->write({.kind = Kind::text, .text = "a"}, out);
    writer->end(out);
    EXPECT_EQ(framed(out).back().name, "response.completed") << data;
  }
}

TEST_F(responses_answer, the_input_of_a_custom_call_is_the_same_however_it_comes) {
  using responses::InputReader;
  for (const std::string_view arguments :
       {R"({"input":"plain"})", R"( { "input" : "a\"b\\c\/d\n\t\u00e9\ud83d\ude00 é" } )", R"({"input":""})",
        R"({"input":"x","more":1})", R"({"other":"y","input":"x"})", R"({})", R"({"input":7})", "just text", "",
        R"({"input":"cut)", R"({"input":"\ud83d"})", R"({"input":"\ud83dx"})", R"({"inp)", R"(["input"])",
        R"({"input":"a\u12)"}) {
    json::Document document;
    const bool whole = document.parse_copy(arguments).has_value();
    const bool has_half =
        arguments.find("\\ud83d\"") != std::string_view::npos || arguments.find("\\ud83dx") != std::string_view::npos;
    std::string at_once;
    {
      InputReader reader;
      at_once = reader.add(arguments);
      at_once += reader.end();
    }
    if (whole && !has_half) {
      EXPECT_EQ(at_once, responses::input_of_arguments(arguments)) << arguments;
    }
    for (std::size_t cut = 0; cut <= arguments.size(); ++cut) {
      InputReader reader;
      auto input = reader.add(arguments.substr(0, cut));
      input += reader.add(arguments.substr(cut));
      input += reader.end();
      EXPECT_EQ(input, at_once) << arguments << " cut at " << cut;
    }
  }
  for (const std::string_view input : {"", "a", "\"\\\n\x01", "é😀", "{}"}) {
    EXPECT_EQ(responses::input_of_arguments(responses::arguments_of_input(input)), input);
  }
}

TEST_F(responses_answer, seals_keep_the_id_they_are_tied_to) {
  using namespace responses;
  EXPECT_EQ(join_seal("rs_1", "gA/b"), "rs_1/gA/b");
  EXPECT_EQ(split_seal("rs_1/gA/b").id, "rs_1");
  EXPECT_EQ(split_seal("rs_1/gA/b").encrypted, "gA/b");
  EXPECT_EQ(split_seal("gA/b").id, "");
  EXPECT_EQ(split_seal("gA/b").encrypted, "gA/b");
  EXPECT_EQ(join_seal("", "gA"), "gA");
  EXPECT_EQ(join_seal("rs_1", ""), "");
  EXPECT_EQ(join_seal("rs_weir_1_0", "gA"), "gA") << "our own id means nothing to the provider";
  EXPECT_EQ(join_seal("rs_1", "weir.gemini.x"), "weir.gemini.x");
  EXPECT_EQ(read_seal_of_call(seal_of_call("weir.gemini.x")), "weir.gemini.x");
  EXPECT_EQ(read_seal_of_call("gA"), "");
  EXPECT_TRUE(is_made_id(make_item_id("msg", "resp_1", 0)));
  EXPECT_FALSE(is_made_id("msg_1"));
  EXPECT_FALSE(is_made_id("weir"));
  EXPECT_LE(make_item_id("msg", std::string(500, 'x'), 9999).size(), 64U);
  EXPECT_EQ(make_item_id("msg", "chat cmpl\"1", 0), "msg_weir_chat-cmpl-1_0");
}

}  // namespace
}  // namespace weir
