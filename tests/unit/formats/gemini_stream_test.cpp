// Streams in Gemini's format, both ways: the two framings a client may ask for, what passes as bytes, and errors in the
// midst.
#include <gtest/gtest.h>

#include "core/sse.h"
#include "formats/format.h"

namespace weir {
namespace {

using Kind = StreamEvent::Kind;

const Format& format() { return *find_format("gemini"); }

constexpr std::string_view hi = R"({"contents":[{"parts":[{"text":"hi"}]}]})";

class gemini_stream : public testing::Test {
 protected:
  Request asked(std::string query, std::string body = std::string(hi)) {
    auto request = format().client->read({.operation = Operation::chat,
                                          .named = "m",
                                          .streams = true,
                                          .query = std::move(query),
                                          .body = std::move(body)},
                                         pool_);
    EXPECT_TRUE(request.has_value());
    return std::move(*request);
  }
  std::unique_ptr<EventWriter> writer(const Request& request) {
    auto one = format().client->stream(request);
    one->begin({.id = "r", .model = "m", .created = 1});
    return one;
  }
  std::vector<StreamEvent> read(EventReader& reader, std::string_view data) {
    std::vector<StreamEvent> events;
    (void)reader.read({.data = data, .raw = data, .has_data = true}, scratch_, events);
    return events;
  }
  json::DocumentPool pool_;
  json::Document scratch_;
};

std::string chunk(std::string_view parts, std::string_view more = {}) {
  return R"({"candidates":[{"content":{"parts":[)" + std::string(parts) + R"(],"role":"model"})" + std::string(more) +
         "}]}";
}

TEST_F(gemini_stream, a_list_is_one_json_text_whose_elements_come_one_by_one) {
  const auto request = asked("");
  const auto to = writer(request);
  std::string out;
  to->write({.kind = Kind::lifecycle}, out);
  EXPECT_EQ(out, "");
  to->write({.kind = Kind::text, .text = "Hel"}, out);
  EXPECT_EQ(
      out,
      R"([{"candidates":[{"content":{"parts":[{"text":"Hel"}],"role":"model"},"index":0}],"modelVersion":"m","responseId":"r"})");
  to->write({.kind = Kind::text, .text = "lo"}, out);
  to->write({.kind = Kind::finish, .finish = FinishReason::stop}, out);
  to->write({.kind = Kind::usage, .usage = {.input = 1, .output = 2, .known = true}}, out);
  to->end(out);
  json::Document document;
  ASSERT_TRUE(document.parse_copy(out)) << out;
  json::Array list;
  ASSERT_EQ(document.root().get(list), simdjson::SUCCESS);
  EXPECT_EQ(list.size(), 3U);
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 3);
  EXPECT_NE(
      out.find(
          R"("finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3})"),
      std::string::npos)
      << out;
}

TEST_F(gemini_stream, a_list_without_an_answer_and_one_that_fails_are_whole_json) {
  const auto request = asked("");
  json::Document document;
  std::string out;
  writer(request)->end(out);
  EXPECT_EQ(out, "[]");
  out.clear();
  writer(request)->fail({.code = ErrorCode::internal, .message = "m"}, out);
  EXPECT_TRUE(document.parse_copy(out)) << out;
  out.clear();
  const auto to = writer(request);
  to->write({.kind = Kind::text, .text = "a"}, out);
  to->fail({.code = ErrorCode::internal, .message = "m"}, out);
  EXPECT_TRUE(document.parse_copy(out)) << out;
}

// The chunks of a provider of the same format reach a client of the list with all that they hold.
TEST_F(gemini_stream, chunks_of_google_go_on_whole_in_a_list) {
  const auto request = asked("");
  const auto reader = format().model->stream(request);
  const auto to = writer(request);
  std::string out;
  const auto take = [&](std::string_view data) {
    const auto events = read(*reader, data);
    EXPECT_EQ(reader->state().forwarding.way, Forwarding::Way::from_events);
    for (const auto& event : events) {
      if (event.kind != Kind::finish) to->write(event, out);  // the pipeline keeps it back
    }
    return events;
  };
  const auto empty = chunk(R"({"text":""})");
  const auto events = take(empty);
  EXPECT_EQ(out, "") << "nothing is said before there is content";
  EXPECT_FALSE(std::any_of(events.begin(), events.end(), [](const auto& event) { return event.is_content(); }));
  const auto grounded = chunk(R"({"text":"a"})", R"(,"groundingMetadata":{"webSearchQueries":["q"]})");
  take(grounded);
  const auto image = chunk(R"({"inlineData":{"mimeType":"image/png","data":"x"}})");
  take(image);
  const auto last = chunk(R"({"text":""})", R"(,"finishReason":"STOP")");
  take(last);
  to->write({.kind = Kind::finish, .finish = FinishReason::stop}, out);
  to->write({.kind = Kind::usage, .usage = {.input = 1, .output = 1, .known = true}}, out);
  to->end(out);
  EXPECT_EQ(out, "[" + empty + ",\n" + grounded + ",\n" + image + ",\n" + last + "\n]");
}

TEST_F(gemini_stream, what_passed_as_bytes_is_not_said_again) {
  const auto request = asked("alt=sse");
  const auto to = writer(request);
  std::string out;
  const StreamEvent text{.kind = Kind::text, .text = "a"};
  const StreamEvent finish{.kind = Kind::finish, .finish = FinishReason::stop};
  const StreamEvent usage{.kind = Kind::usage, .usage = {.input = 1, .output = 1, .known = true}};
  to->passed({}, std::array{text});
  to->passed({}, std::array{finish, usage});
  to->end(out);
  EXPECT_EQ(out, "");
}

TEST_F(gemini_stream, another_model_may_go_on_where_bytes_had_passed) {
  const auto request = asked("alt=sse");
  const auto to = writer(request);
  std::string out;
  to->passed({}, std::array{StreamEvent{.kind = Kind::text, .text = "a"}});
  to->write({.kind = Kind::text, .text = "b"}, out);
  to->write({.kind = Kind::finish, .finish = FinishReason::length}, out);
  to->write({.kind = Kind::usage, .usage = {.input = 1, .output = 1, .known = true}}, out);
  to->end(out);
  EXPECT_EQ(out,
            "data: "
            "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"b\"}],\"role\":\"model\"},\"index\":0}],"
            "\"modelVersion\":\"m\",\"responseId\":\"r\"}\n\n"
            "data: "
            "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}],\"role\":\"model\"},\"finishReason\":\"MAX_"
            "TOKENS\",\"index\":0}],"
            "\"usageMetadata\":{\"promptTokenCount\":1,\"candidatesTokenCount\":1,\"totalTokenCount\":2},"
            "\"modelVersion\":\"m\",\"responseId\":\"r\"}\n\n");
}

TEST_F(gemini_stream, calls_of_several_answers_are_kept_apart) {
  const auto request = asked("alt=sse");
  const auto to = writer(request);
  std::string out;
  to->write({.kind = Kind::tool_call, .index = 0, .tool = {.id = "a", .name = "f", .arguments = "{"}}, out);
  to->write({.kind = Kind::tool_call, .index = 1, .tool = {.id = "b", .name = "g", .arguments = ""}}, out);
  to->write({.kind = Kind::tool_call, .index = 0, .tool = {.arguments = "\"x\":1}", .signature = "weir.openai.s"}},
            out);
  EXPECT_EQ(out, "") << "a call is not shown in pieces";
  to->write({.kind = Kind::text, .index = 1, .text = "t"}, out);
  EXPECT_NE(out.find(R"([{"functionCall":{"name":"g","args":{},"id":"b"}}],"role":"model"},"index":1})"),
            std::string::npos)
      << out;
  EXPECT_EQ(out.find("\"f\""), std::string::npos);
  to->end(out);
  EXPECT_NE(
      out.find(R"([{"functionCall":{"name":"f","args":{"x":1},"id":"a"},"thoughtSignature":"d2Vpci5vcGVuYWkucw=="}])"),
      std::string::npos)
      << out;
}

TEST_F(gemini_stream, seals_of_thoughts_are_shown_with_them) {
  const auto request = asked(
      "alt=sse",
      R"({"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true}}})");
  const auto to = writer(request);
  std::string out;
  to->write({.kind = Kind::reasoning, .text = "hm"}, out);
  to->write({.kind = Kind::signature, .text = "weir.anthropic.abc=="}, out);
  EXPECT_NE(out.find(R"({"text":"hm","thought":true})"), std::string::npos) << out;
  EXPECT_NE(out.find(R"({"text":"","thought":true,"thoughtSignature":"d2Vpci5hbnRocm9waWMuYWJjPT0="})"),
            std::string::npos)
      << out;
}

// Its SDKs look for errors in two places, by their age.
TEST_F(gemini_stream, an_error_in_the_midst_is_seen_by_old_and_new_clients) {
  const auto request = asked("alt=sse");
  std::string out;
  writer(request)->fail({.code = ErrorCode::upstream_timeout, .message = "m"}, out);
  const auto body = format().client->write_error({.code = ErrorCode::upstream_timeout, .message = "m"});
  EXPECT_EQ(out, "data: " + body + "\n\n" + body + "\n");
}

TEST_F(gemini_stream, its_own_streams_are_read_back_wherever_they_are_cut) {
  const auto request = asked(
      "alt=sse",
      R"({"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true}}})");
  const auto to = writer(request);
  std::string stream;
  const std::vector<StreamEvent> said = {
      {.kind = Kind::reasoning, .text = "hm"},
      {.kind = Kind::signature, .text = "c2VhbA=="},
      {.kind = Kind::text, .text = "Héllo \xf0\x9f\x98\x80"},
      {.kind = Kind::tool_call, .tool = {.id = "a", .name = "f", .arguments = "{\"x\":[1,2]}", .signature = "czI="}},
      {.kind = Kind::finish, .finish = FinishReason::tool_calls},
      {.kind = Kind::usage, .usage = {.input = 5, .cached = 2, .output = 7, .reasoning = 3, .known = true}}};
  for (const auto& event : said) to->write(event, stream);
  to->end(stream);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    const auto reader = format().model->stream(request);
    EventFramer framer(Framing::sse);
    std::vector<StreamEvent> events;
    FramedEvent framed;
    for (const auto piece : {std::string_view(stream).substr(0, cut), std::string_view(stream).substr(cut)}) {
      framer.feed(piece);
      while (framer.next(framed).value_or(false)) ASSERT_TRUE(reader->read(framed, scratch_, events));
    }
    ASSERT_EQ(events.size(), said.size()) << cut;
    for (std::size_t i = 0; i < said.size(); ++i) {
      EXPECT_EQ(events[i].kind, said[i].kind);
      EXPECT_EQ(events[i].text, said[i].text);
      EXPECT_EQ(events[i].tool.arguments, said[i].tool.arguments);
      EXPECT_EQ(events[i].tool.signature, said[i].tool.signature);
      EXPECT_EQ(events[i].finish, said[i].finish);
      EXPECT_EQ(events[i].usage, said[i].usage);
    }
    EXPECT_EQ(reader->state().id, "r");
    EXPECT_EQ(reader->state().model, "m");
  }
}

TEST_F(gemini_stream, what_cannot_be_read_and_held_words_is_an_error) {
  const auto request = asked("alt=sse");
  const auto reader = format().model->stream(request);
  const auto events = read(*reader, R"({"candidates":[{"content":{"parts":[{"text":"a)");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, Kind::error);
  EXPECT_EQ(reader->state().forwarding.way, Forwarding::Way::from_events);
}

// Elsewhere it would be a thought without words behind the answer, and Google does not ask for it back.
TEST_F(gemini_stream, seals_beside_texts_are_shown_to_its_own_clients_only) {
  const auto data = chunk(R"({"text":"a","thoughtSignature":"cw=="})");
  Request request;
  for (const std::string_view format : {"openai", "anthropic", "responses"}) {
    request.format = format;
    request.show_thinking = true;
    EXPECT_EQ(read(*find_format("gemini")->model->stream(request), data).size(), 1U) << format;
  }
  request.format = "gemini";
  const auto events = read(*find_format("gemini")->model->stream(request), data);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].text, "cw==");
}

TEST_F(gemini_stream, a_list_of_chunks_in_place_of_a_stream_is_one_answer) {
  Request request;
  request.format = "openai";
  const auto body =
      "[" + chunk(R"({"text":"Hel"})") + ",\n" + chunk(R"({"text":"lo"})", R"(,"finishReason":"STOP")") + "]";
  const auto response = format().model->read(request, body, pool_);
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_EQ(response->choices.at(0).text(), "Hello");
  EXPECT_EQ(response->raw, "");
}

TEST_F(gemini_stream, an_image_is_content_that_only_its_own_format_shows) {
  Request request;
  request.format = "gemini";
  const auto body = chunk(R"({"inlineData":{"mimeType":"image/png","data":"x"}})", R"(,"finishReason":"STOP")");
  const auto response = format().model->read(request, body, pool_);
  ASSERT_TRUE(response.has_value()) << response.error().message;
  EXPECT_TRUE(response->choices.at(0).has_other);
  EXPECT_EQ(response->raw, body);
}

// An answer may hold anything anywhere.
TEST_F(gemini_stream, hostile_answers_never_crash) {
  const std::string body =
      R"({"candidates":[{"content":{"parts":[{"text":"a","thought":true,"thoughtSignature":"s"},{"functionCall":{"name":"f","args":{},"id":"i"}}],"role":"model"},"finishReason":"STOP","index":0,"logprobsResult":{"chosenCandidates":[{"token":"a","logProbability":1}],"topCandidates":[{"candidates":[{"token":"a"}]}]}}],"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":1}]},"modelVersion":"m","responseId":"r"})";
  const std::string_view others[] = {"null", "true", "-7",    "1e300", "\"x\"",
                                     "[]",   "{}",   "[[1]]", "[{}]",  "9223372036854775807"};
  Request request;
  request.format = "openai";
  for (std::size_t at = 1; at < body.size(); ++at) {
    if (body[at - 1] != ':' && body[at - 1] != '[') continue;
    auto end = at;
    int depth = 0;
    bool quoted = false;
    for (; end < body.size(); ++end) {
      if (body[end] == '"') quoted = !quoted;
      if (quoted) continue;
      if (body[end] == '{' || body[end] == '[') ++depth;
      if ((body[end] == '}' || body[end] == ']') && depth-- == 0) break;
      if (body[end] == ',' && depth == 0) break;
    }
    for (const auto other : others) {
      const auto mutant = body.substr(0, at) + std::string(other) + body.substr(end);
      const auto reader = format().model->stream(request);
      for (const auto& event : read(*reader, mutant)) {
        EXPECT_GE(event.usage.input, 0);
        EXPECT_GE(event.usage.output, event.usage.reasoning);
        EXPECT_GE(event.usage.input, event.usage.cached);
      }
      const auto response = format().model->read(request, mutant, pool_);
      if (!response) {
        EXPECT_FALSE(response.error().message.empty());
      }
    }
  }
}

}  // namespace
}  // namespace weir
