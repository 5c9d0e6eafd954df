#include "net/web_socket.h"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using Kind = WebSocketMessage::Kind;

std::string frame(int first, std::string_view payload) {
  std::string out(1, static_cast<char>(first));
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else if (payload.size() < 65'536) {
    out += '\x7e';
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size());
  } else {
    out += '\x7f';
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift);
  }
  return out.append(payload);
}

std::vector<std::pair<Kind, std::string>> read(std::string_view bytes, std::size_t step) {
  WebSocketMessages messages(100'000);
  std::vector<std::pair<Kind, std::string>> out;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    messages.feed(bytes.substr(at, step));
    for (;;) {
      auto next = messages.next();
      EXPECT_TRUE(next);
      if (!next || !*next) break;
      out.emplace_back((*next)->kind, (*next)->bytes);
    }
  }
  return out;
}

TEST(web_socket, messages_are_the_same_however_their_bytes_are_cut) {
  const std::string large(70'000, 'x');
  const auto bytes = frame(0x81, "hello") + frame(0x01, "in ") + frame(0x89, "ping") + frame(0x00, "three ") +
                     frame(0x8a, "pong") + frame(0x80, "pieces") + frame(0x82, large) +
                     frame(0x82, std::string(300, 'y')) + frame(0x81, "") + frame(0x88, "");
  const std::vector<std::pair<Kind, std::string>> expected = {{Kind::text, "hello"},
                                                              {Kind::ping, "ping"},
                                                              {Kind::text, "in three pieces"},
                                                              {Kind::binary, large},
                                                              {Kind::binary, std::string(300, 'y')},
                                                              {Kind::text, ""},
                                                              {Kind::close, ""}};
  for (const std::size_t step : {1U, 2U, 3U, 7U, 1'000U, 100'000U}) EXPECT_EQ(read(bytes, step), expected) << step;
}

TEST(web_socket, what_no_server_may_send_ends_it) {
  for (const auto& wrong : {std::string("\x81\x85", 2) + "abcdhello", frame(0x83, "x"), frame(0xc1, "x"),
                            frame(0x80, "x"), frame(0x01, "x") + frame(0x81, "y"), frame(0x09, "x"),
                            frame(0x89, std::string(126, 'x')), frame(0x82, std::string(100'001, 'x')),
                            frame(0x01, std::string(60'000, 'x')) + frame(0x80, std::string(60'000, 'x')),
                            std::string("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10)}) {
    WebSocketMessages messages(100'000);
    messages.feed(wrong);
    Result<std::optional<WebSocketMessage>> next = std::nullopt;
    for (int i = 0; i < 3 && next; ++i) next = messages.next();
    EXPECT_FALSE(next) << wrong.substr(0, 10);
  }
}

TEST(web_socket, a_pong_says_the_same_behind_a_mask) {
  const auto pong = web_socket_pong("hello", 0x01020304);
  ASSERT_EQ(pong.size(), 11U);
  EXPECT_EQ(pong.substr(0, 6), std::string("\x8a\x85\x01\x02\x03\x04", 6));
  std::string said;
  for (std::size_t i = 0; i < 5; ++i) said += static_cast<char>(pong[6 + i] ^ pong[2 + i % 4]);
  EXPECT_EQ(said, "hello");
}

}  // namespace
}  // namespace weir::net
