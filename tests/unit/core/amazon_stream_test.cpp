// Amazon's binary event stream through EventFramer.
#include "amazon_stream.h"

#include <gtest/gtest.h>

#include <random>

#include "core/sse.h"

namespace weir {
namespace {

using testing::amazon_error;
using testing::amazon_event;
using testing::amazon_exception;
using testing::amazon_frame;
using testing::amazon_header;

struct Outcome {
  std::vector<std::pair<std::string, std::string>> events;  // name, data
  std::string raw;
  std::string error;
  bool operator==(const Outcome&) const = default;
};

// Each chunk from a buffer of its own that is overwritten afterwards.
Outcome collect(const std::vector<std::string>& chunks, std::size_t limit = EventFramer::default_limit) {
  Outcome outcome;
  EventFramer framer(Framing::amazon, limit);
  FramedEvent event;
  for (auto chunk : chunks) {
    framer.feed(chunk);
    for (;;) {
      const auto more = framer.next(event);
      if (!more) {
        EXPECT_EQ(more.error().code, ErrorCode::upstream_malformed);
        outcome.error = more.error().message;
        return outcome;
      }
      if (!*more) break;
      EXPECT_TRUE(event.has_data);
      outcome.events.emplace_back(event.name, event.data);
      outcome.raw += event.raw;
    }
    std::fill(chunk.begin(), chunk.end(), '#');
  }
  EXPECT_FALSE(framer.finish(event).value_or(true)) << "a message without its end is none";
  return outcome;
}

std::string bytes_of_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

// Made by @smithy/eventstream-codec.
constexpr std::string_view smithy_event =
    "000000a300000057a7aafe780b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c74610d3a636f6e74656e742d747970"
    "650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b22636f6e74656e74426c6f636b49"
    "6e646578223a302c2264656c7461223a7b2274657874223a224772c3bcc39f227d2c2270223a2261626364227d0599500b";
constexpr std::string_view smithy_exception =
    "0000008e00000061514180540f3a657863657074696f6e2d747970650700137468726f74746c696e67457863657074696f6e0d3a636f6e7465"
    "6e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070009657863657074696f6e7b226d6573"
    "73616765223a22546f6f206d616e7920746f6b656e73227dc81b1ec1";
constexpr std::string_view smithy_error =
    "0000005d0000004dadcce93e0d3a6d6573736167652d747970650700056572726f720b3a6572726f722d636f646507000d496e7465726e616c"
    "4572726f720e3a6572726f722d6d65737361676507000949742062726f6b652e6a2636aa";
// A header of every type before those that count.
constexpr std::string_view smithy_types =
    "0000007b00000069df4ed74b016100016201016302f9016403012c0165040001117001660600030102030167080000018bcfe5680001680900"
    "112233445566778899aabbccddeeff0b3a6576656e742d747970650700086d657461646174610d3a6d6573736167652d747970650700056576"
    "656e747b7dfa3f85c0";

TEST(amazon_stream, reads_what_another_implementation_wrote) {
  const auto stream = bytes_of_hex(smithy_event) + bytes_of_hex(smithy_exception) + bytes_of_hex(smithy_error) +
                      bytes_of_hex(smithy_types);
  const Outcome expected{
      .events = {{"contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"Grüß"},"p":"abcd"})"},
                 {"exception:throttlingException", R"({"message":"Too many tokens"})"},
                 {"error:InternalError", "It broke."},
                 {"metadata", "{}"}},
      .raw = stream,
      .error = {}};
  EXPECT_EQ(collect({stream}), expected);
}

TEST(amazon_stream, every_cut_gives_the_same_events) {
  const auto stream = amazon_event("messageStart", R"({"role":"assistant"})") + amazon_event("empty", "") +
                      amazon_exception("modelStreamErrorException", R"({"message":"m"})") + amazon_error("E", "");
  const auto whole = collect({stream});
  ASSERT_EQ(whole.events.size(), 4U);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    EXPECT_EQ(collect({stream.substr(0, cut), stream.substr(cut)}), whole) << cut;
  }
  std::vector<std::string> single;
  for (const char c : stream) single.emplace_back(1, c);
  EXPECT_EQ(collect(single), whole);
  std::mt19937 random(20261128);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> chunks;
    for (std::size_t at = 0; at < stream.size();) {
      const auto size = std::uniform_int_distribution<std::size_t>(1, 90)(random);
      chunks.push_back(stream.substr(at, size));
      at += size;
    }
    EXPECT_EQ(collect(chunks), whole);
  }
}

// CRC-32 finds every change of a byte: nothing of a message that was changed may count.
TEST(amazon_stream, a_changed_byte_is_malformed) {
  const auto good = amazon_event("messageStart", R"({"role":"assistant"})");
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int change : {0x01, 0x80}) {
      auto bad = good;
      bad[at] = static_cast<char>(bad[at] ^ change);
      const auto outcome = collect({good + bad + good});
      EXPECT_EQ(outcome.events.size(), 1U) << at;
      EXPECT_NE(outcome.error, "") << at;
    }
  }
}

TEST(amazon_stream, a_stream_that_breaks_off_ends_without_half_an_event) {
  const auto first = amazon_event("messageStart", "{}");
  const auto second = amazon_event("messageStop", "{}");
  for (std::size_t size = 0; size < second.size(); ++size) {
    const auto outcome = collect({first + second.substr(0, size)});
    EXPECT_EQ(outcome.events.size(), 1U);
    EXPECT_EQ(outcome.error, "");
  }
}

std::string prelude(std::size_t total, std::size_t headers) {
  auto out = testing::big_endian(total, 4) + testing::big_endian(headers, 4);
  return out + testing::big_endian(crc32(out), 4);
}

TEST(amazon_stream, lengths_are_judged_before_anything_is_kept) {
  struct Case {
    std::size_t total, headers;
    std::string_view said;
  };
  constexpr std::size_t mebibyte = 1024 * 1024;
  for (const auto& [total, headers, said] : {
           Case{0, 0, "longer than itself"},
           Case{15, 0, "longer than itself"},
           Case{116, 101, "longer than itself"},
           Case{0xffffffff, 0xffffffff, "longer than itself"},
           Case{16 + 128 * 1024 + 1, 128 * 1024 + 1, "headers have 131073 bytes"},
           Case{16 + 24 * mebibyte + 1, 0, "payload has 25165825 bytes"},
           Case{0xffffffff, 0, "payload has"},
       }) {
    const auto outcome = collect({prelude(total, headers)}, 64 * mebibyte);
    EXPECT_NE(outcome.error.find(said), std::string::npos) << outcome.error;
  }
  EXPECT_NE(collect({prelude(5 * mebibyte, 0)}).error.find("limits.event_bytes"), std::string::npos);
  EXPECT_EQ(collect({prelude(16 + 24 * mebibyte, 0)}, 64 * mebibyte).error, "");
}

TEST(amazon_stream, the_limit_holds_for_whole_messages) {
  const auto event = amazon_event("e", std::string(100, 'x'));
  EXPECT_EQ(collect({event}, event.size()).events.size(), 1U);
  EXPECT_NE(collect({event}, event.size() - 1).error, "");
}

TEST(amazon_stream, headers_that_cannot_be_read_are_malformed) {
  const auto type = amazon_header(":message-type", "event");
  for (const auto& headers : {
           std::string("\1a\x0a", 3),                      // a type that does not exist
           std::string("\0\7\0\0", 4),                     // no name
           std::string("\5abc", 4),                        // a name that is cut
           std::string("\1a", 2),                          // no type
           std::string("\1a\7\0", 4),                      // half a length
           std::string("\1a\7\xff\xff", 5),                // a string longer than the headers
           std::string("\1a\x08\0\0", 5),                  // half a time
           amazon_header(":event-type", "x"),              // no message type
           amazon_header(":message-type", "announcement")  // an unknown one
       }) {
    EXPECT_NE(collect({amazon_frame(headers, "{}")}).error, "") << headers;
  }
  EXPECT_EQ(collect({amazon_frame(type, "{}")}).events.front().first, "") << "an event without a name is one";
}

TEST(crc32, agrees_with_known_values_in_whatever_pieces) {
  EXPECT_EQ(crc32(""), 0U);
  EXPECT_EQ(crc32("a"), 0xE8B7BE43U);
  EXPECT_EQ(crc32("The quick brown fox jumps over the lazy dog"), 0x414FA339U);
  EXPECT_EQ(crc32(std::string(32, '\xff')), 0xFF6CAB0BU);
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string bytes(random() % 70, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    // By the definition: a bit at a time.
    uint32_t slow = 0xffffffff;
    for (const char c : bytes) {
      slow ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) slow = (slow >> 1) ^ ((slow & 1) != 0 ? 0xEDB88320U : 0U);
    }
    EXPECT_EQ(crc32(bytes), ~slow);
    const auto cut = bytes.empty() ? 0 : random() % bytes.size();
    EXPECT_EQ(crc32(bytes.substr(cut), crc32(bytes.substr(0, cut))), ~slow);
  }
}

}  // namespace
}  // namespace weir
