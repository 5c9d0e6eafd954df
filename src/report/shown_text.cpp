#include "report/shown_text.h"

#include <algorithm>
#include <array>

#include "core/json.h"

namespace weir::report {
namespace {

struct Run {
  char32_t first;
  char32_t last;
};

template <std::size_t Size>
bool in(const std::array<Run, Size>& runs, char32_t point) {
  const auto* const after = std::upper_bound(runs.begin(), runs.end(), point,
                                             [](char32_t value, const Run& run) { return value < run.first; });
  return after != runs.begin() && point <= (after - 1)->last;
}

// Taken from EastAsianWidth.txt 15.0 (W, F), neighbours joined across unassigned points.
constexpr std::array wide = {
    Run{0x1100, 0x115F},   Run{0x231A, 0x231B},   Run{0x2329, 0x232A},   Run{0x23E9, 0x23EC},   Run{0x23F0, 0x23F0},
    Run{0x23F3, 0x23F3},   Run{0x25FD, 0x25FE},   Run{0x2614, 0x2615},   Run{0x2648, 0x2653},   Run{0x267F, 0x267F},
    Run{0x2693, 0x2693},   Run{0x26A1, 0x26A1},   Run{0x26AA, 0x26AB},   Run{0x26BD, 0x26BE},   Run{0x26C4, 0x26C5},
    Run{0x26CE, 0x26CE},   Run{0x26D4, 0x26D4},   Run{0x26EA, 0x26EA},   Run{0x26F2, 0x26F3},   Run{0x26F5, 0x26F5},
    Run{0x26FA, 0x26FA},   Run{0x26FD, 0x26FD},   Run{0x2705, 0x2705},   Run{0x270A, 0x270B},   Run{0x2728, 0x2728},
    Run{0x274C, 0x274C},   Run{0x274E, 0x274E},   Run{0x2753, 0x2755},   Run{0x2757, 0x2757},   Run{0x2795, 0x2797},
    Run{0x27B0, 0x27B0},   Run{0x27BF, 0x27BF},   Run{0x2B1B, 0x2B1C},   Run{0x2B50, 0x2B50},   Run{0x2B55, 0x2B55},
    Run{0x2E80, 0x303E},   Run{0x3041, 0x3247},   Run{0x3250, 0x4DBF},   Run{0x4E00, 0xA4CF},   Run{0xA960, 0xA97C},
    Run{0xAC00, 0xD7A3},   Run{0xF900, 0xFAFF},   Run{0xFE10, 0xFE19},   Run{0xFE30, 0xFE6B},   Run{0xFF01, 0xFF60},
    Run{0xFFE0, 0xFFE6},   Run{0x16FE0, 0x18CD5}, Run{0x18D00, 0x18D08}, Run{0x1AFF0, 0x1B2FB}, Run{0x1F004, 0x1F004},
    Run{0x1F0CF, 0x1F0CF}, Run{0x1F18E, 0x1F18E}, Run{0x1F191, 0x1F19A}, Run{0x1F200, 0x1F320}, Run{0x1F32D, 0x1F335},
    Run{0x1F337, 0x1F37C}, Run{0x1F37E, 0x1F393}, Run{0x1F3A0, 0x1F3CA}, Run{0x1F3CF, 0x1F3D3}, Run{0x1F3E0, 0x1F3F0},
    Run{0x1F3F4, 0x1F3F4}, Run{0x1F3F8, 0x1F43E}, Run{0x1F440, 0x1F440}, Run{0x1F442, 0x1F4FC}, Run{0x1F4FF, 0x1F53D},
    Run{0x1F54B, 0x1F54E}, Run{0x1F550, 0x1F567}, Run{0x1F57A, 0x1F57A}, Run{0x1F595, 0x1F596}, Run{0x1F5A4, 0x1F5A4},
    Run{0x1F5FB, 0x1F64F}, Run{0x1F680, 0x1F6C5}, Run{0x1F6CC, 0x1F6CC}, Run{0x1F6D0, 0x1F6D2}, Run{0x1F6D5, 0x1F6DF},
    Run{0x1F6EB, 0x1F6EC}, Run{0x1F6F4, 0x1F6FC}, Run{0x1F7E0, 0x1F7EB}, Run{0x1F7F0, 0x1F7F0}, Run{0x1F90C, 0x1F93A},
    Run{0x1F93C, 0x1F945}, Run{0x1F947, 0x1F9FF}, Run{0x1FA70, 0x1FAF8}, Run{0x20000, 0x3FFFD}};

// The marks (Mn, Me) and format characters (Cf) that are met in practice.
constexpr std::array none = {
    Run{0x0300, 0x036F}, Run{0x0483, 0x0489}, Run{0x0591, 0x05BD}, Run{0x05BF, 0x05BF},   Run{0x05C1, 0x05C2},
    Run{0x05C4, 0x05C5}, Run{0x0610, 0x061A}, Run{0x064B, 0x065F}, Run{0x0670, 0x0670},   Run{0x06D6, 0x06DC},
    Run{0x06DF, 0x06E4}, Run{0x06E7, 0x06E8}, Run{0x06EA, 0x06ED}, Run{0x0900, 0x0902},   Run{0x093A, 0x093A},
    Run{0x093C, 0x093C}, Run{0x0941, 0x0948}, Run{0x094D, 0x094D}, Run{0x0951, 0x0957},   Run{0x0E31, 0x0E31},
    Run{0x0E34, 0x0E3A}, Run{0x0E47, 0x0E4E}, Run{0x1160, 0x11FF}, Run{0x1AB0, 0x1ACE},   Run{0x1DC0, 0x1DFF},
    Run{0x200B, 0x200D}, Run{0x2060, 0x2064}, Run{0x20D0, 0x20F0}, Run{0x302A, 0x302D},   Run{0x3099, 0x309A},
    Run{0xFE00, 0xFE0F}, Run{0xFE20, 0xFE2F}, Run{0xFEFF, 0xFEFF}, Run{0x1F3FB, 0x1F3FF}, Run{0xE0100, 0xE01EF}};

std::size_t columns_of(char32_t point) {
  if (point < 0x300) return 1;
  if (in(none, point)) return 0;
  return in(wide, point) ? 2 : 1;
}

bool is_blank(char32_t point) {
  return point == ' ' || point == '\t' || point == '\n' || point == '\v' || point == '\f' || point == '\r' ||
         point == 0x85 || point == 0x2028 || point == 0x2029;
}

bool steers(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || (point >= 0x202A && point <= 0x202E) ||
         (point >= 0x2066 && point <= 0x2069) || point == 0x200E || point == 0x200F || point == 0x061C ||
         (point >= 0xE0000 && point <= 0xE007F);
}

// Cuts the longest piece of at most `width` columns from the front of `word`; at least one code point.
std::string_view cut(std::string_view& word, std::size_t width) {
  std::size_t end = 0;
  std::size_t used = 0;
  while (end < word.size()) {
    const CodePoint point = first_code_point(word.substr(end));
    const std::size_t columns = columns_of(point.value);
    if (end > 0 && used + columns > width) break;
    used += columns;
    end += point.bytes;
  }
  const std::string_view piece = word.substr(0, end);
  word.remove_prefix(end);
  return piece;
}

std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  char32_t value = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes && i < text.size(); ++i) {
    value = (value << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  return {value, std::min(bytes, text.size())};
}

std::string shown(std::string_view text) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = json::utf8_sequence_length(text);
    if (length == 0) {
      out += replacement;
      text.remove_prefix(1);
      continue;
    }
    const char32_t point = first_code_point(text).value;
    if (is_blank(point)) {
      out += ' ';
    } else if (steers(point)) {
      out += replacement;
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    width += columns_of(point.value);
    text.remove_prefix(point.bytes);
  }
  return width;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  width = std::max<std::size_t>(width, 2);
  std::vector<std::string> lines(1);
  std::size_t used = 0;
  for (std::string_view word = next_word(text); !word.empty(); word = next_word(text)) {
    const std::size_t columns = display_width(word);
    if (used > 0 && used + 1 + columns > width) {
      lines.emplace_back();
      used = 0;
    }
    if (used > 0) {
      lines.back() += ' ';
      ++used;
    }
    while (used == 0 && display_width(word) > width) {
      lines.back() = cut(word, width);
      lines.emplace_back();
    }
    lines.back() += word;
    used += display_width(word);
  }
  if (lines.size() > 1 && lines.back().empty()) lines.pop_back();
  return lines;
}

std::size_t longest_word(std::string_view text) {
  std::size_t longest = 0;
  for (std::string_view word = next_word(text); !word.empty(); word = next_word(text)) {
    longest = std::max(longest, display_width(word));
  }
  return longest;
}

}  // namespace weir::report
