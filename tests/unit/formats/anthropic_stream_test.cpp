// Streams of Anthropic's format: the events that a client gets, byte by byte, and what a provider's events mean.
#include <gtest/gtest.h>

#include "core/sse.h"
#include "formats/format.h"

namespace weir {
namespace {

using Kind = StreamEvent::Kind;

// `event: x\ndata: {…}\n\n` as `x {…}` lines without the type, which is the event's name.
std::string lines_of(std::string_view bytes) {
  EventFramer framer(Framing::sse);
  framer.feed(bytes);
  FramedEvent event;
  std::string out;
  for (;;) {
    const auto more = framer.next(event);
    if (!more || !*more) break;
    const auto type = fmt::format(R"({{"type":"{}")", event.name);
    EXPECT_TRUE(event.data.starts_with(type)) << event.raw;
    auto rest = std::string(event.data.substr(std::min(type.size(), event.data.size())));
    if (rest.starts_with(',')) rest.erase(0, 1);
    if (rest.ends_with('}')) rest.pop_back();
    out += std::string(event.name) + (rest.empty() ? "" : " ") + rest + "\n";
  }
  return out;
}

constexpr std::string_view start_line =
    R"(message_start "message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,)"
    R"("stop_sequence":null,"stop_details":null,"container":null,"usage":{"input_tokens":7,"cache_creation_input_tokens":0,)"
    R"("cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":0,)"
    R"("server_tool_use":null,"service_tier":"standard","inference_geo":null}})"
    "\n";
std::string end_lines(std::string_view reason, int64_t input, int64_t output, std::string_view sequence = "null") {
  return fmt::format(
      R"(message_delta "delta":{{"stop_reason":"{}","stop_sequence":{},"stop_details":null,"container":null}},"usage":{{"input_tokens":{},)"
      R"("cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0}},)"
      R"("output_tokens":{},"server_tool_use":null,"service_tier":"standard","inference_geo":null}})"
      "\nmessage_stop\n",
      reason, sequence, input, output);
}
std::string block_start(int index, std::string_view block) {
  return fmt::format("content_block_start \"index\":{},\"content_block\":{}\n", index, block);
}
std::string block_delta(int index, std::string_view delta) {
  return fmt::format("content_block_delta \"index\":{},\"delta\":{}\n", index, delta);
}
std::string block_stop(int index) { return fmt::format("content_block_stop \"index\":{}\n", index); }
constexpr std::string_view text_block = R"({"type":"text","text":"","citations":[]})";
constexpr std::string_view thinking_block = R"({"type":"thinking","thinking":"","signature":""})";
std::string call_block(std::string_view id, std::string_view name) {
  return fmt::format(R"({{"type":"tool_use","id":"{}","name":"{}","input":{{}},"caller":{{"type":"direct"}}}})", id,
                     name);
}
std::string text_delta(int index, std::string_view text) {
  return block_delta(index, fmt::format(R"({{"type":"text_delta","text":"{}"}})", text));
}
std::string input_delta(int index, std::string_view json) {
  return block_delta(index, fmt::format(R"({{"type":"input_json_delta","partial_json":"{}"}})", json));
}

std::unique_ptr<EventWriter> writer() {
  static const Request request = [] {
    Request made;
    made.model = "m";
    return made;
  }();
  auto one = client_face("anthropic").stream(request);
  one->begin({.id = "msg_1", .model = "m-2026-01", .created = 1, .input_tokens = 7});
  return one;
}
std::string write(const std::vector<StreamEvent>& events) {
  const auto one = writer();
  std::string out;
  for (const auto& event : events) one->write(event, out);
  one->end(out);
  return lines_of(out);
}
StreamEvent piece(Kind kind, std::string text) { return {.kind = kind, .text = std::move(text)}; }
StreamEvent tool(int64_t index, std::string id, std::string name, std::string arguments) {
  return {.kind = Kind::tool_call,
          .tool_index = index,
          .tool = {.id = std::move(id), .name = std::move(name), .arguments = std::move(arguments)}};
}
StreamEvent finish(FinishReason reason, std::string sequence = {}) {
  return {.kind = Kind::finish, .text = std::move(sequence), .finish = reason};
}
StreamEvent usage(int64_t input, int64_t output) {
  return {.kind = Kind::usage, .usage = {.input = input, .output = output, .known = true}};
}

TEST(anthropic_stream, the_first_bytes_are_framed_as_events) {
  const auto one = writer();
  std::string out;
  one->write(piece(Kind::text, "a"), out);
  EXPECT_TRUE(out.starts_with("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\""))
      << out;
  EXPECT_TRUE(out.ends_with("\n\n"));
}

TEST(anthropic_stream, a_text_is_one_block) {
  EXPECT_EQ(write({{},
                   {},
                   piece(Kind::text, "Hel"),
                   piece(Kind::text, "lo"),
                   finish(FinishReason::stop),
                   usage(5, 2),
                   {.kind = Kind::done}}),
            std::string(start_line) + block_start(0, text_block) + text_delta(0, "Hel") + text_delta(0, "lo") +
                block_stop(0) + end_lines("end_turn", 5, 2));
}

TEST(anthropic_stream, thoughts_texts_and_calls_are_blocks_of_their_own) {
  EXPECT_EQ(
      write({piece(Kind::reasoning, "hm"), piece(Kind::signature, "sss"), piece(Kind::signature, "redacted.ddd"),
             piece(Kind::signature, "ttt"), piece(Kind::text, "so"), tool(0, "t1", "f", ""), tool(0, "", "", "{\"a\""),
             tool(0, "", "", ":1}"), tool(1, "t2", "g", "{}"), finish(FinishReason::tool_calls), usage(5, 2)}),
      std::string(start_line) + block_start(0, thinking_block) +
          block_delta(0, R"({"type":"thinking_delta","thinking":"hm"})") +
          block_delta(0, R"({"type":"signature_delta","signature":"sss"})") + block_stop(0) +
          block_start(1, R"({"type":"redacted_thinking","data":"ddd"})") + block_stop(1) +
          block_start(2, thinking_block) + block_delta(2, R"({"type":"signature_delta","signature":"ttt"})") +
          block_stop(2) + block_start(3, text_block) + text_delta(3, "so") + block_stop(3) +
          block_start(4, call_block("t1", "f")) + input_delta(4, R"({\"a\")") + input_delta(4, ":1}") + block_stop(4) +
          block_start(5, call_block("t2", "g")) + input_delta(5, "{}") + block_stop(5) + end_lines("tool_use", 5, 2));
}

// Blocks stand one behind the other, whatever the order in which the pieces of parallel calls come.
TEST(anthropic_stream, calls_in_mixed_pieces_are_put_in_order) {
  EXPECT_EQ(write({tool(0, "t1", "f", ""), tool(1, "t2", "g", "{\"b\":"), tool(0, "", "", "{\"x}\": \"{\\\""),
                   tool(1, "", "", "2}"), tool(0, "", "", "\"}"), finish(FinishReason::tool_calls)}),
            std::string(start_line) + block_start(0, call_block("t1", "f")) + input_delta(0, R"({\"x}\": \"{\\\")") +
                input_delta(0, R"(\"})") + block_stop(0) + block_start(1, call_block("t2", "g")) +
                input_delta(1, R"({\"b\":2})") + block_stop(1) + end_lines("tool_use", 7, 0));
}

TEST(anthropic_stream, calls_without_ids_or_arguments_are_whole_and_ids_are_spelt) {
  EXPECT_EQ(write({tool(0, "", "f", ""), tool(1, "functions.g:0", "g", ""), finish(FinishReason::none)}),
            std::string(start_line) + block_start(0, call_block("toolu_msg_1_0", "f")) + block_stop(0) +
                block_start(1, call_block("functions_g_0_3e39ea67", "g")) + block_stop(1) +
                end_lines("tool_use", 7, 0));
}

TEST(anthropic_stream, the_end_says_why) {
  const auto ending = [](FinishReason reason, std::string sequence, std::string_view name, std::string_view shown) {
    EXPECT_EQ(write({piece(Kind::text, "a"), finish(reason, std::move(sequence))}),
              std::string(start_line) + block_start(0, text_block) + text_delta(0, "a") + block_stop(0) +
                  end_lines(name, 7, 0, shown));
  };
  ending(FinishReason::length, "", "max_tokens", "null");
  ending(FinishReason::content_filter, "", "refusal", "null");
  ending(FinishReason::stop, "END", "stop_sequence", R"("END")");
  EXPECT_EQ(write({piece(Kind::refusal, "no"), finish(FinishReason::stop)}),
            std::string(start_line) + block_start(0, text_block) + text_delta(0, "no") + block_stop(0) +
                end_lines("refusal", 7, 0));
  EXPECT_EQ(write({}), std::string(start_line) + end_lines("end_turn", 7, 0));
}

TEST(anthropic_stream, there_is_but_one_answer) {
  EXPECT_EQ(write({{.kind = Kind::text, .index = 1, .text = "other"},
                   piece(Kind::text, "a"),
                   {.kind = Kind::finish, .index = 1, .finish = FinishReason::length}}),
            std::string(start_line) + block_start(0, text_block) + text_delta(0, "a") + block_stop(0) +
                end_lines("end_turn", 7, 0));
}

TEST(anthropic_stream, an_error_is_an_event) {
  std::string out;
  writer()->fail({.code = ErrorCode::upstream_rate_limited, .message = "slow"}, out);
  EXPECT_EQ(
      out,
      "event: error\ndata: "
      "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"slow\"},\"request_id\":null}\n\n");
}

// --- the model side

constexpr std::string_view answer =
    "event: message_start\ndata: "
    "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_9\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
    "\"claude-x\",\"content\":[],"
    "\"usage\":{\"input_tokens\":25,\"cache_creation_input_tokens\":10,\"cache_read_input_tokens\":5,\"cache_"
    "creation\":{\"ephemeral_1h_input_tokens\":4},\"output_tokens\":1}}}\n\n"
    "event: ping\ndata: {\"type\": \"ping\"}\n\n"
    "event: content_block_start\ndata: "
    "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\","
    "\"signature\":\"\"}}\n\n"
    "event: content_block_delta\ndata: "
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"h\\u00e4\"}}"
    "\n\n"
    "event: content_block_delta\ndata: "
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"sss\"}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "event: content_block_start\ndata: "
    "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"redacted_thinking\",\"data\":\"ddd\"}}"
    "\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
    "event: content_block_start\ndata: "
    "{\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
    "event: content_block_delta\ndata: "
    "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"text_delta\",\"text\":\"so\"}}\n\n"
    "event: content_block_delta\ndata: "
    "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"citations_delta\",\"citation\":{}}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":2}\n\n"
    "event: content_block_start\ndata: "
    "{\"type\":\"content_block_start\",\"index\":3,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":"
    "\"f\",\"input\":{}}}\n\n"
    "event: content_block_delta\ndata: "
    "{\"type\":\"content_block_delta\",\"index\":3,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"\"}}\n\n"
    "event: content_block_delta\ndata: "
    "{\"type\":\"content_block_delta\",\"index\":3,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{"
    "\\\"a\\\":1}\"}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":3}\n\n"
    "event: content_block_start\ndata: "
    "{\"type\":\"content_block_start\",\"index\":4,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t2\",\"name\":"
    "\"g\",\"input\":{}}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":4}\n\n"
    "event: content_block_start\ndata: "
    "{\"type\":\"content_block_start\",\"index\":5,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t3\",\"name\":"
    "\"h\",\"input\":{\"b\": 2}}}\n\n"
    "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":5}\n\n"
    "event: something_new\ndata: {\"type\":\"something_new\"}\n\n"
    "event: message_delta\ndata: "
    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\",\"stop_sequence\":null},\"usage\":{\"input_"
    "tokens\":25,"
    "\"cache_creation_input_tokens\":10,\"cache_read_input_tokens\":5,\"output_tokens\":89,\"output_tokens_details\":{"
    "\"thinking_tokens\":30}}}\n\n"
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

struct Seen {
  std::string events;  // without signs of life
  StreamState state;
};

std::string shown(const StreamEvent& event) {
  constexpr std::array<std::string_view, 11> names = {"life",  "text",   "thought", "seal",  "refusal", "call",
                                                      "other", "finish", "usage",   "error", "done"};
  std::string out(names[static_cast<std::size_t>(event.kind)]);
  if (!event.text.empty()) out += " " + event.text;
  if (event.kind == Kind::tool_call)
    out += fmt::format(" {} {} {} {}", event.tool_index, event.tool.id, event.tool.name, event.tool.arguments);
  if (event.kind == Kind::finish) out += fmt::format(" {}", to_string(event.finish));
  if (event.kind == Kind::usage) {
    const auto& u = event.usage;
    out += fmt::format(" in {} cached {} written {} long {} out {} thought {}", u.input, u.cached, u.written,
                       u.written_long, u.output, u.reasoning);
  }
  if (event.kind == Kind::error) out += fmt::format(" {} {}", to_string(event.error.code), event.error.message);
  return out + "\n";
}

Seen read(std::string_view bytes, std::string_view format = "elsewhere") {
  Request request;
  request.format = format;
  const auto reader = model_face("anthropic").stream(request);
  EventFramer framer(Framing::sse);
  framer.feed(bytes);
  json::Document scratch;
  FramedEvent framed;
  Seen seen;
  for (;;) {
    const auto more = framer.next(framed);
    if (!more || !*more) break;
    std::vector<StreamEvent> events;
    if (!reader->read(framed, scratch, events)) seen.events += "bad\n";
    for (const auto& event : events) {
      if (event.kind != Kind::lifecycle) seen.events += shown(event);
    }
  }
  seen.state = reader->state();
  return seen;
}

TEST(anthropic_stream, what_a_provider_streams_is_read) {
  const auto seen = read(answer);
  EXPECT_EQ(seen.events,
            "thought hä\nseal weir.anthropic.sss\nseal weir.anthropic.redacted.ddd\ntext so\n"
            "call 0 t1 f \ncall 0   {\"a\":1}\ncall 1 t2 g \ncall 1   {}\ncall 2 t3 h \ncall 2   {\"b\":2}\n"
            "finish tool_calls\nusage in 40 cached 5 written 10 long 4 out 89 thought 30\ndone\n");
  EXPECT_EQ(seen.state.id, "msg_9");
  EXPECT_EQ(seen.state.model, "claude-x");
  EXPECT_TRUE(seen.state.usage_seen);
  EXPECT_EQ(seen.state.finish, FinishReason::tool_calls);
  // To a client of the same format a seal is what it is.
  EXPECT_NE(read(answer, "anthropic").events.find("seal sss\nseal redacted.ddd\n"), std::string::npos);
}

TEST(anthropic_stream, counts_are_replaced_and_never_added) {
  const auto seen = read(
      R"(data: {"type":"message_start","message":{"usage":{"input_tokens":10,"cache_read_input_tokens":3,"output_tokens":5}}})"
      "\n\n"
      R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7,"input_tokens":null}})"
      "\n\n"
      R"(data: {"type":"message_delta","delta":{},"usage":{"output_tokens":9,"cache_read_input_tokens":4}})"
      "\n\n");
  EXPECT_EQ(seen.events,
            "finish stop\nusage in 13 cached 3 written 0 long 0 out 7 thought 0\n"
            "usage in 14 cached 4 written 0 long 0 out 9 thought 0\n");
}

TEST(anthropic_stream, every_end_has_its_meaning) {
  for (const auto& [reason, meaning] : {std::pair("end_turn", "stop"),
                                        {"stop_sequence", "stop"},
                                        {"max_tokens", "length"},
                                        {"model_context_window_exceeded", "length"},
                                        {"tool_use", "tool_calls"},
                                        {"refusal", "content_filter"},
                                        {"pause_turn", "length"},
                                        {"something_new", "stop"}}) {
    const auto bytes =
        fmt::format("data: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"{}\"}}}}\n\n", reason);
    EXPECT_EQ(read(bytes).events, fmt::format("finish {}\n", meaning));
  }
  EXPECT_EQ(
      read("data: "
           "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"stop_sequence\",\"stop_sequence\":\"END\"}}\n\n")
          .events,
      "finish END stop\n");
}

TEST(anthropic_stream, an_error_after_a_good_status_is_read) {
  EXPECT_EQ(read("event: error\ndata: "
                 "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n")
                .events,
            "error upstream_server_error Overloaded\n");
  EXPECT_EQ(read("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"slow "
                 "down\"}}\n\n")
                .events,
            "error upstream_rate_limited slow down\n");
}

TEST(anthropic_stream, blocks_that_only_this_format_has_are_content_of_another_kind) {
  EXPECT_EQ(read("data: "
                 "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"server_tool_use\",\"id\":"
                 "\"s\",\"name\":\"web_search\",\"input\":{}}}\n\n")
                .events,
            "other\n");
}

TEST(anthropic_stream, hostile_events_are_skipped) {
  for (const std::string_view data :
       {"[]", "{", "1", "null", R"({"type":"content_block_start"})",
        R"({"type":"content_block_start","content_block":5})", R"({"type":"content_block_delta"})",
        R"({"type":"content_block_delta","index":7,"delta":{"type":"input_json_delta","partial_json":"{"}})"}) {
    EXPECT_EQ(read(fmt::format("data: {}\n\n", data)).events, "bad\n") << data;
  }
  for (const std::string_view data : {"{}", R"({"type":5})", R"({"type":"message_start","message":[]})",
                                      R"({"type":"content_block_stop","index":-1})",
                                      R"({"type":"content_block_delta","index":"x","delta":{"type":5}})",
                                      R"({"type":"content_block_start","index":1e300,"content_block":{}})",
                                      R"({"type":"message_delta","usage":[],"delta":5})"}) {
    EXPECT_EQ(read(fmt::format("data: {}\n\n", data)).events.find("bad"), std::string::npos) << data;
  }
  std::string many;
  for (int i = 0; i < 400; ++i) {
    many += fmt::format(
        "data: {{\"type\":\"content_block_start\",\"index\":{},\"content_block\":{{\"type\":\"text\"}}}}\n\n", i);
  }
  EXPECT_NE(read(many).events.find("bad"), std::string::npos);
  EXPECT_EQ(read("data: "
                 "{\"type\":\"message_delta\",\"delta\":{},\"usage\":{\"input_tokens\":9223372036854775807,\"cache_"
                 "read_input_tokens\":9223372036854775807,\"output_tokens\":-4}}\n\n")
                .events,
            "usage in 9223372036854775807 cached 9223372036854775807 written 0 long 0 out 0 thought 0\n");
}

// --- bytes that passed, and a model that goes on

TEST(anthropic_stream, another_model_goes_on_where_the_bytes_ended) {
  const auto after = [](std::size_t events, const std::vector<StreamEvent>& more) {
    const auto one = writer();
    EventFramer framer(Framing::sse);
    framer.feed(answer);
    FramedEvent event;
    for (std::size_t i = 0; i < events; ++i) {
      if (!framer.next(event).value_or(false)) break;
      one->passed(event, {});
    }
    std::string out;
    for (const auto& next : more) one->write(next, out);
    one->end(out);
    return lines_of(out);
  };
  const std::vector going_on = {piece(Kind::text, "!"), finish(FinishReason::stop), usage(3, 4)};
  const auto rest = [](int index) { return text_delta(index, "!") + block_stop(index) + end_lines("end_turn", 3, 4); };
  EXPECT_EQ(after(0, going_on), std::string(start_line) + block_start(0, text_block) + rest(0));
  EXPECT_EQ(after(2, going_on), block_start(0, text_block) + rest(0));                  // the message has begun
  EXPECT_EQ(after(4, going_on), block_stop(0) + block_start(1, text_block) + rest(1));  // in a thought
  EXPECT_EQ(after(8, going_on), block_start(2, text_block) + rest(2));                  // between blocks
  EXPECT_EQ(after(10, going_on), rest(2));                                              // in a text, which goes on
  EXPECT_EQ(after(10, {piece(Kind::reasoning, "h"), finish(FinishReason::stop)}),
            block_stop(2) + block_start(3, thinking_block) +
                block_delta(3, R"({"type":"thinking_delta","thinking":"h"})") + block_stop(3) +
                end_lines("end_turn", 7, 0));
  EXPECT_EQ(after(22, {}), "message_stop\n");  // only the last word is missing
  EXPECT_EQ(after(23, {}), "");                // all was said
}

TEST(anthropic_stream, that_passes_bears_the_name_that_was_asked_for) {
  Request request;
  request.format = "anthropic";
  request.model = "assistant";
  const auto begin = [&](std::string_view data, bool wanted = true) {
    const auto reader = model_face("anthropic").stream(request);
    reader->state().forwarding.wanted = wanted;
    json::Document scratch;
    std::vector<StreamEvent> events;
    EXPECT_TRUE(reader->read({.data = data, .name = "message_start", .has_data = true}, scratch, events));
    return reader->state().forwarding;
  };
  const auto renamed = begin("{\"type\":\"message_start\",\n\"message\":{\"model\":\"claude-x\",\"content\":[]}}");
  EXPECT_EQ(renamed.way, Forwarding::Way::rewritten);
  EXPECT_EQ(renamed.text, R"({"type":"message_start", "message":{"model":"assistant","content":[]}})");
  EXPECT_EQ(begin(R"({"type":"message_start","message":{"model":"assistant"}})").way, Forwarding::Way::as_it_came);
  EXPECT_EQ(begin(R"({"type":"message_start","message":{"model":"x"}})", false).way, Forwarding::Way::as_it_came);
  EXPECT_EQ(begin(R"({"type":"message_start","message":7})").way, Forwarding::Way::as_it_came);
  EXPECT_EQ(begin(R"({"type":"message_start"})").way, Forwarding::Way::as_it_came);
}

}  // namespace
}  // namespace weir
