// Conversations of the Responses format: what an earlier answer's id stands for, and what is given of kept answers.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "formats/format.h"
#include "formats/responses/conversation.h"

namespace weir {
namespace {

const ConversationFace& face() { return responses::conversations(); }

// A turn with its texts.
struct Said {
  std::string id;
  std::string input;
  std::string output;  // items, with commas between them
  std::string answer =
      fmt::format(R"({{"id":"{}","object":"response","status":"completed","output":[{}]}})", id, output);
};

std::vector<TurnTexts> turns(const std::vector<Said>& said) {
  std::vector<TurnTexts> texts;
  for (const auto& one : said) texts.push_back({.id = one.id, .input = one.input, .answer = one.answer});
  return texts;
}

std::string expanded(std::string_view body, const std::vector<Said>& said) {
  return face().expand(body, turns(said)).body;
}

bool is_json(std::string_view text) {
  json::Document document;
  return document.parse_copy(text).has_value();
}

Request read(const std::string& body, json::DocumentPool& pool) {
  auto request = client_face("responses").read({.body = body}, pool);
  EXPECT_TRUE(request) << body << (request ? "" : request.error().message);
  return request ? std::move(*request) : Request{};
}

constexpr std::string_view hello = R"({"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]})";
constexpr std::string_view answer_item = R"({"type":"message","id":"msg_1","role":"assistant","content":[]})";

TEST(responses_conversation, a_reference_stands_for_the_item_that_was_kept_under_its_id) {
  const std::vector<Said> said = {{.id = "resp_1",
                                   .input = "[]",
                                   .output = R"({"type":"function_call","id":"fc_1","call_id":"c","arguments":"{}"})"},
                                  {.id = "resp_2", .input = "[]", .output = std::string(answer_item)}};
  const auto put = [&](std::string_view body) { return face().put_in(body, turns(said)); };
  const std::string_view body =
      R"({"model":"m","input":[{"type":"item_reference","id":"fc_1"},"x",{"id":"msg_1","type":"item_reference"},)"
      R"({"type":"item_reference","id":"msg_9"}],"store":true})";
  EXPECT_EQ(face().refers_to(body), (std::vector<std::string>{"fc_1", "msg_1", "msg_9"}));
  EXPECT_EQ(put(body), fmt::format(R"({{"model":"m","input":[{},"x",{},)"
                                   R"({{"type":"item_reference","id":"msg_9"}}],"store":true}})",
                                   said[0].output, answer_item));
  EXPECT_EQ(face().item_ids(said[1].answer), std::vector<std::string>{"msg_1"});
  EXPECT_TRUE(face().item_ids("{}").empty());
}

TEST(responses_conversation, only_items_of_the_input_are_references) {
  for (const std::string_view body :
       {R"({"input":"item_reference"})", R"({"input":[{"type":"message","content":"item_reference","id":"a"}]})",
        R"({"item_reference":[{"type":"item_reference","id":"a"}]})", R"({"input":[{"type":"item_reference"}]})",
        R"({"input":[{"type":"item_reference","id":7}]})", R"({"input":{"type":"item_reference","id":"a"}})",
        R"([{"type":"item_reference","id":"a"}])", R"({"input":[{"type":"item_reference","id":"a"})", "item_reference",
        ""}) {
    EXPECT_TRUE(face().refers_to(body).empty()) << body;
  }
}

TEST(responses_conversation, references_stay_where_one_is_a_thought_that_only_its_provider_can_read) {
  const std::vector<Said> said = {
      {.id = "resp_1",
       .input = "[]",
       .output = fmt::format(R"({{"type":"reasoning","id":"rs_1","summary":[]}},{})", answer_item)}};
  const std::string_view both =
      R"({"input":[{"type":"item_reference","id":"rs_1"},{"type":"item_reference","id":"msg_1"}]})";
  EXPECT_EQ(face().put_in(both, turns(said)), both);
  // Without the thought the message goes under another id: its own is nothing without that.
  const auto alone = face().put_in(R"({"input":[{"type":"item_reference","id":"msg_1"}]})", turns(said));
  EXPECT_EQ(alone.find("msg_1"), std::string::npos) << alone;
  EXPECT_NE(alone.find(R"("role":"assistant")"), std::string::npos) << alone;
}

TEST(responses_conversation, a_body_is_asked_for_the_answer_that_it_goes_on_from) {
  struct Case {
    std::string_view body;
    std::string_view id;    // "" = none
    std::string_view says;  // "" = good
  };
  for (const auto& [body, id, says] :
       {Case{R"({"input":"x"})", "", ""}, Case{R"({"previous_response_id":null})", "", ""},
        Case{R"({"input":"previous_response_id"})", "", ""}, Case{R"({"a":{"previous_response_id":"resp_1"}})", "", ""},
        Case{R"({"previous_response_id":"resp_1"})", "resp_1", ""},
        Case{R"({"previous_response_id":"a\"\u00e9"})", "a\"é", ""},
        Case{R"({"previous_response_id":"resp_1","conversation":null})", "resp_1", ""},
        Case{R"({"previous_response_id":17})", "", "an integer"},
        Case{R"({"previous_response_id":["x"]})", "", "an array"},
        Case{R"({"previous_response_id":"resp_1","conversation":"conv_1"})", "", "exclude"},
        // No JSON: whoever reads the request says where it ends.
        Case{R"({"previous_response_id":"resp_1")", "", ""}, Case{R"(["previous_response_id"])", "", ""},
        Case{"previous_response_id", "", ""}}) {
    const auto found = face().continues(body);
    if (!says.empty()) {
      ASSERT_FALSE(found) << body;
      EXPECT_NE(found.error().message.find(says), std::string::npos) << found.error().message;
      EXPECT_EQ(found.error().param, "previous_response_id");
      EXPECT_EQ(found.error().status(), 400);
      continue;
    }
    ASSERT_TRUE(found) << body;
    EXPECT_EQ(found->value_or(""), id) << body;
  }
  EXPECT_TRUE(face().may_continue(R"({"previous_response_id":"x"})"));
  EXPECT_FALSE(face().may_continue(R"({"input":"x"})"));
}

TEST(responses_conversation, what_was_said_before_stands_before_what_is_new_in_the_order_in_which_it_was_said) {
  const std::vector<Said> before = {{.id = "resp_1", .input = R"([{"n":1},{"n":2}])", .output = R"({"n":3},{"n":4})"},
                                    {.id = "resp_2", .input = R"([{"n":5}])", .output = R"({"n":6})"}};
  constexpr std::string_view all = R"({"n":1},{"n":2},{"n":3},{"n":4},{"n":5},{"n":6})";
  struct Case {
    std::string_view body;
    std::string expected;
  };
  const std::string text = R"({"type":"message","role":"user","content":[{"type":"input_text","text":"a\n\"b\""}]})";
  for (const auto& [body, expected] : {
           Case{R"({"model":"m","previous_response_id":"resp_2","input":[{"n":7}],"store":true})",
                fmt::format(R"({{"model":"m","input":[{},{{"n":7}}],"store":true}})", all)},
           Case{R"({"previous_response_id" : "resp_2" , "input":"a\n\"b\""})",
                fmt::format(R"({{"input":[{},{}]}})", all, text)},
           Case{R"({ "input": [ {"n":7} , {"n":8} ], "previous_response_id":"resp_2" })",
                fmt::format(R"({{ "input": [{},{{"n":7}},{{"n":8}}] }})", all)},
           Case{R"({"model":"m","previous_response_id":"resp_2"})",
                fmt::format(R"({{"model":"m","input":[{}]}})", all)},
           Case{R"({"previous_response_id":"resp_2"})", fmt::format(R"({{"input":[{}]}})", all)},
           Case{R"({"input":[],"previous_response_id":"resp_2"})", fmt::format(R"({{"input":[{}]}})", all)},
           Case{R"({"input":null,"previous_response_id":"resp_2"})", fmt::format(R"({{"input":[{}]}})", all)},
           // For the reader to refuse.
           Case{R"({"input":17,"previous_response_id":"resp_2"})", R"({"input":17})"},
       }) {
    EXPECT_EQ(expanded(body, before), expected);
    EXPECT_TRUE(is_json(expanded(body, before))) << body;
  }
  EXPECT_EQ(face().expand(R"({"input":"x","previous_response_id":"resp_2"})", turns(before)).earlier_items, 6U);
}

TEST(responses_conversation, instructions_and_tools_of_earlier_turns_are_not_carried_over) {
  const Said before{
      .id = "resp_1",
      .input = "[]",
      .output = std::string(answer_item),
      .answer = fmt::format(R"({{"id":"resp_1","instructions":"be rude","tools":[{{"name":"rm"}}],"output":[{}]}})",
                            answer_item)};
  const auto body = expanded(R"({"model":"m","input":"x","previous_response_id":"resp_1"})", {before});
  EXPECT_EQ(body.find("rude"), std::string::npos);
  EXPECT_EQ(body.find("rm"), std::string::npos);
}

TEST(responses_conversation, thoughts_that_only_a_provider_knows_do_not_go_back_nor_ids_that_need_them) {
  constexpr std::string_view lone = R"({"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":null})";
  constexpr std::string_view call =
      R"({"id":"fc_1","type":"function_call","call_id":"call_1","name":"f","arguments":"{}","status":"completed"})";
  constexpr std::string_view call_alone =
      R"({"type":"function_call","call_id":"call_1","name":"f","arguments":"{}","status":"completed"})";
  struct Case {
    std::string output;
    std::string expected;
  };
  for (const auto& [output, expected] : {
           Case{fmt::format("{},{}", lone, call), std::string(call_alone)},
           Case{std::string(call), std::string(call)},
           Case{fmt::format("{},{}", lone, answer_item),
                R"({"type":"message","id":"msg_weir_9_0","role":"assistant","content":[]})"},
           Case{R"({"type":"reasoning","id":"rs_1","encrypted_content":"gAAA"})",
                R"({"type":"reasoning","id":"rs_1","encrypted_content":"gAAA"})"},
           // A server that shows what its model thinks, and a translated answer.
           Case{R"({"type":"reasoning","id":"rs_1","content":[{"type":"reasoning_text","text":"hm"}]})",
                R"({"type":"reasoning","id":"rs_1","content":[{"type":"reasoning_text","text":"hm"}]})"},
           Case{R"({"type":"reasoning","id":"rs_weir_a_0","summary":[{"type":"summary_text","text":"hm"}]})",
                R"({"type":"reasoning","id":"rs_weir_a_0","summary":[{"type":"summary_text","text":"hm"}]})"},
           Case{R"({"type":"web_search_call","id":"ws_1"})", R"({"type":"web_search_call","id":"ws_1"})"},
       }) {
    const auto answer = fmt::format(R"({{"id":"resp_9","output":[{}]}})", output);
    EXPECT_EQ(fmt::format("{}", fmt::join(responses::items_to_send_back(answer), ",")), expected);
  }
  EXPECT_TRUE(responses::items_to_send_back(R"({"output":17})").empty());
  EXPECT_TRUE(responses::items_to_send_back(R"({})").empty());
}

TEST(responses_conversation, of_a_request_only_what_is_new_is_kept_and_the_next_turn_puts_it_together_again) {
  json::DocumentPool pool;
  std::vector<Said> before;
  std::string all;
  for (int turn = 0; turn < 5; ++turn) {
    const auto body =
        turn % 2 == 0 ? fmt::format(R"({{"model":"m","input":"turn {}","previous_response_id":"resp"}})", turn)
                      : fmt::format(R"({{"previous_response_id":"resp","input":[{},{}],"model":"m"}})", hello, hello);
    const auto expanded = face().expand(body, turns(before));
    const auto request = read(expanded.body, pool);
    const auto fresh = face().new_items(request, expanded.earlier_items);
    EXPECT_EQ(json::elements(fresh).size(), turn % 2 == 0 ? 1U : 2U);
    for (const auto item : json::elements(fresh)) all.append(all.empty() ? "" : ",").append(item);
    EXPECT_NE(expanded.body.find(fmt::format("[{}]", all)), std::string::npos) << expanded.body;
    const auto output = fmt::format(
        R"({{"type":"message","id":"msg_{}","role":"assistant","content":[{{"type":"output_text","text":"{}"}}]}})",
        turn, turn);
    all.append(",").append(output);
    before.push_back({.id = fmt::format("resp_{}", turn), .input = fresh, .output = output});
    EXPECT_EQ(request.messages.size(), json::elements("[" + all + "]").size() - 1);
  }
}

TEST(responses_conversation, what_the_request_says_decides_whether_its_answer_is_kept) {
  json::DocumentPool pool;
  const auto wants = [&](std::string_view more) {
    return face().wants_keeping(read(fmt::format(R"({{"model":"m","input":"x"{}}})", more), pool));
  };
  EXPECT_TRUE(wants("").value());
  EXPECT_TRUE(wants(R"(,"store":true)").value());
  EXPECT_TRUE(wants(R"(,"store":null)").value());
  EXPECT_FALSE(wants(R"(,"store":false)").value());
  EXPECT_FALSE(wants(R"(,"conversation":"conv_1")").value()) << "its provider alone knows what was said before";
  EXPECT_TRUE(wants(R"(,"previous_response_id":null)").value());
  EXPECT_FALSE(wants(R"(,"previous\u005fresponse_id":"resp_1")")) << "it was not put in";
  auto request = read(R"({"model":"m","input":"x","store":true,"user":"u"})", pool);
  face().will_keep(request);
  EXPECT_EQ(fmt::format("{}", fmt::join(request.left_out, ",")), "user");
  const auto counting =
      client_face("responses").read({.operation = Operation::token_count, .body = R"({"input":"x"})"}, pool);
  ASSERT_TRUE(counting);
  EXPECT_FALSE(face().wants_keeping(*counting).value());
}

TEST(responses_conversation, background_is_refused) {
  json::DocumentPool pool;
  const auto refused = client_face("responses").read({.body = R"({"model":"m","input":"x","background":true})"}, pool);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().param, "background");
  EXPECT_EQ(refused.error().status(), 400);
}

TEST(responses_conversation, an_answer_says_that_it_is_kept_and_what_it_goes_on_from) {
  std::optional<KeptAnswer> complete;
  constexpr std::string_view plain =
      R"({"id":"resp_9","status":"completed","output":[],"store":false,"previous_response_id":null,"x":{"store":1}})";
  EXPECT_EQ(
      face().mark_whole(plain, {.previous = "resp_8", .kept = true}, complete),
      R"({"id":"resp_9","status":"completed","output":[],"store":true,"previous_response_id":"resp_8","x":{"store":1}})");
  ASSERT_TRUE(complete);
  EXPECT_EQ(complete->id, "resp_9");
  // Where the provider says neither.
  EXPECT_EQ(
      face().mark_whole(R"({"id":"a","status":"incomplete","output":[]})", {.previous = "b\"", .kept = true}, complete),
      R"({"id":"a","status":"incomplete","output":[],"store":true,"previous_response_id":"b\""})");
  EXPECT_EQ(face().mark_whole(R"({"id":"a","status":"completed","output":[]})", {.previous = "b"}, complete),
            R"({"id":"a","status":"completed","output":[],"previous_response_id":"b"})");
  for (const std::string_view other :
       {R"({"id":"a","status":"failed","output":[]})", R"({"id":"a","status":"queued","output":[]})",
        R"({"id":"","status":"completed","output":[]})", R"({"id":7,"status":"completed","output":[]})",
        R"({"id":"a","status":"completed"})", R"({"id":"a","status":"completed","output":{}})", "[]", "17", "{", ""}) {
    complete.reset();
    EXPECT_EQ(face().mark_whole(other, {.kept = true}, complete), "") << other;
    EXPECT_FALSE(complete) << other;
  }
}

TEST(responses_conversation, of_a_stream_the_last_event_is_all_of_the_answer) {
  constexpr std::string_view object = R"({"id":"resp_9","status":"STATUS","output":[],"store":false})";
  const auto event = [&](std::string_view type, std::string_view status) {
    std::string out(object);
    out.replace(out.find("STATUS"), 6, status);
    return fmt::format(R"({{"type":"{}","response":{},"sequence_number":3}})", type, out);
  };
  struct Case {
    std::string_view type;
    std::string_view status;
    bool marked = true;
    bool complete = false;
  };
  for (const auto& one :
       {Case{"response.created", "in_progress"}, Case{"response.in_progress", "in_progress"},
        Case{"response.completed", "completed", true, true}, Case{"response.incomplete", "incomplete", true, true},
        Case{"response.failed", "failed", false}, Case{"response.completed", "failed"}}) {
    std::optional<KeptAnswer> complete;
    const auto marked = face().mark_event(event(one.type, one.status), {.kept = true}, complete);
    EXPECT_EQ(!marked.empty(), one.marked) << one.type;
    EXPECT_EQ(complete.has_value(), one.complete) << one.type;
    if (one.marked) {
      EXPECT_NE(marked.find(R"("store":true},"sequence_number":3})"), std::string::npos) << marked;
    }
    if (complete) {
      EXPECT_EQ(complete->answer, json::member(marked, "response"));
    }
  }
  for (const std::string_view other : {R"({"type":"response.output_text.delta","delta":"\"response\":{}"})",
                                       R"({"response":17})", R"({"response":{)", ""}) {
    std::optional<KeptAnswer> complete;
    EXPECT_EQ(face().mark_event(other, {.kept = true}, complete), "") << other;
  }
}

struct Asked {
  std::string_view method = "GET";
  std::string_view pattern = responses::kept_path;
  std::string_view query;
};

Result<ConversationFace::Reply> reply(const Asked& asked, const std::vector<Said>& said) {
  return face().reply({.method = asked.method, .pattern = asked.pattern, .id = "resp_2", .query = asked.query},
                      turns(said));
}

const std::vector<Said>& two_turns() {
  static const std::vector<Said> all = {
      {.id = "resp_1",
       .input = R"([{"role":"user","content":"one"},{"role":"assistant","content":"a"}])",
       .output = R"({"type":"message","id":"msg_1","role":"assistant","content":[]})"},
      {.id = "resp_2",
       .input = R"([{"type":"function_call_output","id":"mine","call_id":"c","output":"two"}])",
       .output = R"({"type":"message","id":"msg_2","role":"assistant","content":[]})"}};
  return all;
}

TEST(responses_conversation, a_kept_answer_is_given_as_it_was_and_deleted_with_a_word) {
  EXPECT_EQ(reply({}, two_turns())->body, two_turns()[1].answer);
  EXPECT_FALSE(reply({}, two_turns())->drop);
  const auto gone = reply({.method = "DELETE"}, two_turns());
  EXPECT_EQ(gone->body, R"({"id":"resp_2","object":"response","deleted":true})");
  EXPECT_TRUE(gone->drop);
  for (const auto& asked : {Asked{}, Asked{.method = "DELETE"}, Asked{.pattern = responses::input_items_path},
                            Asked{.method = "POST", .pattern = responses::cancel_path}}) {
    const auto none = reply(asked, {});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().status(), 404);
    EXPECT_EQ(none.error().message, "Response with id 'resp_2' not found.");
  }
  EXPECT_EQ(reply({.method = "POST", .pattern = responses::cancel_path}, two_turns()).error().status(), 400);
  const auto streamed = reply({.query = "include[]=x&stream=true"}, two_turns());
  ASSERT_TRUE(streamed) << streamed.error().message;
  EXPECT_TRUE(streamed->body.starts_with("event: response.created\n")) << streamed->body;
  EXPECT_NE(streamed->body.find("event: response.completed\n"), std::string::npos) << streamed->body;
  EXPECT_EQ(reply({.query = "stream=false"}, two_turns())->body, two_turns()[1].answer);
  for (const std::string_view after : {"x", "-1", "1x", "99999999999999999999", "1.5"}) {
    const auto query = fmt::format("stream=true&starting_after={}", after);
    EXPECT_EQ(reply({.query = query}, two_turns()).error().param, "starting_after") << after;
  }
  EXPECT_EQ(reply({.query = "stream=true&starting_after=9999"}, two_turns())->body, "") << "nothing came behind it";
}

// What a provider answered is kept as it came: in many lines, with items of other makes and members of other types.
TEST(responses_conversation, a_kept_answer_of_whatever_shape_is_told_in_whole_events_each_in_one_line) {
  for (
      const std::string_view output : {
          R"()",
          R"(1)",
          R"("text")",
          R"(null, [1, {"a": 2}], {})",
          R"({"type": "message"})",
          R"({"type": "message", "content": 7})",
          R"({"type": "message", "content": [1, "x", null, {}, {"type": "output_text"}, {"type": "output_text", "text": 5}]})",
          R"({"type": "message", "id": 7, "status": [], "content": [{"type": "refusal", "refusal": "no\nway"}, {"type": "new", "x": 1}]})",
          R"({"type": "function_call"})",
          R"({"type": "function_call", "name": {}, "arguments": {"a": [1]}})",
          R"({"type": "custom_tool_call", "input": "a\r\nb"})",
          R"({"type": "reasoning"})",
          R"({"type": "reasoning", "summary": "x", "content": {}})",
          R"({"type": "reasoning", "summary": [{"type": "summary_text", "text": "a"}], "content": [{"type": "reasoning_text", "text": "b"}]})",
          R"({"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"query": "a\u2028b"}})",
          R"({"type": ["message"]})",
      }) {
    const auto answer =
        fmt::format("{{\n  \"id\": \"r\",\r\n  \"status\": \"completed\",\n\n  \"output\": [\n{}\n]\n}}\n", output);
    const auto told = responses::replay(answer, -1);
    int64_t number = 0;
    json::Document event;
    for (std::string_view rest = told; !rest.empty(); ++number) {
      const auto end = rest.find("\n\n");
      ASSERT_NE(end, std::string_view::npos);
      const auto text = rest.substr(0, end);
      const auto data = text.find("\ndata: ");
      ASSERT_TRUE(text.starts_with("event: ") && data != std::string_view::npos) << text;
      ASSERT_EQ(text.find_first_of("\r\n", data + 1), std::string_view::npos) << text;
      ASSERT_TRUE(event.parse_copy(text.substr(data + 7))) << text;
      json::Object object;
      ASSERT_EQ(event.root().get(object), simdjson::SUCCESS);
      ASSERT_EQ(json::int_or(object, "sequence_number"), number);
      ASSERT_EQ(json::string_or(object, "type"), text.substr(7, data - 7));
      ASSERT_EQ(responses::replay(answer, number), rest.substr(end + 2));
      rest.remove_prefix(end + 2);
    }
    EXPECT_GE(number, 3);
    EXPECT_TRUE(told.find("event: response.completed\n") != std::string::npos) << told;
  }
}

TEST(responses_conversation, input_items_are_all_that_led_to_an_answer_in_pages) {
  const auto page = [](std::string_view query) {
    auto listed = reply({.pattern = responses::input_items_path, .query = query}, two_turns());
    EXPECT_TRUE(listed) << query;
    EXPECT_TRUE(listed && is_json(listed->body));
    return listed ? listed->body : std::string();
  };
  EXPECT_TRUE(face().asks_for_all({.method = "GET", .pattern = responses::input_items_path, .id = "", .query = ""}));
  const auto ids = [](std::string_view body) {
    std::string out;
    for (const auto item : json::elements(json::member(body, "data"))) out.append(" ").append(json::member(item, "id"));
    return out;
  };
  EXPECT_EQ(ids(page("order=asc")), R"( "inp_weir_1_0" "inp_weir_1_1" "msg_1" "mine")");
  EXPECT_EQ(ids(page("")), R"( "mine" "msg_1" "inp_weir_1_1" "inp_weir_1_0")");
  EXPECT_EQ(ids(page("limit=2&order=asc")), R"( "inp_weir_1_0" "inp_weir_1_1")");
  EXPECT_NE(page("limit=2&order=asc").find(R"("last_id":"inp_weir_1_1","has_more":true)"), std::string::npos);
  EXPECT_EQ(ids(page("limit=2&order=asc&after=inp_weir_1_1")), R"( "msg_1" "mine")");
  EXPECT_NE(page("order=asc&after=msg_1").find(R"("first_id":"mine","last_id":"mine","has_more":false)"),
            std::string::npos);
  EXPECT_NE(page("order=asc&after=mine").find(R"("data":[],"first_id":null,"last_id":null,"has_more":false)"),
            std::string::npos);
  // As lists show them.
  EXPECT_NE(page("").find(R"({"role":"user","content":[{"type":"input_text","text":"one"}],"type":"message","id":)"),
            std::string::npos)
      << page("");
  EXPECT_NE(page("").find(R"([{"type":"output_text","text":"a","annotations":[]}])"), std::string::npos);
  for (const auto& [query, param] : {std::pair{"limit=0", "limit"},
                                     {"limit=101", "limit"},
                                     {"limit=x", "limit"},
                                     {"limit=2x", "limit"},
                                     {"limit=99999999999999999999", "limit"},
                                     {"order=up", "order"},
                                     {"after=nobody", "after"}}) {
    const auto refused = reply({.pattern = responses::input_items_path, .query = query}, two_turns());
    ASSERT_FALSE(refused) << query;
    EXPECT_EQ(refused.error().param, param);
    EXPECT_EQ(refused.error().status(), 400);
  }
}

TEST(responses_conversation, an_answer_that_is_not_kept_is_refused_in_openais_words) {
  const auto unknown = face().cannot_continue("resp_1", ConversationFace::Missing::unknown);
  EXPECT_EQ(unknown.status(), 400);
  EXPECT_EQ(client_face("responses").write_error(unknown),
            R"({"error":{"message":"Previous response with id 'resp_1' not found.","type":"invalid_request_error",)"
            R"("param":"previous_response_id","code":"previous_response_not_found"}})");
  const auto in_part = face().cannot_continue("resp_1", ConversationFace::Missing::in_part);
  EXPECT_NE(in_part.message.find("no longer kept"), std::string::npos);
}

// Whatever stands in an item, what is made of it is JSON.
TEST(responses_conversation, odd_items_stay_json) {
  for (const std::string_view item :
       {"17", "null", "\"x\"", "[]", "{}", R"({"type":null})", R"({"type":17,"content":"x"})", R"({"id":""})",
        R"({"role":"user","content":"\ud83d\ude00 \"}"})", R"({"content":null,"id":null})",
        R"({ "id" : {"a":[1,{}]} })"}) {
    EXPECT_TRUE(is_json(responses::shown_item(item, "made\"id"))) << item;
    const auto answer = fmt::format(R"({{"output":[{},{{"type":"reasoning","id":"rs_1"}}]}})", item);
    EXPECT_TRUE(is_json("[" + fmt::format("{}", fmt::join(responses::items_to_send_back(answer), ",")) + "]")) << item;
    const auto listed = responses::list_items({std::string(item)}, "");
    ASSERT_TRUE(listed);
    EXPECT_TRUE(is_json(*listed)) << *listed;
  }
}

}  // namespace
}  // namespace weir
