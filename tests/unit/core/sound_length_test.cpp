// How long sound files play: files made here byte by byte, as their formats' descriptions say.
#include "core/sound_length.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace weir {
namespace {

std::string little(uint64_t value, int width) {
  std::string out;
  for (int i = 0; i < width; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}
std::string big(uint64_t value, int width) {
  auto out = little(value, width);
  std::reverse(out.begin(), out.end());
  return out;
}

std::string wav(uint32_t said, std::size_t there, std::string before = {}) {
  const auto format = "fmt " + little(16, 4) + little(1, 2) + little(1, 2) + little(16'000, 4) + little(32'000, 4) +
                      little(2, 2) + little(16, 2);
  return "RIFF" + little(0, 4) + "WAVE" + before + format + "data" + little(said, 4) + std::string(there, '\0');
}
std::string flac(uint64_t samples) {
  return "fLaC" + big(0x80000022, 4) + std::string(10, '\0') + big((uint64_t{44'100} << 44) | samples, 8) +
         std::string(16, '\0');
}
std::string page(uint64_t position, const std::string& content) {
  return std::string("OggS") + std::string(2, '\0') + little(position, 8) + std::string(12, '\0') + "\x01" +
         little(content.size(), 1) + content;
}
std::string opus(uint64_t samples) {
  return page(0, "OpusHead" + little(1, 1) + little(1, 1) + little(312, 2) + little(16'000, 4) + std::string(3, '\0')) +
         page(samples, "x");
}
std::string vorbis(uint64_t samples) {
  return page(0, std::string("\x01vorbis") + little(0, 4) + little(1, 1) + little(22'050, 4) + std::string(14, '\0')) +
         page(samples, "x");
}
// MPEG 1, layer 3, 128 kbit/s, 44.1 kHz, stereo.
const std::string mp3_head = big(0xfffb9000, 4);
std::string mp3(std::size_t bytes) { return mp3_head + std::string(bytes - 4, '\0'); }
std::string mp3_with_count(uint32_t frames) {
  return "ID3" + little(3, 3) + big(0x0102, 4) + std::string(130, '\0') + mp3_head + std::string(32, '\0') + "Xing" +
         big(1, 4) + big(frames, 4) + std::string(100, '\0');
}
std::string box(const std::string& name, const std::string& content) {
  return big(content.size() + 8, 4) + name + content;
}
std::string mp4(uint32_t length, bool wide) {
  const auto head = wide ? big(1, 1) + std::string(3, '\0') + std::string(16, '\0') + big(1000, 4) + big(length, 8)
                         : std::string(12, '\0') + big(1000, 4) + big(length, 4);
  return box("ftyp", "M4A ") + box("mdat", std::string(50, 'x')) + box("moov", box("free", "") + box("mvhd", head));
}
std::string webm(double ms) {
  uint64_t bits = 0;
  std::memcpy(&bits, &ms, 8);
  const auto duration = big(0x4489, 2) + "\x88" + big(bits, 8);
  const auto scale = big(0x2ad7b1, 3) + "\x83" + big(1'000'000, 3);
  const auto info = scale + duration;
  return big(0x1a45dfa3, 4) + "\x84webm" + big(0x18538067, 4) + "\x01\xff\xff\xff\xff\xff\xff\xff" +
         big(0x1549a966, 4) + big(0x80 | info.size(), 1) + info;
}

TEST(sound_length, is_told_by_the_head_of_every_usual_format) {
  struct Case {
    std::string_view what;
    std::string file;
    int64_t ms;
  };
  const Case cases[] = {
      {"wav", wav(32'000, 32'000), 1'000},
      {"wav with a chunk of an odd length before", wav(16'000, 16'000, "LIST" + little(3, 4) + std::string("abc\0", 4)),
       500},
      {"wav that was still being written", wav(0xffffffff, 48'000), 1'500},
      {"wav that was still being written, with 0", wav(0, 64'000), 2'000},
      {"flac", flac(44'100 * 3), 3'000},
      {"opus", opus(48'000 * 2 + 312), 2'000},
      {"vorbis", vorbis(22'050 * 4), 4'000},
      {"mp3 at a constant rate", mp3(16'000), 1'000},
      {"mp3 that counts its frames", mp3_with_count(100), 2'612},
      {"mp4", mp4(5'000, false), 5'000},
      {"mp4 with wide numbers", mp4(7'000, true), 7'000},
      {"webm", webm(1'234), 1'234},
  };
  for (const auto& one : cases) EXPECT_EQ(sound_length_ms(one.file), one.ms) << one.what;
}

TEST(sound_length, is_nothing_where_nothing_says_it) {
  for (const auto& file : {std::string(), std::string("hello"), std::string(3, '\xff'), std::string("RIFF1234WAVE"),
                           std::string("fLaC"), std::string("OggS"), box("ftyp", "M4A "),
                           std::string("\x1a\x45\xdf\xa3"), page(0xffffffffffffffff, "OpusHead12345678")}) {
    EXPECT_EQ(sound_length_ms(file), 0) << file;
  }
}

TEST(sound_length, of_files_that_are_cut_or_lie_is_some_number_up_to_a_week) {
  const std::vector<std::string> files = {wav(32'000, 3'200), flac(44'100),        opus(48'000),     vorbis(22'050),
                                          mp3(2'000),         mp3_with_count(100), mp4(5'000, true), webm(1e300)};
  std::mt19937 random(7);
  for (const auto& file : files) {
    for (std::size_t end = 0; end < std::min<std::size_t>(file.size(), 400); ++end) {
      EXPECT_GE(sound_length_ms(std::string_view(file).substr(0, end)), 0);
    }
    for (int round = 0; round < 3'000; ++round) {
      auto wrong = file;
      for (int i = 0; i < 4; ++i)
        wrong[random() % std::min<std::size_t>(wrong.size(), 160)] = static_cast<char>(random());
      const auto ms = sound_length_ms(wrong);
      EXPECT_GE(ms, 0);
      EXPECT_LE(ms, 7LL * 24 * 3600 * 1000);
    }
  }
}

}  // namespace
}  // namespace weir
