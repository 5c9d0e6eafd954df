#include "guards/dates.h"

#include <algorithm>
#include <array>

#include "guards/characters.h"

namespace weir::guards {
namespace {

constexpr std::size_t longest = 40;

struct Part {
  int value = 0;
  std::size_t digits = 0;
};

struct Read {
  std::array<Part, 3> parts{};
  std::size_t count = 0;
  std::size_t end = 0;
  std::size_t words = 0;    // between and before
  std::size_t letters = 0;  // of the longest word
};

bool is_letter_byte(char c) { return is_alpha(c) || (!is_ascii(c) && static_cast<unsigned char>(c) < 0xE3); }

// Numbers, words and what parts them, up to the third number.
Read read(std::string_view text, std::size_t at) {
  Read out;
  const std::size_t stop = std::min(text.size(), at + longest);
  while (at < stop && out.count < out.parts.size()) {
    if (is_digit(text[at])) {
      Part& part = out.parts[out.count++];
      for (; at < stop && is_digit(text[at]) && part.digits < 9; ++at, ++part.digits)
        part.value = part.value * 10 + (text[at] - '0');
      out.end = at;
    } else if (is_letter_byte(text[at])) {
      std::size_t letters = 0;
      for (; at < stop && is_letter_byte(text[at]); ++at) ++letters;
      out.letters = std::max(out.letters, letters);
      if (++out.words > 4) return out;
    } else if (std::string_view(" ./-,'").find(text[at]) != std::string_view::npos || !is_ascii(text[at])) {
      ++at;  // `年` too
    } else {
      return out;
    }
  }
  return out;
}

bool is_year(const Part& part) {
  return (part.digits == 4 && part.value >= 1900 && part.value <= 2039) || part.digits == 2;
}
bool is_day(const Part& part) { return part.digits <= 2 && part.value >= 1 && part.value <= 31; }
bool is_month(const Part& part) { return part.digits <= 2 && part.value >= 1 && part.value <= 12; }

bool is_compact(const Part& part) {
  if (part.digits == 8) {
    const int year = part.value / 10000;
    const int month = part.value / 100 % 100;
    const bool year_first = year >= 1900 && year <= 2039 && month >= 1 && month <= 12 && part.value % 100 <= 31;
    const int last = part.value % 10000;
    return year_first || (last >= 1900 && last <= 2039 && part.value / 1000000 <= 31);
  }
  return false;
}

}  // namespace

std::size_t date_end(std::string_view text, std::size_t at) {
  Read found = read(text, at);
  constexpr std::size_t shortest_month = 3;
  const auto& [first, second, third] = found.parts;
  if (found.count >= 1 && found.words == 0 && is_compact(first)) return at + first.digits;
  if (found.count == 3 && found.words == 0) {
    const bool day_first =
        is_year(third) && ((is_day(first) && is_month(second)) || (is_month(first) && is_day(second)));
    const bool year_first = first.digits == 4 && is_year(first) && is_month(second) && is_day(third);
    return day_first || year_first ? found.end : 0;
  }
  // A third number may be anything: `12 March 1984 at 5`.
  if (found.count < 2 || found.words == 0 || found.letters < shortest_month) return 0;
  const bool four = second.digits == 4 && is_year(second) && is_day(first);
  if (!four) return 0;
  std::size_t end = at;
  std::size_t numbers = 0;
  while (end < text.size() && numbers < 2) {
    if (!is_digit(text[end])) {
      ++end;
      continue;
    }
    while (end < text.size() && is_digit(text[end])) ++end;
    ++numbers;
  }
  return end;
}

}  // namespace weir::guards
