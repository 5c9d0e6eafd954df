// Packed bodies: whatever the bytes, however small the steps and in whatever pieces they come, the same text or the
// same refusal comes out, and never more of it than the limit. The first byte chooses the step.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "net/inflate.h"

namespace {

constexpr std::size_t limit = 64 * 1024;

struct Outcome {
  std::string text;
  std::optional<weir::ErrorCode> error;
};

void require(bool holds) {
  if (!holds) std::abort();
}

Outcome unpack(std::string_view packed, std::size_t step) {
  Outcome outcome;
  weir::net::Inflate inflate(packed);
  for (;;) {
    const auto had = outcome.text.size();
    const auto done = inflate.advance(step, outcome.text, limit);
    require(outcome.text.size() <= had + step && outcome.text.size() <= limit + 1);
    if (!done) outcome.error = done.error().code;
    if (!done || *done) return outcome;
    require(outcome.text.size() == had + step);
  }
}

// Cut short is what only a whole body can be.
void compare_pieces(std::string_view packed, std::size_t size, const Outcome& whole) {
  std::string text;
  weir::net::Inflate inflate;
  while (!packed.empty()) {
    inflate.feed(packed.substr(0, size));
    packed.remove_prefix(std::min(size, packed.size()));
    while (!inflate.hungry()) {
      const auto had = text.size();
      const auto done = inflate.advance(size, text, limit);
      require(text.size() <= had + size && text.size() <= limit + 1);
      if (!done) return require(whole.error == done.error().code);
      require(!*done);
    }
  }
  if (!whole.error) require(inflate.whole() && text == whole.text);
  if (whole.error) require(!inflate.whole());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view packed(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = unpack(packed, 2 * limit);
  const auto steps = unpack(packed, 1 + data[0]);
  require(whole.error == steps.error);
  if (!whole.error) require(whole.text == steps.text);
  if (!packed.empty()) compare_pieces(packed, 1 + data[0], whole);
  return 0;
}
