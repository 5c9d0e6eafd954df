// HTTP/1.1 off the wire: whatever the bytes and however they are cut, the same messages come out, nothing is consumed
// twice, and no head that is accepted leaves room for a second reading. The first byte chooses request or response, the
// second the cuts.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/http.h"
#include "net/http_parser.h"

namespace {

using weir::net::BodyFraming;
using weir::net::HttpParser;

constexpr std::size_t body_limit = 4096;

struct Message {
  std::string head;
  std::string body;
  BodyFraming framing = BodyFraming::none;
  bool operator==(const Message&) const = default;
};

struct Outcome {
  std::vector<Message> messages;
  bool failed = false;
};

void require(bool holds) {
  if (!holds) std::abort();
}

bool within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

// What RFC 9112 leaves no doubt about must hold for every head that we accept.
void check(const weir::net::MessageHead& head, std::string_view text) {
  int lengths = 0;
  int encodings = 0;
  for (const auto& [name, value] : head.headers) {
    require(within(name, text) && within(value, text));
    require(!name.empty() && name.find_first_of(std::string_view(" \t\r\n\0:", 6)) == std::string_view::npos);
    require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
    lengths += weir::equals_ignoring_case(name, "content-length") ? 1 : 0;
    encodings += weir::equals_ignoring_case(name, "transfer-encoding") ? 1 : 0;
  }
  require(lengths <= 1);
  require(lengths == 0 || encodings == 0);
  if (head.framing == BodyFraming::chunked) require(encodings == 1);
}

class Reader {
 public:
  explicit Reader(HttpParser::Kind kind) : parser_(kind) {}

  void feed(std::string_view bytes) {
    buffer_ += bytes;
    while (!outcome_.failed && step()) {
    }
  }
  [[nodiscard]] Outcome take() { return std::move(outcome_); }

 private:
  // One step further; false when more bytes are needed.
  bool step() {
    if (!in_body_) return read_head();
    if (message_.framing == BodyFraming::until_close) return false;  // all that follows is its body
    return message_.framing == BodyFraming::chunked ? read_chunked() : read_length();
  }

  bool read_head() {
    const auto length = HttpParser::find_head(buffer_, scanned_);
    if (!length) return fail();
    scanned_ = buffer_.size();
    if (*length == 0) return false;
    require(*length <= buffer_.size());
    message_ = {.head = buffer_.substr(0, *length)};
    weir::net::MessageHead head;
    if (!parser_.parse_head(message_.head, head)) return fail();
    check(head, message_.head);
    message_.framing = head.framing;
    left_ = head.framing == BodyFraming::length ? head.content_length : 0;
    buffer_.erase(0, *length);
    scanned_ = 0;
    in_body_ = true;
    return true;
  }

  bool read_chunked() {
    const std::size_t had = message_.body.size();
    const auto part = parser_.parse_chunked(buffer_, message_.body, body_limit);
    require(message_.body.size() <= body_limit);
    if (!part) return fail();
    require(part->consumed <= buffer_.size() && message_.body.size() - had <= part->consumed);
    buffer_.erase(0, part->consumed);
    if (part->complete) return end();
    return false;
  }

  bool read_length() {
    const std::size_t here = static_cast<std::size_t>(std::min<uint64_t>(left_, buffer_.size()));
    message_.body += buffer_.substr(0, std::min(here, body_limit - message_.body.size()));
    buffer_.erase(0, here);
    left_ -= here;
    return left_ == 0 && end();
  }

  bool end() {
    outcome_.messages.push_back(std::move(message_));
    in_body_ = false;
    return true;
  }
  bool fail() {
    outcome_.failed = true;
    return false;
  }

  HttpParser parser_;
  std::string buffer_;
  std::size_t scanned_ = 0;
  bool in_body_ = false;
  uint64_t left_ = 0;
  Message message_;
  Outcome outcome_;
};

Outcome run(HttpParser::Kind kind, std::string_view stream, uint32_t cut) {
  Reader reader(kind);
  while (!stream.empty()) {
    cut = cut * 1664525U + 1013904223U;
    const std::size_t size = std::min<std::size_t>(stream.size(), 1 + (cut >> 24) % 61);
    reader.feed(stream.substr(0, size));
    stream.remove_prefix(size);
  }
  return reader.take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto kind = (data[0] & 1) != 0 ? HttpParser::Kind::response : HttpParser::Kind::request;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
  Reader whole(kind);
  whole.feed(stream);
  const Outcome one = whole.take();
  const Outcome two = run(kind, stream, data[1]);
  require(one.failed == two.failed);
  require(one.messages == two.messages);
  return 0;
}
