#include "guards/encoded.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/json.h"
#include "guards/characters.h"

namespace weir::guards {
namespace {

constexpr uint8_t none = 0xff;
constexpr std::size_t shortest_full_line = 32;
constexpr std::size_t longest_margin = 16;

constexpr std::array<uint8_t, 256> values = [] {
  std::array<uint8_t, 256> table{};
  table.fill(none);
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<uint8_t>(i);
  }
  table['-'] = 62;
  table['_'] = 63;
  return table;
}();

uint8_t value_of(char c) { return values[static_cast<unsigned char>(c)]; }

// Bytes of the line break at `at`, margins and quote marks of the next line included; 0: there is none.
std::size_t break_at(std::string_view text, std::size_t at, Breaks breaks) {
  std::size_t end = at;
  const auto skip = [&](std::string_view what) {
    const bool there = text.substr(end, what.size()) == what;
    if (there) end += what.size();
    return there;
  };
  bool broken = false;
  for (int i = 0; i < 2; ++i) broken = skip("\r") || skip("\n") || skip("\\r") || skip("\\n") || broken;
  if (!broken && breaks == Breaks::lines_and_blanks) broken = skip(" ");
  if (!broken) return 0;
  const std::size_t margin = end;
  while (end < text.size() && end - margin < longest_margin &&
         std::string_view(" \t>#*|").find(text[end]) != std::string_view::npos) {
    ++end;
  }
  return end - at;
}

bool is_text_byte(char c) { return c >= ' ' ? c != '\x7f' : c == '\n' || c == '\r' || c == '\t'; }

// The first bytes of a text: all that there is of them is UTF-8, or every other one is a zero.
bool begins_as_text(std::string_view bytes) {
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) return true;
  const auto wide = [&](std::size_t zeros) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (i % 2 == zeros ? bytes[i] != '\0' : !is_text_byte(bytes[i])) return false;
    }
    return true;
  };
  if (bytes.size() >= 4 && (wide(0) || wide(1))) return true;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto rest = bytes.substr(at);
    if (is_ascii(rest.front())) {
      if (!is_text_byte(rest.front())) return false;
      ++at;
      continue;
    }
    const auto size = json::utf8_sequence_length(rest);
    if (size == 0) return rest.size() < 4 && at > 0;  // cut off within a character
    at += size;
  }
  return !bytes.empty();
}

// The first byte alone rules out most names and words.
bool may_begin_text(std::string_view letters) {
  if (letters.size() < 2) return false;
  const auto byte = static_cast<unsigned char>((value_of(letters[0]) << 2U) | (value_of(letters[1]) >> 4U));
  return byte < 0x80 ? byte == 0 || is_text_byte(static_cast<char>(byte)) : byte >= 0xC2;
}

}  // namespace

bool is_base64(char c) { return value_of(c) != none; }

RunSearch find_run(std::string_view text, std::size_t from, std::size_t until, std::size_t least) {
  std::size_t probe = from + least - 1;
  while (probe < text.size() && probe < until + least) {
    if (!is_base64(text[probe])) {
      probe += least;
      continue;
    }
    std::size_t begin = probe;
    while (begin > from && is_base64(text[begin - 1])) --begin;
    std::size_t end = probe + 1;
    while (end < text.size() && end - begin < least && is_base64(text[end])) ++end;
    if (end - begin >= least) return {.begin = begin, .next = end};
    probe = end + least;
  }
  return {.next = std::min(probe - (least - 1), text.size())};
}

bool follow(std::string_view text, Run& run, std::size_t bytes, Breaks breaks) {
  const std::size_t stop = run.end + std::min(bytes, text.size() - run.end);
  for (;;) {
    const std::size_t before = run.end;
    while (run.end < stop && is_base64(text[run.end])) ++run.end;
    run.letters += run.end - before;
    if (run.end < text.size() && is_base64(text[run.end])) return false;  // there is more, but not now
    const std::size_t length = run.end - run.line;
    if (run.width == 0) run.width = length;
    if (length < shortest_full_line || length != run.width) break;
    const std::size_t next = run.end + break_at(text, run.end, breaks);
    if (next == run.end || next >= text.size() || !is_base64(text[next])) break;
    run.end = run.line = next;
    run.broken = true;
    if (run.end >= stop) return false;
  }
  for (int i = 0; i < 2 && run.end < text.size() && text[run.end] == '='; ++i) ++run.end;
  return true;
}

void Base64Decoder::feed(std::string_view piece, std::string& out) {
  for (const char c : piece) {
    if (std::exchange(escaped_, false)) continue;  // the letter of `\n`
    const auto value = value_of(c);
    if (value == none) {
      escaped_ = c == '\\';
      continue;
    }
    group_ = group_ << 6U | value;
    bits_ += 6;
    if (bits_ < 8) continue;
    bits_ -= 8;
    out += static_cast<char>((group_ >> bits_) & 0xffU);
  }
}

void append_hex(std::string_view digits, std::string& out) {
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    out += static_cast<char>(hex_value(digits[i]) * 16 + hex_value(digits[i + 1]));
  }
}

bool is_hex_only(std::string_view letters) {
  return std::all_of(letters.begin(), letters.end(), [](char c) { return is_hex(c); });
}

Code text_code(std::string_view letters) {
  constexpr std::size_t looked_at = 16;
  const auto first = letters.substr(0, looked_at);
  if (!may_begin_text(letters) && !is_hex(letters.front())) return Code::none;
  std::string bytes;
  Base64Decoder().feed(first, bytes);
  if (begins_as_text(bytes)) return Code::base64;
  if (letters.size() < shortest_run || letters.size() % 2 != 0 || !is_hex_only(first)) return Code::none;
  bytes.clear();
  append_hex(first, bytes);
  return begins_as_text(bytes) ? Code::hex : Code::none;
}

std::size_t count_no_text(std::string_view text) {
  std::size_t at = 0;
  return count_no_text(text, at, text.size());
}

std::size_t count_no_text(std::string_view text, std::size_t& at, std::size_t until) {
  std::size_t bad = 0;
  while (at < until) {
    if (is_ascii(text[at])) {
      bad += is_text_byte(text[at]) ? 0 : 1;
      ++at;
      continue;
    }
    const auto size = json::utf8_sequence_length(text.substr(at, 4));
    bad += size == 0 ? 1 : 0;
    at += std::max<std::size_t>(size, 1);
  }
  return bad;
}

void drop_wide_zeros(std::string& text) {
  const auto zeros = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\0'));
  if (zeros * 5 < text.size() * 2) return;
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) text.erase(0, 2);
  std::erase(text, '\0');
}

bool looks_packed_hex(std::string_view letters) {
  constexpr std::size_t fewest_kinds = 10;
  std::array<bool, 16> seen{};
  for (const char c : letters) {
    if (!is_hex(c)) return false;
    seen[static_cast<std::size_t>(hex_value(c))] = true;
  }
  return static_cast<std::size_t>(std::count(seen.begin(), seen.end(), true)) >= fewest_kinds;
}

bool looks_packed(std::string_view letters) {
  constexpr std::size_t window = 256;
  constexpr std::size_t fewest_kinds = 24;
  const auto some = letters.substr(0, window);
  std::array<bool, 256> seen{};
  std::size_t kinds = 0;
  std::size_t upper = 0;
  std::size_t lower = 0;
  std::size_t digits = 0;
  std::size_t marks = 0;
  for (const char c : some) {
    kinds += std::exchange(seen[static_cast<unsigned char>(c)], true) ? 0 : 1;
    upper += c >= 'A' && c <= 'Z' ? 1 : 0;
    lower += c >= 'a' && c <= 'z' ? 1 : 0;
    digits += is_digit(c) ? 1 : 0;
    marks += value_of(c) >= 62 ? 1 : 0;
  }
  // Of even letters 41 % are capitals, 41 % small, 16 % digits, 3 % marks.
  const auto at_least = [&](std::size_t count, std::size_t percent) { return count * 100 >= some.size() * percent; };
  return kinds >= fewest_kinds && at_least(upper, 12) && at_least(lower, 12) && at_least(digits, 3) &&
         !at_least(marks, 13);
}

}  // namespace weir::guards
