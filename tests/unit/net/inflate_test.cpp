#include "net/inflate.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace weir::net {
namespace {

enum class Format : int { gzip = 15 + 16, zlib = 15, raw = -15 };

std::string pack(std::string_view text, Format format) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, static_cast<int>(format), 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

struct Outcome {
  std::string text;
  std::optional<ErrorCode> error;
  std::size_t steps = 0;
};

Outcome unpack(std::string_view packed, std::size_t step, std::size_t limit) {
  Outcome outcome;
  Inflate inflate(packed);
  for (;;) {
    const auto done = inflate.advance(step, outcome.text, limit);
    ++outcome.steps;
    if (!done) outcome.error = done.error().code;
    if (!done || *done) return outcome;
    EXPECT_LT(outcome.steps, 10'000'000U);
  }
}

std::string some_text(std::size_t size) {
  std::string text;
  for (unsigned i = 0; text.size() < size; ++i) text += std::to_string(i * 2654435761U);
  text.resize(size);
  return text;
}

TEST(Inflate, gives_back_what_was_packed_whatever_the_step) {
  for (const std::size_t size : {0U, 1U, 100U, 70'000U}) {
    const auto text = some_text(size);
    for (const auto format : {Format::gzip, Format::zlib}) {
      const auto packed = pack(text, format);
      for (const std::size_t step : {1U, 7U, 4096U, 1'000'000U}) {
        const auto outcome = unpack(packed, step, 1'000'000);
        EXPECT_FALSE(outcome.error) << size << " in steps of " << step;
        EXPECT_EQ(outcome.text, text) << size << " in steps of " << step;
      }
    }
  }
}

TEST(Inflate, members_one_behind_the_other_are_one_text) {
  const auto packed = pack("first ", Format::gzip) + pack("", Format::gzip) + pack("second", Format::gzip);
  EXPECT_EQ(unpack(packed, 4, 100).text, "first second");
}

TEST(Inflate, a_small_body_that_unpacks_to_a_large_one_ends_at_the_limit) {
  const auto packed = pack(std::string(50'000'000, 'a'), Format::gzip);
  ASSERT_LT(packed.size(), 100'000U);
  const auto outcome = unpack(packed, 65'536, 1'000'000);
  EXPECT_EQ(outcome.error, ErrorCode::body_too_large);
  EXPECT_LE(outcome.text.size(), 1'000'001U);
  EXPECT_FALSE(unpack(pack(std::string(1'000, 'a'), Format::gzip), 65'536, 1'000).error);
  EXPECT_EQ(unpack(pack(std::string(1'001, 'a'), Format::gzip), 65'536, 1'000).error, ErrorCode::body_too_large);
}

TEST(Inflate, one_step_gives_no_more_than_was_asked) {
  std::string out;
  const auto packed = pack(std::string(1'000'000, 'a'), Format::gzip);
  Inflate inflate(packed);
  ASSERT_TRUE(inflate.advance(1'000, out, 2'000'000));
  EXPECT_EQ(out.size(), 1'000U);
}

TEST(Inflate, what_is_cut_off_or_damaged_is_refused) {
  const auto whole = pack(some_text(5'000), Format::gzip);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(unpack(whole.substr(0, size), 512, 100'000).error, ErrorCode::invalid_request) << size;
  }
  auto damaged = whole;
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);  // in the check sum
  EXPECT_EQ(unpack(damaged, 512, 100'000).error, ErrorCode::invalid_request);
  EXPECT_EQ(unpack(whole + "more", 512, 100'000).error, ErrorCode::invalid_request);
  EXPECT_EQ(unpack(pack("raw", Format::raw), 512, 100'000).error, ErrorCode::invalid_request);
  EXPECT_EQ(unpack(R"({"model":"m"})", 512, 100'000).error, ErrorCode::invalid_request);
}

// The same, given in pieces; `whole` when it ended where a member does.
struct InPieces {
  Outcome outcome;
  bool whole = false;
};
InPieces unpack_pieces(std::string_view packed, std::size_t piece, std::size_t step, std::size_t limit) {
  InPieces result;
  Inflate inflate;
  while (!packed.empty()) {
    inflate.feed(packed.substr(0, piece));
    packed.remove_prefix(std::min(piece, packed.size()));
    while (!inflate.hungry()) {
      const auto done = inflate.advance(step, result.outcome.text, limit);
      if (!done) {
        result.outcome.error = done.error().code;
        return result;
      }
      EXPECT_FALSE(*done);
    }
  }
  result.whole = inflate.whole();
  return result;
}

TEST(InflateInPieces, gives_back_what_was_packed_whatever_the_pieces) {
  for (const std::size_t size : {0U, 1U, 4096U, 70'000U}) {
    const auto text = some_text(size);
    for (const auto format : {Format::gzip, Format::zlib}) {
      const auto packed = pack(text, format) + (format == Format::gzip ? pack("!", format) : "");
      for (const std::size_t piece : {1U, 13U, 4096U, 1'000'000U}) {
        for (const std::size_t step : {1U, 4096U, 1'000'000U}) {
          const auto result = unpack_pieces(packed, piece, step, 1'000'000);
          EXPECT_FALSE(result.outcome.error);
          EXPECT_TRUE(result.whole);
          EXPECT_EQ(result.outcome.text, text + (format == Format::gzip ? "!" : "")) << piece << " by " << step;
        }
      }
    }
  }
}

TEST(InflateInPieces, what_ends_too_early_is_not_whole) {
  const auto packed = pack(some_text(5'000), Format::gzip);
  for (std::size_t size = 1; size < packed.size(); ++size) {
    const auto result = unpack_pieces(packed.substr(0, size), 100, 512, 100'000);
    EXPECT_FALSE(result.outcome.error) << size;
    EXPECT_FALSE(result.whole) << size;
  }
  EXPECT_TRUE(Inflate().whole()) << "no body at all";
  EXPECT_EQ(unpack_pieces(packed + "more", 100, 512, 100'000).outcome.error, ErrorCode::invalid_request);
}

}  // namespace
}  // namespace weir::net
