#include "guards/data_context.h"

#include <algorithm>

#include "guards/characters.h"
#include "guards/context.h"

namespace weir::guards {
namespace {

constexpr std::size_t reach = 96;        // bytes on either side
constexpr std::size_t most_tokens = 6;   // on either side
constexpr std::size_t many_numbers = 3;  // beside one that stands alone
constexpr std::size_t longest_token = 40;

constexpr bool parts_tokens(char c) {
  return is_space(c) || std::string_view(",;|[](){}\"'`<>=:").find(c) != std::string_view::npos;
}

// `-0.5`, `1e-7`, `c33.06`, `12px` is none.
bool is_numeric(std::string_view token) {
  std::size_t letters = 0;
  bool digit = false;
  for (const char c : token) {
    if (is_alpha(c)) {
      if (++letters > 1) return false;
      continue;
    }
    letters = 0;
    digit = digit || is_digit(c);
    if (!is_digit(c) && std::string_view(".-+%/").find(c) == std::string_view::npos) return false;
  }
  return digit;
}

bool is_word(std::string_view token) {
  std::size_t letters = 0;
  for (const char c : token) {
    letters = is_alpha(c) || !is_ascii(c) ? letters + 1 : 0;
    if (letters > 1) return true;
  }
  return false;
}

// Digits alike, everything else the same.
bool same_form(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return is_digit(x) ? is_digit(y) : x == y; });
}

struct Neighbours {
  std::size_t numbers = 0;
  bool alike = false;  // one has the form of the number itself
};

// Takes a token; false where the numbers end.
bool take(std::string_view token, std::string_view own, Neighbours& out) {
  if (is_numeric(token)) {
    ++out.numbers;
    out.alike = out.alike || same_form(token, own);
    return true;
  }
  return !is_word(token) && token.size() < longest_token;
}

void look_back(std::string_view text, std::size_t begin, std::string_view own, Neighbours& out) {
  const std::size_t stop = begin - std::min(begin, reach);
  std::size_t at = begin;
  for (std::size_t n = 0; n < most_tokens && at > stop;) {
    const std::size_t end = at;
    while (at > stop && !parts_tokens(text[at - 1]) && !is_mark(text[at - 1])) --at;
    if (at < end && ++n > 0 && !take(text.substr(at, end - at), own, out)) return;
    if (at > stop && is_mark(text[at - 1])) return;
    if (at > stop) --at;
  }
}

void look_ahead(std::string_view text, std::size_t end, std::string_view own, Neighbours& out) {
  const std::size_t stop = std::min(text.size(), end + reach);
  std::size_t at = end;
  for (std::size_t n = 0; n < most_tokens && at < stop;) {
    const std::size_t begin = at;
    while (at < stop && !parts_tokens(text[at]) && !is_mark(text[at])) ++at;
    if (at > begin && ++n > 0 && !take(text.substr(begin, at - begin), own, out)) return;
    if (at < stop && is_mark(text[at])) return;
    ++at;
  }
}

// Groups beside the window that only space parts from it: of a row of numbers.
std::size_t spaced_groups(const Number& number, std::size_t from, std::size_t to) {
  std::size_t count = 0;
  const auto apart = [&](std::size_t i) { return number.groups[i].gap == ' ' || number.groups[i].loose; };
  for (std::size_t i = from; i > 0 && apart(i); --i) ++count;
  for (std::size_t i = to + 1; i < number.count && apart(i); ++i) ++count;
  return count;
}

bool has_space(const Number& number, std::size_t from, std::size_t to) {
  for (std::size_t i = from + 1; i <= to; ++i) {
    if (number.groups[i].gap == ' ') return true;
  }
  return false;
}

}  // namespace

bool among_numbers(std::string_view text, const Number& number, std::size_t from, std::size_t to, std::size_t beside) {
  if (has_space(number, from, to)) return spaced_groups(number, from, to) >= beside;
  std::size_t begin = number.groups[from].begin;
  std::size_t end = number.groups[to].end;
  while (begin > 0 && number.groups[from].begin - begin < longest_token && !parts_tokens(text[begin - 1]) &&
         !is_mark(text[begin - 1])) {
    --begin;
  }
  while (end < text.size() && end - begin < longest_token && !parts_tokens(text[end]) && !is_mark(text[end])) ++end;
  Neighbours found;
  const std::string_view own = text.substr(begin, end - begin);
  look_back(text, begin, own, found);
  look_ahead(text, end, own, found);
  return found.numbers >= many_numbers && !found.alike;
}

namespace {

struct Company {
  std::size_t alike = 0;
  std::size_t valid = 0;
};

// Counts the runs of `size` digits in `text` that are words of their own, until there are `enough`.
void count_alike(std::string_view text, std::size_t size, ValidDigits valid, std::size_t enough, Company& out) {
  for (std::size_t at = 0; at < text.size() && out.alike < enough; ++at) {
    if (!is_digit(text[at])) continue;
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    const bool tied =
        (begin > 0 && (in_word(text[begin - 1]) || text[begin - 1] == '.')) || (at < text.size() && in_word(text[at]));
    if (tied || at - begin != size) continue;
    ++out.alike;
    out.valid += valid(text.substr(begin, size)) ? 1 : 0;
  }
}

}  // namespace

bool is_chance(std::string_view text, std::size_t begin, std::size_t end, ValidDigits valid) {
  constexpr std::size_t way = 512;
  constexpr std::size_t fewest = 3;  // others
  constexpr std::size_t on_one_side = 12;
  Company others;
  const std::size_t from = begin - std::min(begin, way);
  count_alike(text.substr(from, begin - from), end - begin, valid, on_one_side, others);
  count_alike(text.substr(end, way), end - begin, valid, 2 * on_one_side, others);
  return others.alike >= fewest && (others.valid + 1) * 10 <= (others.alike + 1) * 3;
}

bool beside_version(std::string_view text, std::size_t begin, std::size_t end, Beside beside) {
  const auto parts_cells = [beside](char c) {
    return c == ' ' || (beside == Beside::in_cells && std::string_view("|,;\t\"'").find(c) != std::string_view::npos);
  };
  const auto is_version = [](std::string_view token) {
    const bool digits = token.find_first_not_of("0123456789.") == std::string_view::npos;
    return digits && std::count(token.begin(), token.end(), '.') == 2 && token.front() != '.' && token.back() != '.';
  };
  std::size_t at = begin;
  for (std::size_t n = 0; n < most_tokens && at > 0 && begin - at < reach; ++n) {
    while (at > 0 && begin - at < reach && parts_cells(text[at - 1])) --at;
    const std::size_t stop = at;
    while (at > 0 && begin - at < reach && !parts_tokens(text[at - 1]) && !is_mark(text[at - 1])) --at;
    if (at == stop) break;
    if (is_version(text.substr(at, stop - at))) return true;
  }
  at = end;
  for (std::size_t n = 0; n < most_tokens && at < text.size() && at - end < reach; ++n) {
    while (at < text.size() && at - end < reach && parts_cells(text[at])) ++at;
    const std::size_t from = at;
    while (at < text.size() && at - end < reach && !parts_tokens(text[at]) && !is_mark(text[at])) ++at;
    if (at == from) break;
    if (is_version(text.substr(from, at - from))) return true;
  }
  return false;
}

bool is_fraction(std::string_view text, std::size_t begin) {
  if (begin == 0 || text[begin - 1] != '.') return false;
  const bool letter = begin > 1 && is_alpha(text[begin - 2]);
  return !letter || (begin > 2 && !is_alpha(text[begin - 3])) || begin == 2;
}

bool in_slug(std::string_view text, std::size_t begin, std::size_t end) {
  const bool range = (begin > 1 && text.substr(begin - 2, 2) == "..") || text.substr(end, 2) == "..";
  if (range || begin < 2) return range;
  const char before = text[begin - 1];
  const char prior = text[begin - 2];
  if (before == '+') return prior == '+' || prior == '~' || prior == ')';
  return (before == '-' && is_alpha(prior)) || before == '~' || before == '#' || before == '^';
}

bool in_hex_dump(std::string_view text, std::size_t begin, std::size_t end) {
  const auto is_byte = [text](std::size_t at) {
    const bool hex = is_hex(text[at]) && is_hex(text[at + 1]);
    return hex && (is_alpha(text[at]) || is_alpha(text[at + 1]));
  };
  if (end - begin < 5 || text[begin + 2] != ' ') return false;  // no row of bytes itself
  const bool before = begin > 3 && text[begin - 1] == ' ' && text[begin - 4] == ' ' && is_byte(begin - 3);
  const bool after = end + 3 < text.size() && text[end] == ' ' && text[end + 3] == ' ' && is_byte(end + 1);
  return before || after;
}

bool after_state(std::string_view text, std::size_t begin) {
  constexpr std::size_t longest_way = 12;
  std::size_t at = begin;
  while (at > 0 && begin - at < longest_way &&
         (is_space(text[at - 1]) || std::string_view("#*/-;>%").find(text[at - 1]) != std::string_view::npos)) {
    --at;
  }
  return at >= 2 && at < begin && is_upper(text[at - 1]) && is_upper(text[at - 2]) && !glued_before(text, at - 2);
}

}  // namespace weir::guards
