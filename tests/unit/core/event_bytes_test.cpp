#include "core/event_bytes.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

// The events of a stream as a client gets them.
std::string shown(std::string_view bytes, Framing framing = Framing::sse) {
  EventFramer framer(framing);
  std::string out;
  FramedEvent event;
  const auto show = [&] {
    if (!event.has_data) return;
    if (is_plain(event, framing)) {
      out += event.raw;
    } else {
      append_event(out, framing, event.name, event.data);
    }
  };
  framer.feed(bytes);
  while (*framer.next(event)) show();
  if (*framer.finish(event)) show();
  return out;
}

TEST(event_bytes, frames_anew_what_few_clients_read_rightly) {
  const std::string good = "event: a\ndata: {\"x\":1}\n\ndata: {}\n\n";
  EXPECT_EQ(shown(good), good);
  for (const std::string_view odd : {
           "event: a\r\ndata: {\"x\":1}\r\n\r\ndata: {}\r\n\r\n",
           "event: a\rdata: {\"x\":1}\r\rdata: {}\r\r",
           "event:a\ndata:{\"x\":1}\n\ndata:{}\n\n",
           ": hi\n\nid: 1\nevent: a\n: in between\ndata: {\"x\":1}\nretry: 3\n\n\n\ndata: {}\n\n",
           "data: {\"x\":1}\nevent: a\n\ndata: {}\n\n",
           "\xEF\xBB\xBF"
           "event: a\ndata: {\"x\":1}\n\ndata: {}\n\n",
           "event: a\ndata: {\"x\":1}\n\ndata: {}\n",
           "event: a\ndata: {\"x\":1}\n\ndata: {}",
       }) {
    EXPECT_EQ(shown(odd), good) << odd;
  }
  EXPECT_EQ(shown("data: {\ndata:  \"x\":1\ndata: }\n\n"), "data: {  \"x\":1 }\n\n");
}

TEST(event_bytes, ends_every_line_of_json) {
  EXPECT_EQ(shown("{}\n{}\n", Framing::ndjson), "{}\n{}\n");
  EXPECT_EQ(shown("{}\r\n\n\n{}", Framing::ndjson), "{}\n{}\n");
}

}  // namespace
}  // namespace weir
