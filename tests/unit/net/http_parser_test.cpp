#include "net/http_parser.h"

namespace weir::net {
namespace {

struct Refused {
  const char* name;
  std::string_view head;
};

TEST(HttpParser, ambiguous_or_malformed_heads_are_refused) {
  using namespace std::string_view_literals;
  const Refused cases[] = {
      {"bare LF", "GET / HTTP/1.1\nHost: a\n\n"sv},
      {"bare CR in a value", "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"sv},
      {"bare CR between headers", "POST / HTTP/1.1\r\nHost: a\r\nA: b\rTransfer-Encoding: chunked\r\n\r\n"sv},
      {"folded header", "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n"sv},
      {"space before the first header", "GET / HTTP/1.1\r\n Content-Length: 5\r\nHost: a\r\n\r\n"sv},
      {"NUL", "GET / HTTP/1.1\r\nHost: a\r\nA: b\0c\r\n\r\n"sv},
      {"two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"sv},
      {"length and encoding",
       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"sv},
      {"encoding and length",
       "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"sv},
      {"encoding not chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"sv},
      {"encoding twice", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n"sv},
      {"length not a number", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5x\r\n\r\n"sv},
      {"negative length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n"sv},
      {"length out of range", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n"sv},
      {"space before the colon", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\n"sv},
      {"space within a name", "POST / HTTP/1.1\r\nHost: a\r\nC ontent-Length: 5\r\n\r\n"sv},
      {"no name", "POST / HTTP/1.1\r\nHost: a\r\n: 5\r\n\r\n"sv},
      {"unknown method", "FROB / HTTP/1.1\r\nHost: a\r\n\r\n"sv},
      {"no Host", "GET / HTTP/1.1\r\nA: b\r\n\r\n"sv},
      {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"sv},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n"sv},
      {"no version", "GET /\r\n\r\n"sv},
      {"RTSP", "GET / RTSP/1.0\r\nHost: a\r\n\r\n"sv},
      {"RTSP with a method of its own", "DESCRIBE rtsp://a/ RTSP/1.0\r\nHost: a\r\n\r\n"sv},
      {"ICE", "SOURCE / ICE/1.0\r\nHost: a\r\n\r\n"sv},
      {"HTTP/0.9 by name", "GET / HTTP/0.9\r\nHost: a\r\n\r\n"sv},
      {"HTTP/1.0 with chunks", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"sv},
      {"control character in a name", "GET / HTTP/1.1\r\nHost: a\r\nA\x01: b\r\n\r\n"sv},
  };
  for (const auto& c : cases) {
    const auto found = HttpParser::find_head(c.head, 0);
    if (!found) continue;
    ASSERT_GT(*found, 0U) << c.name;
    HttpParser parser(HttpParser::Kind::request);
    MessageHead head;
    EXPECT_FALSE(parser.parse_head(c.head.substr(0, *found), head)) << c.name;
  }
}

TEST(HttpParser, head_is_found_whatever_the_pieces_it_comes_in) {
  const std::string bytes = "POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  const auto whole = HttpParser::find_head(bytes, 0);
  ASSERT_TRUE(whole);
  EXPECT_EQ(*whole, bytes.size() - 3);
  for (std::size_t cut = 1; cut < *whole; ++cut) {
    const auto first = HttpParser::find_head(std::string_view(bytes).substr(0, cut), 0);
    ASSERT_TRUE(first) << cut;
    EXPECT_EQ(*first, 0U) << cut;
    EXPECT_EQ(HttpParser::find_head(bytes, cut).value(), *whole) << cut;
  }
}

TEST(HttpParser, head_fields_are_read) {
  const std::string bytes =
      "POST /v1/chat/completions?x=1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer k\r\nExpect: 100-continue\r\n"
      "Content-Length: 3\r\nConnection: close\r\n\r\n";
  HttpParser parser(HttpParser::Kind::request);
  MessageHead head;
  ASSERT_TRUE(parser.parse_head(bytes, head));
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/v1/chat/completions?x=1");
  EXPECT_EQ(head.get("authorization"), "Bearer k");
  EXPECT_TRUE(head.expect_continue);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_EQ(head.framing, BodyFraming::length);
  EXPECT_EQ(head.content_length, 3U);
}

TEST(HttpParser, one_parser_reads_message_after_message) {
  HttpParser parser(HttpParser::Kind::request);
  MessageHead head;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(parser.parse_head("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", head));
    ASSERT_EQ(head.framing, BodyFraming::chunked);
    std::string body;
    const std::string_view chunks = "3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\nGET /next";
    const auto part = parser.parse_chunked(chunks, body, 100);
    ASSERT_TRUE(part);
    EXPECT_TRUE(part->complete);
    EXPECT_EQ(chunks.substr(part->consumed), "GET /next");
    EXPECT_EQ(body, "abcde");
    ASSERT_TRUE(parser.parse_head("GET / HTTP/1.1\r\nHost: a\r\n\r\n", head));
    EXPECT_EQ(head.framing, BodyFraming::none);
  }
}

TEST(HttpParser, chunked_body_is_the_same_whatever_the_pieces_it_comes_in) {
  const std::string_view chunks = "4\r\nwxyz\r\n1\r\n!\r\n0\r\n\r\n";
  for (std::size_t cut = 0; cut <= chunks.size(); ++cut) {
    HttpParser parser(HttpParser::Kind::response);
    MessageHead head;
    ASSERT_TRUE(parser.parse_head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", head));
    std::string body;
    bool complete = false;
    for (const auto piece : {chunks.substr(0, cut), chunks.substr(cut)}) {
      if (piece.empty()) continue;
      const auto part = parser.parse_chunked(piece, body, 100);
      ASSERT_TRUE(part) << cut;
      complete = part->complete;
    }
    EXPECT_TRUE(complete) << cut;
    EXPECT_EQ(body, "wxyz!") << cut;
  }
}

TEST(HttpParser, chunked_body_beyond_the_limit_is_refused) {
  HttpParser parser(HttpParser::Kind::request);
  MessageHead head;
  ASSERT_TRUE(parser.parse_head("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", head));
  std::string body;
  const auto part = parser.parse_chunked("5\r\nabcde\r\n", body, 4);
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().code, ErrorCode::body_too_large);
}

TEST(HttpParser, blanks_around_a_value_are_not_part_of_it) {
  HttpParser parser(HttpParser::Kind::request);
  MessageHead head;
  ASSERT_TRUE(
      parser.parse_head("POST / HTTP/1.1\r\nHost: \t a \t\r\nX-Empty:  \r\nX-Inner: a \t b \r\n"
                        "Transfer-Encoding: chunked \r\nExpect: 100-continue\t\r\n\r\n",
                        head));
  EXPECT_EQ(head.get("host"), "a");
  EXPECT_EQ(head.get("x-empty"), "");
  EXPECT_EQ(head.get("x-inner"), "a \t b");
  EXPECT_TRUE(head.expect_continue);
  EXPECT_EQ(head.framing, BodyFraming::chunked);
  std::string body;
  const auto part = parser.parse_chunked("3\r\nabc\r\n0\r\n\r\n", body, 100);
  ASSERT_TRUE(part);
  EXPECT_TRUE(part->complete);
  EXPECT_EQ(body, "abc");
  ASSERT_TRUE(parser.parse_head("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:   3  \r\n\r\n", head));
  EXPECT_EQ(head.framing, BodyFraming::length);
  EXPECT_EQ(head.content_length, 3U);
  HttpParser answers(HttpParser::Kind::response);
  ASSERT_TRUE(answers.parse_head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked \r\nRetry-After: 7 \r\n\r\n", head));
  EXPECT_EQ(head.framing, BodyFraming::chunked);
  EXPECT_EQ(head.get("retry-after"), "7");
}

TEST(HttpParser, header_fields_have_a_number) {
  const auto with = [](std::size_t fields) {
    std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (std::size_t i = 1; i < fields; ++i) head += "a:\r\n";
    HttpParser parser(HttpParser::Kind::request);
    MessageHead out;
    return parser.parse_head(head + "\r\n", out);
  };
  EXPECT_TRUE(with(HttpParser::most_headers));
  const auto refused = with(HttpParser::most_headers + 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::headers_too_large);
}

// Feeds `unit` until it is refused or so many bytes have gone in.
std::size_t taken_until_refused(std::string_view begin, std::string_view unit, std::size_t most) {
  HttpParser parser(HttpParser::Kind::request);
  MessageHead head;
  EXPECT_TRUE(parser.parse_head("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", head));
  std::string body;
  EXPECT_TRUE(parser.parse_chunked(begin, body, most));
  std::size_t taken = 0;
  while (taken < most && parser.parse_chunked(unit, body, most)) taken += unit.size();
  return taken;
}

TEST(HttpParser, what_is_no_content_in_a_chunked_body_has_an_end) {
  constexpr std::size_t most = 1'000'000;
  EXPECT_LT(taken_until_refused("5", ";name=value", most), 2 * HttpParser::most_chunk_extras) << "one long extension";
  EXPECT_LT(taken_until_refused("1\r\na\r\n0\r\n", "X-Trailer: value\r\n", most), 2 * HttpParser::most_chunk_extras)
      << "trailers";
  EXPECT_LT(taken_until_refused("", "1;an-extension-that-goes-on-for-a-while=yes\r\na\r\n", most), most)
      << "an extension on every chunk";
  EXPECT_GE(taken_until_refused("", "1\r\na\r\n", most), most) << "small chunks are no extras";
}

TEST(HttpParser, response_framing_is_told) {
  struct Case {
    std::string_view head;
    BodyFraming framing;
    bool keep_alive;
  };
  for (const auto& c : {Case{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", BodyFraming::length, true},
                        Case{"HTTP/1.1 200 OK\r\n\r\n", BodyFraming::until_close, false},
                        Case{"HTTP/1.1 204 No Content\r\n\r\n", BodyFraming::none, true},
                        Case{"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n", BodyFraming::length, false}}) {
    HttpParser parser(HttpParser::Kind::response);
    MessageHead head;
    ASSERT_TRUE(parser.parse_head(c.head, head)) << c.head;
    EXPECT_EQ(head.framing, c.framing) << c.head;
    EXPECT_EQ(head.keep_alive, c.keep_alive) << c.head;
  }
}

}  // namespace
}  // namespace weir::net
