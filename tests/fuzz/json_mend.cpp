// Nearly-JSON: whatever the bytes, what is called usable is JSON; JSON stays what it was; and of bytes
// comes UTF-8.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/json.h"
#include "core/json_mend.h"
#include "core/text_halves.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto mended = weir::json::mend(text);
  weir::json::Document strict;
  weir::json::Document again;
  require(mended.consumed <= text.size());
  if (mended.usable) require(again.parse(mended.text).has_value());
  if (strict.parse(text)) {
    require(mended.usable && !mended.cut && !mended.halves);
    require(simdjson::minify(strict.root()) == simdjson::minify(again.root()));
  }
  std::string marked;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) {
      marked += c;
    } else {
      weir::append_byte_mark(marked, static_cast<unsigned char>(c));
    }
  }
  const auto whole = weir::without_half_marks(marked);
  for (std::size_t at = 0; at < whole.size();) {
    const auto length = weir::json::utf8_sequence_length(std::string_view(whole).substr(at));
    require(length != 0);
    at += length;
  }
  return 0;
}
