// Frames of a WebSocket: whatever the bytes, and in whatever pieces they come, the same messages come out, none longer
// than the limit. The first byte chooses the step.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "net/web_socket.h"

namespace {

constexpr std::size_t limit = 4 * 1024;

std::vector<std::string> read(std::string_view bytes, std::size_t step) {
  weir::net::WebSocketMessages messages(limit);
  std::vector<std::string> out;
  while (!bytes.empty()) {
    messages.feed(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
    for (;;) {
      const auto next = messages.next();
      if (!next) return out;
      if (!*next) break;
      if ((*next)->bytes.size() > limit) std::abort();
      out.push_back(std::to_string(static_cast<int>((*next)->kind)) + (*next)->bytes);
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (read(bytes, bytes.size() + 1) != read(bytes, std::size_t{data[0]} + 1)) std::abort();
  return 0;
}
