// HTTP/1.1 messages off the wire (RFC 9112), on llhttp, with what it lets through tightened: no bare CR or LF, no
// folded headers, no NUL, one Content-Length, never Content-Length and Transfer-Encoding together, chunks only where
// HTTP/1.1 is spoken. Ambiguity is how requests are smuggled past a gateway, so it is refused, not repaired. What costs
// without being content (fields, chunk extensions, trailers) has limits. No I/O; one parser per connection, loop thread
// only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace weir::net {

enum class BodyFraming : uint8_t { none, length, chunked, until_close };

struct HeaderView {
  std::string_view name;
  std::string_view value;  // without blanks around it
};

// Views into the bytes that were parsed.
struct MessageHead {
  std::string_view method;  // requests
  std::string_view target;
  int status = 0;  // responses
  std::vector<HeaderView> headers;
  bool http11 = true;  // false: HTTP/1.0
  bool keep_alive = true;
  bool expect_continue = false;
  BodyFraming framing = BodyFraming::none;
  uint64_t content_length = 0;

  [[nodiscard]] std::string_view get(std::string_view name) const;
};

class HttpParser {
 public:
  // Fields of one head; more are refused (headers_too_large).
  static constexpr std::size_t most_headers = 256;
  // Bytes of chunk extensions and trailers, over one message.
  static constexpr std::size_t most_chunk_extras = 8 * 1024;

  enum class Kind : uint8_t { request, response };
  explicit HttpParser(Kind kind);
  ~HttpParser();
  HttpParser(HttpParser&&) noexcept;
  HttpParser& operator=(HttpParser&&) = delete;

  // Length of the head in `bytes`, with its empty line; 0 when it is not complete yet. `scanned` is what an earlier
  // call has already looked at. Errors: malformed_http as soon as it can be seen.
  [[nodiscard]] static Result<std::size_t> find_head(std::string_view bytes, std::size_t scanned);

  // `head` is one whole head, as found. Fills `out`, whose views point into `head`.
  Status parse_head(std::string_view head, MessageHead& out);

  struct BodyPart {
    std::size_t consumed = 0;  // of the bytes given
    bool complete = false;     // the message ends there; what follows belongs to the next one
  };
  // Decodes a chunked body; appends its content to `out`, but not beyond `limit` bytes in all (body_too_large).
  Result<BodyPart> parse_chunked(std::string_view bytes, std::string& out, std::size_t limit);

  struct State;  // llhttp's side; defined in the .cpp

 private:
  std::unique_ptr<State> state_;
};

}  // namespace weir::net
