// Any bytes as the texts of a request: decoding ends, depends on no part's size, and what is text in base64 is among
// what the guards get.
#include <cstdlib>

#include "core/base64.h"
#include "guards/plain_texts.h"

namespace {

struct Seen {
  std::vector<std::string> texts;
  weir::UnreadableSet unreadable = 0;
  weir::UnreadableSet carried = 0;
  bool operator==(const Seen&) const = default;
};

Seen read(const std::vector<std::string_view>& texts, const std::vector<weir::json::MediumText>& media,
          std::size_t at_once) {
  weir::guards::PlainTexts plain(texts, media);
  std::size_t steps = 0;
  while (!plain.advance(at_once)) {
    if (++steps > 10'000'000) std::abort();
  }
  const auto& read = plain.changed() ? plain.texts() : texts;
  return {.texts = {read.begin(), read.end()}, .unreadable = plain.unreadable(), .carried = plain.carried()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto cut = text.size() * data[0] / 256;
  const std::vector<std::string_view> texts = {text.substr(0, cut), text.substr(cut)};
  std::vector<weir::json::MediumText> media;
  if (data[1] > 128) media.push_back({.text = 1, .kind = static_cast<weir::UnreadableSet>(data[1] & 0x3f)});
  const auto whole = read(texts, media, SIZE_MAX);
  if (!(read(texts, media, data[1] % 64 + 1) == whole)) std::abort();

  const auto encoded =
      "see " + weir::encode_base64("a plain text in front of it, then " + std::string(text.substr(0, 64)));
  const auto decoded = read({encoded}, {}, SIZE_MAX);
  for (const auto& one : decoded.texts) {
    if (one.starts_with("a plain text in front of it, then ")) return 0;
  }
  std::abort();
}
