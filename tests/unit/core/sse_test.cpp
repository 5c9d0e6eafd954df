#include "core/sse.h"

#include <gtest/gtest.h>

#include <random>

namespace weir {
namespace {

struct Seen {
  std::string data;
  std::string name;
  bool has_data = false;
  bool operator==(const Seen&) const = default;
};

struct Collected {
  std::vector<Seen> events;
  std::string raw;
  bool failed = false;
};

void take(const FramedEvent& event, Collected& into) {
  into.events.push_back({std::string(event.data), std::string(event.name), event.has_data});
  into.raw += event.raw;
}

// Feeds `chunks`, each from a buffer of its own that is overwritten afterwards: a view kept too long would show.
Collected collect(Framing framing, const std::vector<std::string>& chunks,
                  std::size_t limit = EventFramer::default_limit) {
  EventFramer framer(framing, limit);
  Collected collected;
  FramedEvent event;
  for (auto chunk : chunks) {
    framer.feed(chunk);
    for (;;) {
      const auto more = framer.next(event);
      if (!more) {
        collected.failed = true;
        return collected;
      }
      if (!*more) break;
      take(event, collected);
    }
    std::fill(chunk.begin(), chunk.end(), '#');
  }
  const auto last = framer.finish(event);
  if (last && *last) take(event, collected);
  return collected;
}

std::vector<Seen> events_of(std::string stream) { return collect(Framing::sse, {std::move(stream)}).events; }

TEST(sse, reads_the_fields_of_an_event) {
  EXPECT_EQ(events_of("event: ping\nid: 7\ndata: hello\n\n"), (std::vector<Seen>{{"hello", "ping", true}}));
  EXPECT_EQ(events_of("data:tight\n\ndata:  two blanks\n\n"),
            (std::vector<Seen>{{"tight", "", true}, {" two blanks", "", true}}));
}

TEST(sse, several_data_lines_are_joined_by_line_feeds) {
  EXPECT_EQ(events_of("data: a\ndata:\ndata: c\n\n"), (std::vector<Seen>{{"a\n\nc", "", true}}));
  EXPECT_EQ(events_of("data\ndata\n\n"), (std::vector<Seen>{{"\n", "", true}}));
}

TEST(sse, all_three_line_ends_mean_the_same) {
  const std::vector<Seen> expected{{"a\nb", "x", true}, {"c", "", true}};
  for (const std::string end : {"\n", "\r", "\r\n"}) {
    EXPECT_EQ(events_of("event: x" + end + "data: a" + end + "data: b" + end + end + "data: c" + end + end), expected);
  }
}

TEST(sse, a_comment_block_is_an_event_without_data) {
  EXPECT_EQ(events_of(": ping\n\ndata: a\n\n"), (std::vector<Seen>{{"", "", false}, {"a", "", true}}));
  EXPECT_EQ(events_of(": ping\ndata: a\n\n"), (std::vector<Seen>{{"a", "", true}}));
}

TEST(sse, byte_order_mark_is_skipped_at_the_start_only) {
  EXPECT_EQ(events_of("\xEF\xBB\xBF"
                      "data: a\n\n"),
            (std::vector<Seen>{{"a", "", true}}));
  EXPECT_EQ(events_of("data: a\n\n\xEF\xBB\xBF"
                      "data: b\n\n"),
            (std::vector<Seen>{{"a", "", true}, {"", "", false}}));
}

TEST(sse, the_end_reports_an_event_without_its_blank_line) {
  EXPECT_EQ(events_of("data: a\n\ndata: [DONE]"), (std::vector<Seen>{{"a", "", true}, {"[DONE]", "", true}}));
  EXPECT_EQ(events_of("data: a\n\ndata: [DONE]\n"), (std::vector<Seen>{{"a", "", true}, {"[DONE]", "", true}}));
  EXPECT_EQ(events_of("data: a\n\n\n\n"), (std::vector<Seen>{{"a", "", true}}));
}

TEST(sse, blank_lines_between_events_make_no_events) {
  EXPECT_EQ(events_of("\n\ndata: a\n\n\n\ndata: b\n\n"), (std::vector<Seen>{{"a", "", true}, {"b", "", true}}));
}

TEST(ndjson, every_line_is_an_event) {
  const auto collected = collect(Framing::ndjson, {"{\"a\":1}\n\n{\"b\"", ":2}\r\n{\"c\":3}"});
  EXPECT_EQ(collected.events,
            (std::vector<Seen>{{R"({"a":1})", "", true}, {R"({"b":2})", "", true}, {R"({"c":3})", "", true}}));
}

TEST(event_framer, whole_events_are_views_into_the_chunk) {
  EventFramer framer(Framing::sse);
  const std::string chunk = "data: a\n\ndata: b\n\n";
  framer.feed(chunk);
  FramedEvent event;
  ASSERT_TRUE(*framer.next(event));
  EXPECT_EQ(event.raw.data(), chunk.data());
  EXPECT_EQ(event.data.data(), chunk.data() + 6);
  ASSERT_TRUE(*framer.next(event));
  EXPECT_EQ(event.raw.data(), chunk.data() + 9);
}

// Any cut into chunks gives the same events, and the raw ranges in a row are the stream.
TEST(event_framer, chunking_changes_nothing) {
  const std::string stream =
      "\xEF\xBB\xBF: hello\r\n\r\ndata: {\"t\":\"é漢😀\"}\n\nevent: x\r\ndata: 1\r\ndata: 2\r\n\r\n: ping\n\n\rdata: "
      "z\r\rdata: [DONE]\n\n";
  std::mt19937 random(7);
  for (const auto framing : {Framing::sse, Framing::ndjson}) {
    const auto whole = collect(framing, {stream});
    ASSERT_GE(whole.events.size(), 5U);
    // NDJSON: the last LF is a blank line of its own.
    EXPECT_EQ(whole.raw, stream.substr(0, stream.size() - (framing == Framing::ndjson ? 1 : 0)));
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
      const auto split = collect(framing, {stream.substr(0, cut), stream.substr(cut)});
      ASSERT_EQ(split.events, whole.events) << cut;
    }
    for (int round = 0; round < 300; ++round) {
      std::vector<std::string> chunks;
      for (std::size_t at = 0; at < stream.size();) {
        const auto length = 1 + random() % (round % 3 == 0 ? 1 : 9);
        chunks.push_back(stream.substr(at, length));
        at += length;
      }
      const auto split = collect(framing, chunks);
      ASSERT_EQ(split.events, whole.events);
      ASSERT_TRUE(stream.starts_with(split.raw));
      ASSERT_GE(split.raw.size() + 1, stream.size());
    }
  }
}

TEST(event_framer, an_event_over_the_limit_is_an_error_in_one_piece_or_many) {
  const std::string large = "data: " + std::string(1000, 'x') + "\n\n";
  EXPECT_TRUE(collect(Framing::sse, {large}, 500).failed);
  std::vector<std::string> chunks;
  for (const char c : large) chunks.emplace_back(1, c);
  EXPECT_TRUE(collect(Framing::sse, chunks, 500).failed);
  EXPECT_FALSE(collect(Framing::sse, chunks, large.size()).failed);
  // Many small events in one chunk are not one large event.
  std::string many;
  for (int i = 0; i < 100; ++i) many += "data: 0123456789\n\n";
  EXPECT_FALSE(collect(Framing::sse, {many}, 500).failed);
}

}  // namespace
}  // namespace weir
