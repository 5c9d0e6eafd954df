#include "core/text_halves.h"

#include "core/json.h"

namespace weir {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
// Marks lie in the last private-use plane: surrogate half H as U+100000 + H, byte B as U+10E000 + B.
constexpr uint32_t surrogate_marks = 0x100000;
constexpr uint32_t byte_marks = 0x10e000;

void append_code_point(std::string& out, uint32_t point) {
  out += static_cast<char>(0xf0 | (point >> 18));
  out += static_cast<char>(0x80 | ((point >> 12) & 0x3f));
  out += static_cast<char>(0x80 | ((point >> 6) & 0x3f));
  out += static_cast<char>(0x80 | (point & 0x3f));
}

// The code point of a four-byte sequence at the begin of `text`; 0 when there is none.
uint32_t wide_code_point(std::string_view text) {
  if (text.size() < 4 || static_cast<unsigned char>(text[0]) < 0xf0) return 0;
  uint32_t point = static_cast<unsigned char>(text[0]) & 0x07;
  for (std::size_t i = 1; i < 4; ++i) point = (point << 6) | (static_cast<unsigned char>(text[i]) & 0x3f);
  return point;
}

// Bytes of the sequence that begins with `lead`; 0 when none does.
std::size_t sequence_length(unsigned char lead) {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

}  // namespace

void append_half_mark(std::string& out, uint32_t surrogate) { append_code_point(out, surrogate_marks + surrogate); }
void append_byte_mark(std::string& out, unsigned char byte) { append_code_point(out, byte_marks + byte); }

void HalfJoiner::give_up(std::string& out) {
  if (open()) out += replacement;
  high_ = 0;
  bytes_.clear();
}

void HalfJoiner::add_surrogate(std::string& out, uint32_t surrogate) {
  const bool low = surrogate >= 0xdc00;
  if (low && high_ != 0) {
    append_code_point(out, 0x10000 + ((high_ - 0xd800) << 10) + (surrogate - 0xdc00));
    high_ = 0;
    return;
  }
  give_up(out);
  if (low) {
    out += replacement;
  } else {
    high_ = surrogate;
  }
}

void HalfJoiner::add_byte(std::string& out, char byte) {
  if (high_ != 0) give_up(out);
  const bool goes_on = !bytes_.empty() && (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
  if (!goes_on) give_up(out);
  bytes_ += byte;
  const auto wanted = sequence_length(static_cast<unsigned char>(bytes_[0]));
  if (wanted == 0) return give_up(out);
  if (bytes_.size() < wanted) return;
  if (json::utf8_sequence_length(bytes_) != wanted) return give_up(out);
  out += bytes_;
  bytes_.clear();
}

std::string HalfJoiner::add(std::string_view piece) {
  std::string out;
  out.reserve(piece.size());
  while (!piece.empty()) {
    const auto point = wide_code_point(piece);
    const bool surrogate = point >= surrogate_marks + 0xd800 && point <= surrogate_marks + 0xdfff;
    const bool byte = point >= byte_marks + 0x80 && point <= byte_marks + 0xff;
    if (surrogate) {
      add_surrogate(out, point - surrogate_marks);
    } else if (byte) {
      add_byte(out, static_cast<char>(point - byte_marks));
    } else {
      give_up(out);
      out += piece[0];
    }
    piece.remove_prefix(surrogate || byte ? 4 : 1);
  }
  return out;
}

std::string HalfJoiner::end() {
  std::string out;
  give_up(out);
  return out;
}

std::string without_half_marks(std::string_view text) {
  HalfJoiner joiner;
  auto out = joiner.add(text);
  return out + joiner.end();
}

}  // namespace weir
