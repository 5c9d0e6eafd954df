// Events that strict JSON refuses, in the streams of every format: what was said is there, or the stream fails.
#include "formats/shared/mending_reader.h"

#include <gtest/gtest.h>

#include "formats/shared/answer_form.h"

namespace weir {
namespace {

using Kind = StreamEvent::Kind;

// An event with a text in it, `@` in its place.
struct Dialect {
  std::string_view format, event;
};
constexpr Dialect dialects[] = {
    {"anthropic", R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"@"}})"},
    {"cohere", R"({"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"@"}}}})"},
    {"ollama", R"({"model":"m","message":{"role":"assistant","content":"@"},"done":false})"},
    {"tgi", R"({"index":1,"token":{"id":1,"text":"@","special":false}})"},
    {"openai", R"({"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"@"}}]})"},
    {"responses",
     R"({"type":"response.output_text.delta","item_id":"a","output_index":0,"content_index":0,"delta":"@"})"},
};

struct Read {
  std::string text;
  bool failed = false;
  bool skipped = false;
  Forwarding::Way way = Forwarding::Way::as_it_came;
};

Read read(const Dialect& dialect, const std::vector<std::string>& pieces) {
  Request request;
  request.format = "elsewhere";
  const auto reader = model_face(dialect.format).stream(request);
  MendingReader mending(*reader, 1);
  json::Document scratch;
  Read result;
  for (const auto& piece : pieces) {
    std::string data(dialect.event);
    data.replace(data.find('@'), 1, piece);
    std::vector<StreamEvent> events;
    result.skipped = result.skipped || !mending.read({.data = data, .has_data = true}, scratch, events);
    for (const auto& event : events) {
      if (event.kind == Kind::text) result.text += event.text;
      result.failed = result.failed || event.kind == Kind::error;
    }
    result.way = reader->state().forwarding.way;
  }
  return result;
}

TEST(mending_reader, joins_characters_that_were_cut_between_events) {
  for (const auto& dialect : dialects) {
    SCOPED_TRACE(dialect.format);
    const auto surrogates = read(dialect, {"a", "\\ud83d", "\\ude00!"});
    EXPECT_EQ(surrogates.text, "a\xF0\x9F\x98\x80!");
    EXPECT_EQ(surrogates.way, Forwarding::Way::from_events);
    EXPECT_EQ(read(dialect, {"\xF0\x9F", "\x98\x80", "b"}).text,
              "\xF0\x9F\x98\x80"
              "b");
    EXPECT_FALSE(surrogates.failed || surrogates.skipped);
  }
}

TEST(mending_reader, does_not_go_on_without_a_text_that_cannot_be_read) {
  for (const auto& dialect : dialects) {
    SCOPED_TRACE(dialect.format);
    EXPECT_TRUE(read(dialect, {"a\"b"}).failed);
  }
}

TEST(mending_reader, leaves_noise_to_who_skips_it) {
  for (const auto& dialect : dialects) {
    SCOPED_TRACE(dialect.format);
    Request request;
    const auto reader = model_face(dialect.format).stream(request);
    MendingReader mending(*reader, 1);
    json::Document scratch;
    std::vector<StreamEvent> events;
    EXPECT_FALSE(mending.read({.data = "ping", .has_data = true}, scratch, events));
    EXPECT_TRUE(events.empty());
  }
}

TEST(mending_reader, does_not_pass_over_text_in_an_event_that_means_nothing_to_its_reader) {
  struct Case {
    std::string_view format, event;
  };
  const Case cases[] = {
      {"anthropic",
       R"({"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{}"}})"},
      {"openai", R"({"object":"chunk","delta":{"content":"lost"}})"},
      {"ollama", R"({"model":"m","content":"lost"})"},
      {"gemini", R"({"parts":[{"text":"lost"}]})"},
  };
  for (const auto& [format, event] : cases) {
    SCOPED_TRACE(format);
    Request request;
    const auto reader = model_face(format).stream(request);
    MendingReader mending(*reader, 1);
    json::Document scratch;
    std::vector<StreamEvent> events;
    ASSERT_TRUE(mending.read({.data = event, .has_data = true}, scratch, events));
    EXPECT_EQ(events.at(0).kind, Kind::error);
  }
}

// Servers that give a text otherwise than their format says: as parts, as one part, as what it is in JSON.
TEST(mending_reader, reads_a_text_in_whatever_form_it_comes) {
  const std::pair<std::string_view, std::string_view> forms[] = {
      {R"(["ab","c"])", "abc"},
      {R"([{"type":"text","text":"ab"},{"text":"c"}])", "abc"},
      {R"({"type":"text","text":"abc"})", "abc"},
      {R"({"level":3})", R"({"level":3})"},
      {"42", "42"},
      {"null", ""},
  };
  for (const auto& dialect : dialects) {
    for (const auto& [form, text] : forms) {
      SCOPED_TRACE(fmt::format("{} {}", dialect.format, form));
      std::string event(dialect.event);
      event.replace(event.find("\"@\""), 3, form);
      const auto got = read({dialect.format, event + " @"}, {""});
      EXPECT_EQ(got.text, text);
      EXPECT_FALSE(got.failed || got.skipped);
    }
  }
}

TEST(mended_answer, is_read_in_every_format) {
  struct Case {
    std::string_view format, body;
  };
  const Case cases[] = {
      {"anthropic",
       R"({"content":[{"type":"text","text":"a\ud83d"}],"x":NaN,"usage":{"input_tokens":1,"output_tokens":1}})"},
      {"cohere", R"({"message":{"content":[{"type":"text","text":"a\ud83d"}]},"x":-Infinity})"},
      {"ollama", R"({"message":{"content":"a\ud83d"},"done":true,"x":NaN})"},
      {"gemini", R"({"candidates":[{"content":{"parts":[{"text":"a\ud83d"}]},"finishReason":"STOP","x":NaN}]})"},
      {"bedrock", R"({"output":{"message":{"content":[{"text":"a\ud83d"}]}},"x":NaN})"},
      {"tgi", R"({"generated_text":"a\ud83d","x":NaN})"},
  };
  json::DocumentPool pool;
  for (const auto& one : cases) {
    SCOPED_TRACE(one.format);
    Request request;
    const auto answer = decode_answer(model_face(one.format), request, std::string(one.body), pool);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->choices.at(0).text(), "a\xEF\xBF\xBD");
  }
}

}  // namespace
}  // namespace weir
