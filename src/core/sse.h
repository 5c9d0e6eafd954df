// EventFramer: cuts a byte stream into events, whatever the chunks it arrives in: server-sent events (WHATWG
// HTML, 9.2.6), newline-delimited JSON or Amazon's binary messages (core/amazon_message.h). An event that lies whole in
// the fed chunk is a view into it; only one that is split between chunks is copied. Memory is bounded by the event
// limit. One framer per stream, used by one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir {

enum class Framing : uint8_t { sse, ndjson, amazon };

struct FramedEvent {
  std::string_view data;  // SSE: the data lines joined by \n; NDJSON: the line without its end; Amazon: the payload,
                          // or an error's message
  std::string_view name;  // SSE: the `event:` field; "" when absent. Amazon: the event's type, or `exception:TYPE`,
                          // or `error:CODE`
  std::string_view raw;   // every byte of it, with what ended it and blanks and comments before it: for forwarding
  bool has_data = false;  // false: a block of comments or other fields only, such as a ping
};

//   framer.feed(chunk);
//   while (true) {
//     const auto more = framer.next(event);   // an error: the stream is beyond repair
//     if (!more) …; if (!*more) break;         // false: `chunk` may be let go
//     …
//   }
// `raw` of all events in a row are the bytes of the stream in a row: nothing is dropped between them.
class EventFramer {
 public:
  static constexpr std::size_t default_limit = 4 * 1024 * 1024;

  explicit EventFramer(Framing framing, std::size_t event_limit = default_limit)
      : framing_(framing), limit_(event_limit) {}

  // `chunk` must stay until next() has said false. Precondition: the chunk before is used up.
  void feed(std::string_view chunk);

  // True: `event` is the next one. False: more bytes are needed. upstream_malformed: an event is over the limit, or
  // (Amazon) not what its checksums promise.
  // `data` and `name` live until the following next() or finish(), `raw` until the following feed().
  [[nodiscard]] Result<bool> next(FramedEvent& event);

  // The stream ended. True: `event` is what came without its end (a last line without a line break, a last event
  // without a blank line): whole or cut off, the bytes can't tell. Amazon's messages can: one without its end is none.
  // Call after next() has said false.
  [[nodiscard]] Result<bool> finish(FramedEvent& event);

 private:
  [[nodiscard]] Result<bool> next_message(FramedEvent& event);
  [[nodiscard]] Result<bool> keep_rest();
  [[nodiscard]] Status parse_message(std::string_view raw, FramedEvent& event);
  // Looks for the end of the block that begins or goes on at `chunk_[at_]`; npos when it is not in this chunk.
  [[nodiscard]] std::size_t find_block_end();
  void parse_block(std::string_view raw, FramedEvent& event);
  void parse_line(std::string_view line, FramedEvent& event);
  [[nodiscard]] Status check_size(std::size_t size) const;

  Framing framing_;
  std::size_t limit_;
  std::string_view chunk_;
  std::size_t at_ = 0;          // in chunk_: begin of the block, or of the part of it in this chunk
  std::size_t searched_ = 0;    // bytes of the chunk that find_block_end has read
  std::string partial_;         // begin of a block whose end has not come yet
  std::string completed_;       // the split block that was handed out last: `raw` points here
  std::string joined_;          // several data lines as one; Amazon: the name of an error
  bool line_is_empty_ = true;   // nothing but line ends since the last line end
  bool block_is_empty_ = true;  // only blank lines so far
  bool after_return_ = false;   // the last byte was CR: an LF belongs to it
  bool at_start_ = true;        // of the stream: a byte order mark may come
};

}  // namespace weir
