#include "core/sound_length.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>

namespace weir {
namespace {

constexpr int64_t a_week_ms = 7LL * 24 * 3600 * 1000;

// Reads numbers where they are; 0 beyond the end.
class Bytes {
 public:
  explicit Bytes(std::string_view file) : file_(file) {}

  [[nodiscard]] uint64_t big(std::size_t at, std::size_t width) const {
    if (at > file_.size() || file_.size() - at < width) return 0;
    uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(file_[at + i]);
    return value;
  }
  [[nodiscard]] uint64_t little(std::size_t at, std::size_t width) const {
    if (at > file_.size() || file_.size() - at < width) return 0;
    uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(file_[at + i]);
    return value;
  }
  [[nodiscard]] bool has(std::size_t at, std::string_view mark) const {
    return at <= file_.size() && file_.substr(at).starts_with(mark);
  }
  [[nodiscard]] std::size_t size() const { return file_.size(); }
  [[nodiscard]] std::string_view text() const { return file_; }

 private:
  std::string_view file_;
};

int64_t in_ms(uint64_t units, uint64_t per_second) {
  if (per_second == 0) return 0;
  const auto ms = static_cast<double>(units) * 1000 / static_cast<double>(per_second);
  return ms >= static_cast<double>(a_week_ms) ? a_week_ms : std::llround(ms);
}

int64_t length_of_wav(const Bytes& file) {
  uint64_t bytes_per_second = 0;
  // Chunks: a name, a length, the content, padded to an even place.
  for (std::size_t at = 12; at + 8 <= file.size();) {
    const auto length = file.little(at + 4, 4);
    if (file.has(at, "fmt ")) bytes_per_second = file.little(at + 16, 4);
    if (file.has(at, "data")) {
      // Who writes while it records does not know the length, and says 0 or all ones.
      const auto rest = static_cast<uint64_t>(file.size() - at - 8);
      return in_ms(length == 0 || length > rest ? rest : length, bytes_per_second);
    }
    at += 8 + static_cast<std::size_t>(length) + (length & 1);
  }
  return 0;
}

// STREAMINFO comes first: 20 bits of rate, 3 of channels, 5 of width, 36 of samples.
int64_t length_of_flac(const Bytes& file) {
  const auto packed = file.big(18, 8);
  return in_ms(packed & 0xfffffffffULL, packed >> 44);
}

// The position of the last page, counted in samples: of 48 kHz for Opus whatever it was made of, less what is skipped.
int64_t length_of_ogg(const Bytes& file) {
  const auto last = file.text().rfind("OggS");
  if (last == std::string_view::npos) return 0;
  const auto samples = file.little(last + 6, 8);
  if (samples > (1ULL << 62)) return 0;  // -1: no packet ends on that page
  const auto head = 27 + file.little(26, 1);
  if (file.has(head, "OpusHead")) {
    const auto skipped = file.little(head + 10, 2);
    return in_ms(samples - std::min(samples, skipped), 48'000);
  }
  if (file.has(head, "\x01vorbis")) return in_ms(samples, file.little(head + 12, 4));
  if (file.has(head, "Speex   ")) return in_ms(samples, file.little(head + 36, 4));
  return 0;
}

struct MpegFrame {
  uint64_t rate = 0;     // samples a second
  uint64_t samples = 0;  // of one frame
  uint64_t bits = 0;     // a second
  std::size_t side = 0;  // where a Xing head begins in it
};

// Only layer 3, as everybody means by MP3.
std::optional<MpegFrame> frame_at(const Bytes& file, std::size_t at) {
  constexpr std::array<uint64_t, 15> rates_1 = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
  constexpr std::array<uint64_t, 15> rates_2 = {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
  constexpr std::array<uint64_t, 3> sample_rates = {44'100, 48'000, 32'000};
  const auto head = file.big(at, 4);
  const auto version = head >> 19 & 3;  // 3: 1, 2: 2, 0: 2.5
  const auto layer = head >> 17 & 3;
  const auto bit_rate = head >> 12 & 15;
  const auto sample_rate = head >> 10 & 3;
  const bool good =
      head >> 21 == 0x7ff && version != 1 && layer == 1 && bit_rate != 0 && bit_rate != 15 && sample_rate != 3;
  if (!good) return std::nullopt;
  const bool mono = (head >> 6 & 3) == 3;
  const bool first = version == 3;
  const uint64_t half = first ? 1 : version == 2 ? 2 : 4;
  const auto kilobits = first ? rates_1[bit_rate] : rates_2[bit_rate];
  std::size_t side = mono ? 17 : 32;
  if (!first) side = mono ? 9 : 17;
  return MpegFrame{.rate = sample_rates[sample_rate] / half,
                   .samples = first ? 1152U : 576U,
                   .bits = kilobits * 1000,
                   .side = 4 + side};
}

int64_t length_of_mp3(const Bytes& file) {
  constexpr std::size_t looked_at = 64 * 1024;
  std::size_t at = 0;
  if (file.has(0, "ID3")) {
    // Four times seven bits.
    const auto size = file.big(6, 4);
    at = 10 + ((size & 0x7f) | (size >> 1 & 0x3f80) | (size >> 2 & 0x1fc000) | (size >> 3 & 0xfe00000));
  }
  for (const auto end = std::min(file.size(), at + looked_at); at + 4 <= end; ++at) {
    const auto frame = frame_at(file, at);
    if (!frame) continue;
    const auto xing = at + frame->side;
    const bool counted = (file.has(xing, "Xing") || file.has(xing, "Info")) && (file.big(xing + 4, 4) & 1) != 0;
    if (counted) return in_ms(file.big(xing + 8, 4) * frame->samples, frame->rate);
    if (file.has(at + 36, "VBRI")) return in_ms(file.big(at + 50, 4) * frame->samples, frame->rate);
    return in_ms((file.size() - at) * 8, frame->bits);
  }
  return 0;
}

// The box `mvhd` inside `moov`, wherever that stands.
int64_t length_of_mp4(const Bytes& file) {
  std::size_t at = 0;
  std::size_t end = file.size();
  for (int steps = 0; at + 8 <= end && steps < 10'000; ++steps) {
    auto size = file.big(at, 4);
    std::size_t head = 8;
    if (size == 1) {
      size = file.big(at + 8, 8);
      head = 16;
    }
    if (size == 0 || size > end - at) size = end - at;
    if (size < head) return 0;
    if (file.has(at + 4, "mvhd")) {
      const bool wide = file.big(at + head, 1) == 1;
      const auto scale = file.big(at + head + (wide ? 20 : 12), 4);
      return in_ms(wide ? file.big(at + head + 24, 8) : file.big(at + head + 16, 4), scale);
    }
    if (file.has(at + 4, "moov")) {
      end = at + static_cast<std::size_t>(size);
      at += head;
    } else {
      at += static_cast<std::size_t>(size);
    }
  }
  return 0;
}

// An id or a length of EBML: its first byte tells how many more there are.
std::optional<uint64_t> ebml_number(const Bytes& file, std::size_t& at, bool keep_mark) {
  const auto first = file.big(at, 1);
  if (first == 0) return std::nullopt;
  const auto width = static_cast<std::size_t>(std::countl_zero(static_cast<uint8_t>(first))) + 1;
  auto value = file.big(at, width);
  if (!keep_mark) value &= ~(1ULL << (7 * width));
  at += width;
  return value;
}

// Segment → Info → TimestampScale and Duration. Browsers that record do not write the second.
int64_t length_of_webm(const Bytes& file) {
  constexpr uint64_t segment = 0x18538067;
  constexpr uint64_t info = 0x1549a966;
  constexpr uint64_t timestamp_scale = 0x2ad7b1;
  constexpr uint64_t duration = 0x4489;
  double scale = 1e6;
  double ticks = 0;
  std::size_t at = 0;
  for (int steps = 0; at < file.size() && steps < 1'000; ++steps) {
    const auto id = ebml_number(file, at, true);
    const auto size = id ? ebml_number(file, at, false) : std::nullopt;
    if (!size) break;
    if (*id == segment || *id == info) continue;
    const auto width = static_cast<std::size_t>(std::min<uint64_t>(*size, file.size() - std::min(at, file.size())));
    if (*id == timestamp_scale && width <= 8) scale = static_cast<double>(file.big(at, width));
    if (*id == duration && width == 8) ticks = std::bit_cast<double>(file.big(at, 8));
    if (*id == duration && width == 4) ticks = std::bit_cast<float>(static_cast<uint32_t>(file.big(at, 4)));
    at += width;
  }
  const auto ms = ticks * scale / 1e6;
  return std::isfinite(ms) && ms > 0 ? std::llround(std::min(ms, static_cast<double>(a_week_ms))) : 0;
}

}  // namespace

int64_t sound_length_ms(std::string_view text) {
  const Bytes file(text);
  int64_t ms = 0;
  if (file.has(0, "RIFF") && file.has(8, "WAVE")) {
    ms = length_of_wav(file);
  } else if (file.has(0, "fLaC")) {
    ms = length_of_flac(file);
  } else if (file.has(0, "OggS")) {
    ms = length_of_ogg(file);
  } else if (file.has(4, "ftyp")) {
    ms = length_of_mp4(file);
  } else if (file.has(0, "\x1a\x45\xdf\xa3")) {
    ms = length_of_webm(file);
  } else {
    ms = length_of_mp3(file);
  }
  return std::clamp<int64_t>(ms, 0, a_week_ms);
}

}  // namespace weir
