#include "guards/number.h"

#include <algorithm>
#include <cstring>

#include "guards/characters.h"

namespace weir::guards {
namespace {

// As digit_at, at once for the digits that nearly all numbers have.
Digit next_digit(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  if (is_ascii(text[at])) return is_digit(text[at]) ? Digit{.value = text[at] - '0', .size = 1} : Digit{};
  return digit_at(text, at);
}

std::size_t after_ignorable(std::string_view text, std::size_t at) {
  for (int i = 0; i < 4 && at < text.size() && !is_ascii(text[at]); ++i) {
    const Character next = character_at(text, at);
    if (!is_ignorable(next.value)) break;
    at += next.size;
  }
  return at;
}

struct Gap {
  char kind = 0;        // 0: no gap that a number may have
  std::size_t end = 0;  // of the gap
  bool loose = false;
};

// See Number::Group::loose.
bool is_loose(std::string_view gap) {
  if (gap.size() < 2) return gap == "\t";
  const bool sign = gap.ends_with(" -") || gap.ends_with(" +");
  return sign || gap.find("  ") != std::string_view::npos || gap.find('\t') != std::string_view::npos;
}

bool may_stand_in_gap(char c) {
  return !is_ascii(c) || c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' || c == '/' ||
         (c >= '\t' && c <= '\r');
}

// The gap that most numbers have: one character.
bool is_short_gap(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size() || !is_digit(text[at + 1])) return false;
  const char c = text[at];
  return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')';
}

// Up to four characters between two groups, with one kind of punctuation apart from parentheses.
Gap read_gap(std::string_view text, std::size_t at) {
  char kind = 0;
  const std::size_t begin = at;
  const auto gap = [&] { return Gap{.kind = kind, .end = at, .loose = is_loose(text.substr(begin, at - begin))}; };
  if (at >= text.size() || !may_stand_in_gap(text[at])) return {};
  for (int i = 0; i < 4; ++i) {
    at = after_ignorable(text, at);
    if (next_digit(text, at).value >= 0) return gap();
    const Character next = character_at(text, at);
    char here = 0;
    if (next.value == '(' || next.value == ')' || next.value == '.' || next.value == '/') {
      here = static_cast<char>(next.value);
    } else if (is_any_dash(next.value)) {
      here = '-';
    } else if (is_any_space(next.value) && next.value != '\n' && next.value != '\r') {
      here = ' ';
    }
    if (here == 0) return {};
    const bool parenthesis = kind == '(' || kind == ')';
    if (kind == 0 || kind == ' ') {
      kind = here;
    } else if (here != ' ' && !parenthesis) {
      return {};
    }
    at += next.size;
  }
  at = after_ignorable(text, at);
  return digit_at(text, at).value >= 0 ? gap() : Gap{};
}

// Reads the digits at group.begin; `end` is past the run where it is too long, or before what had no room.
enum class Run : uint8_t { read, too_long, no_room };

Run read_group(std::string_view text, Number& out, Number::Group& group) {
  std::size_t at = group.begin;
  std::size_t used = group.first;
  const std::size_t most = std::min(used + Number::max_group, Number::max_digits);
  while (true) {
    while (at < text.size() && is_digit(text[at]) && used < most) out.digits[used++] = text[at++];
    group.count = static_cast<uint16_t>(used - group.first);
    if (used > group.first) group.end = at;
    if (at == text.size() || (is_ascii(text[at]) && !is_digit(text[at]))) return Run::read;
    const Digit digit = next_digit(text, at);
    if (digit.value < 0) {
      const std::size_t skipped = after_ignorable(text, at);
      if (next_digit(text, skipped).value < 0) return Run::read;
      at = skipped;
      continue;
    }
    if (group.count == Number::max_group) {
      while (at < text.size() && digit_at(text, at).value >= 0) at += digit_at(text, at).size;
      group.end = at;
      return Run::too_long;
    }
    if (used == Number::max_digits) return Run::no_room;
    out.digits[used++] = static_cast<char>('0' + digit.value);
    at += digit.size;
  }
}

bool is_currency_before(std::string_view text, std::size_t at) {
  if (at > 0 && text[at - 1] == ' ') --at;
  const char32_t value = character_before(text, at).value;
  return value == '$' || value == 0x20AC || value == 0xA3 || value == 0xA5 || value == 0x20B9;
}

// Letters mixed with digits, as a part of a UUID or an order number has: `…a716-` before, `-a1b2…` after.
bool is_code(std::string_view run) {
  bool letter = false;
  bool digit = false;
  for (const char c : run) {
    letter = letter || is_alpha(c);
    digit = digit || is_digit(c);
  }
  return letter && digit;
}

bool ends_in_code(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0 && text.size() - begin < 16 && is_alnum(text[begin - 1])) --begin;
  return is_code(text.substr(begin));
}

bool starts_in_code(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && end < 16 && is_alnum(text[end])) ++end;
  return is_code(text.substr(0, end));
}

}  // namespace

void read_run(std::string_view text, std::size_t begin, std::size_t end, Number& out) {
  const std::size_t count = end - begin;
  std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(begin), count, out.digits.begin());
  out.groups[0] = {.begin = begin,
                   .end = end,
                   .first = 0,
                   .count = static_cast<uint16_t>(count),
                   .gap = 0,
                   .code = static_cast<uint8_t>(Layouts::append(0, 0, count)),
                   .loose = false};
  out.count = 1;
  out.end = end;
  out.stop = Number::Stop::over;
}

namespace {

// From out.next on.
void read_groups(std::string_view text, Number& out) {
  const std::size_t begin = out.count > 0 ? out.groups[0].begin : out.next.begin;
  out.stop = Number::Stop::over;
  Number::Group& group = out.next;
  while (true) {
    group.end = group.begin;
    group.first =
        out.count == 0 ? 0 : static_cast<uint16_t>(out.groups[out.count - 1].first + out.groups[out.count - 1].count);
    const Run run = read_group(text, out, group);
    if (run == Run::too_long) {
      out.end = group.end;
      return;
    }
    if (run == Run::no_room || out.count == Number::max_groups || group.end - begin > Number::max_bytes) {
      out.stop = Number::Stop::full;
      return;
    }
    group.code = static_cast<uint8_t>(Layouts::append(0, group.gap, group.count));
    out.groups[out.count++] = group;
    out.end = group.end;
    if (is_short_gap(text, group.end)) {
      group.gap = text[group.end];
      group.loose = false;
      group.begin = group.end + 1;
    } else {
      const Gap next = read_gap(text, group.end);
      if (next.kind == 0) return;
      group.gap = next.kind;
      group.loose = next.loose;
      group.begin = next.end;
    }
  }
}

}  // namespace

void read_number(std::string_view text, std::size_t at, Number& out) {
  out.count = 0;
  out.next = {.begin = at, .end = at, .first = 0, .count = 0, .gap = 0, .code = 0, .loose = false};
  read_groups(text, out);
}

void read_on(std::string_view text, std::size_t from, std::size_t shift, Number& out) {
  const uint16_t dropped = out.groups[from].first;
  const std::size_t used = out.groups[out.count - 1].first + std::size_t{out.groups[out.count - 1].count};
  std::copy(&out.digits[dropped], &out.digits[0] + used, out.digits.begin());
  for (std::size_t i = from; i < out.count; ++i) {
    Number::Group& group = out.groups[i - from];
    group = out.groups[i];
    group.begin -= shift;
    group.end -= shift;
    group.first = static_cast<uint16_t>(group.first - dropped);
  }
  out.count -= from;
  Number::Group& first = out.groups[0];
  first.gap = 0;
  first.loose = false;
  first.code = static_cast<uint8_t>(Layouts::append(0, 0, first.count));
  out.next.begin -= shift;
  out.end -= shift;
  read_groups(text, out);
}

bool has_loose_gap(const Number& number, std::size_t from, std::size_t to) {
  for (std::size_t i = from + 1; i <= to; ++i) {
    if (number.groups[i].loose) return true;
  }
  return false;
}

Layout layout_of(const Number& number, std::size_t from, std::size_t to) {
  if (to - from >= 8) return 0;
  Layout layout = number.groups[from].code & 31U;  // whatever was before it
  for (std::size_t i = from + 1; i <= to; ++i) layout = (layout << 8U) | number.groups[i].code;
  return layout;
}

bool in_doi(std::string_view text, std::size_t at) {
  constexpr std::size_t longest = 48;
  const std::size_t reach = std::min(at, longest);
  if (::memrchr(text.data() + at - reach, '/', reach) == nullptr) return false;
  std::size_t begin = at;
  std::size_t slash = std::string_view::npos;
  while (begin > 0 && at - begin < longest && !is_space(text[begin - 1])) {
    if (text[--begin] == '/') slash = begin;
    if (slash == std::string_view::npos || text.substr(begin, 3) != "10.") continue;
    const std::string_view registrant = text.substr(begin + 3, slash - begin - 3);
    const bool digits = registrant.find_first_not_of("0123456789") == std::string_view::npos;
    if (digits && registrant.size() >= 4 && registrant.size() <= 9 && !glued_before(text, begin)) return true;
  }
  return false;
}

bool stands_alone(std::string_view text, const Number& number, std::size_t from, std::size_t to) {
  const std::size_t begin = number.groups[from].begin;
  const std::size_t end = number.groups[to].end;
  if (glued_before(text, begin) || glued_after(text, end) || is_currency_before(text, begin)) return false;
  if (begin > 0 && text[begin - 1] == '-' && ends_in_code(text.substr(0, begin - 1))) return false;
  if (from > 0 && ties(number.groups[from].gap)) return false;
  if (to + 1 < number.count && ties(number.groups[to + 1].gap)) return false;
  if (in_doi(text, begin)) return false;
  const bool thousands_before = begin > 1 && text[begin - 1] == ',' && is_digit(text[begin - 2]);
  if (thousands_before && number.groups[from].count == 3) return false;
  const bool thousands_after = number.groups[to].count <= 3 && end + 3 < text.size() && text[end] == ',' &&
                               is_digit(text[end + 1]) && is_digit(text[end + 2]) && is_digit(text[end + 3]);
  return !thousands_after && !(end + 1 < text.size() && text[end] == '-' && is_alnum(text[end + 1]) &&
                               starts_in_code(text.substr(end + 1)));
}

}  // namespace weir::guards
