// Event framing: whatever the bytes and however they are cut, the same events come out, `raw` pieces in a row are the
// stream, and nothing over the limit is kept. The first byte chooses framing and limit, the second the cuts. Amazon's
// messages carry checksums that no fuzzer finds: bytes are also put into messages whose checksums are right.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "../unit/amazon_stream.h"
#include "core/sse.h"

namespace {

struct Outcome {
  std::vector<std::string> events;
  std::string raw;
  bool failed = false;
};

void take(const weir::FramedEvent& event, Outcome& outcome) {
  outcome.events.push_back(std::string(event.name) + "\x1f" + std::string(event.data));
  outcome.raw += event.raw;
}

Outcome run(weir::Framing framing, std::size_t limit, std::string_view stream, uint32_t cut) {
  Outcome outcome;
  weir::EventFramer framer(framing, limit);
  weir::FramedEvent event;
  while (!stream.empty()) {
    cut = cut * 1664525U + 1013904223U;
    const std::string chunk(stream.substr(0, cut == 0 ? stream.size() : 1 + (cut >> 24) % 37));
    stream.remove_prefix(chunk.size());
    framer.feed(chunk);
    for (;;) {
      const auto more = framer.next(event);
      if (!more) {
        outcome.failed = true;
        return outcome;
      }
      if (!*more) break;
      take(event, outcome);
    }
  }
  if (framer.finish(event).value_or(false)) take(event, outcome);
  return outcome;
}

void require(bool holds) {
  if (!holds) std::abort();
}

// A message for each piece: a byte that says how long its headers are, one for its payload, then both.
std::string as_messages(std::string_view bytes) {
  std::string stream;
  while (bytes.size() >= 2) {
    const std::size_t headers = static_cast<unsigned char>(bytes[0]);
    const std::size_t payload = static_cast<unsigned char>(bytes[1]);
    bytes.remove_prefix(2);
    const auto first = bytes.substr(0, headers);
    bytes.remove_prefix(first.size());
    const auto second = bytes.substr(0, payload);
    bytes.remove_prefix(second.size());
    stream += weir::testing::amazon_frame(first, second);
  }
  return stream.append(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const bool amazon = (data[0] & 4) != 0;
  const auto lines = (data[0] & 1) != 0 ? weir::Framing::ndjson : weir::Framing::sse;
  const auto framing = amazon ? weir::Framing::amazon : lines;
  const std::size_t limit = (data[0] & 2) != 0 ? 64 : weir::EventFramer::default_limit;
  std::string stream(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (amazon && (data[0] & 1) != 0) stream = as_messages(stream);
  const auto one = run(framing, limit, stream, data[1]);
  const auto two = run(framing, limit, stream, data[1] + 1U);
  require(stream.starts_with(one.raw));
  if (amazon) require(one.failed == two.failed && one.events == two.events);
  if (one.failed || two.failed) return 0;
  require(one.events == two.events);
  return 0;
}
