#include "guards/line_break.h"

#include "guards/characters.h"
#include "guards/context.h"

namespace weir::guards {
namespace {

constexpr std::size_t longest_prefix = 12;
constexpr std::size_t longest_rest = 48;  // of a number on the next line

constexpr std::string_view number_characters = "0123456789 -.()/";

// Past `\n`, `\r\n`, or these two as JSON writes them; `at` where there is none.
std::size_t past_newline(std::string_view text, std::size_t at) {
  const std::size_t begin = at;
  if (at < text.size() && text[at] == '\r') ++at;
  if (at < text.size() && text[at] == '\n') return at + 1;
  at = begin;
  if (text.substr(at, 2) == "\\r") at += 2;
  return text.substr(at, 2) == "\\n" ? at + 2 : begin;
}

// Past what quotes or comments put before a line.
std::size_t past_prefix(std::string_view text, std::size_t at) {
  const std::size_t stop = std::min(text.size(), at + longest_prefix);
  while (at < stop && std::string_view(" \t>#/*|").find(text[at]) != std::string_view::npos) ++at;
  return at;
}

bool begins_with_digit(std::string_view text, std::size_t at) {
  const std::size_t begin = past_prefix(text, at);
  return digit_at(text, begin).value >= 0;
}

// Whether the line that ends at `at` is all number, and so is the end of the line before it.
bool is_list_before(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  // What stands in another text is no line of this one.
  while (begin > 0 && at - begin < longest_rest && text[begin - 1] != '\n' && !is_mark(text[begin - 1])) --begin;
  if (begin < 2 || text[begin - 1] != '\n' || !begins_with_digit(text, begin)) return false;
  std::size_t end = begin - 1;
  while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\r')) --end;
  return end > 0 && is_digit(text[end - 1]);
}

// `2026-01-28T10:20`, `2026-01-28 10:20`: the next line of a log.
bool is_time_stamp(std::string_view line) {
  constexpr std::string_view form = "9999-99-99 99:99";
  if (line.size() < form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool fits = form[i] == '9'   ? is_digit(line[i])
                      : form[i] == ' ' ? line[i] == ' ' || line[i] == 'T'
                                       : line[i] == form[i];
    if (!fits) return false;
  }
  return true;
}

}  // namespace

std::optional<LineBreak> line_break_after(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  for (int i = 0; i < 3 && begin < text.size() && (text[begin] == '-' || text[begin] == ')' || text[begin] == '/');
       ++i) {
    ++begin;
  }
  std::size_t newline = begin;
  for (int i = 0; i < 3 && newline < text.size() && (text[newline] == ' ' || text[newline] == '\t'); ++i) ++newline;
  const std::size_t line = past_newline(text, newline);
  if (line == newline) return std::nullopt;
  std::size_t end = past_prefix(text, line);
  if (end >= text.size()) return std::nullopt;
  // `-4399` goes on, `- 4399` is an item of a list.
  const std::size_t digits = text[end] == '-' || text[end] == '(' ? end + 1 : end;
  if (digit_at(text, digits).value < 0) return std::nullopt;

  if (is_list_before(text, at) || is_time_stamp(text.substr(digits))) return std::nullopt;

  // What stands behind the number on that line, and whether the line after it begins with one too.
  std::size_t rest = digits;
  while (rest < text.size() && rest - digits < longest_rest &&
         (number_characters.find(text[rest]) != std::string_view::npos || !is_ascii(text[rest]))) {
    ++rest;
  }
  if (rest < text.size() && (text[rest] == ',' || text[rest] == ';' || text[rest] == '\t' || text[rest] == '|')) {
    const bool sentence = rest + 1 < text.size() && is_space(text[rest + 1]);
    if (!sentence) return std::nullopt;
  }
  const std::size_t third = past_newline(text, rest);
  if (third != rest && begins_with_digit(text, third)) return std::nullopt;
  return LineBreak{.begin = begin, .end = end};
}

}  // namespace weir::guards
