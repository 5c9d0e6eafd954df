#include "guards/decorations.h"

#include <algorithm>
#include <array>

#include "guards/characters.h"

namespace weir::guards {
namespace {

constexpr std::size_t longest_decoration = 40;
constexpr std::size_t longest_tag = 24;
constexpr std::size_t longest_group = 8;
constexpr std::size_t most_groups = 10;
constexpr std::size_t fewest_digits = 8;
constexpr std::size_t most_digits = 34;
constexpr std::size_t longest_lead = 4;  // letters of an IBAN's beginning

// Elements that make words bold, and not cells, items or paragraphs of their own.
constexpr std::array formatting = {
    std::string_view("b"),    std::string_view("br"),    std::string_view("i"),    std::string_view("em"),
    std::string_view("u"),    std::string_view("s"),     std::string_view("span"), std::string_view("strong"),
    std::string_view("code"), std::string_view("small"), std::string_view("wbr"),  std::string_view("mark"),
    std::string_view("font"), std::string_view("nobr"),  std::string_view("tt"),   std::string_view("kbd"),
    std::string_view("big"),  std::string_view("sub"),   std::string_view("sup")};

// Past the tag that begins at `at`; `at` where there is none of a formatting element.
std::size_t past_tag(std::string_view text, std::size_t at) {
  const auto tag = text.substr(at, longest_tag);
  const auto close = tag.find('>');
  if (close == std::string_view::npos) return at;
  std::size_t begin = 1;
  if (begin < close && tag[begin] == '/') ++begin;
  std::size_t end = begin;
  while (end < close && is_alpha(tag[end])) ++end;
  const auto name = tag.substr(begin, end - begin);
  const bool known = std::any_of(formatting.begin(), formatting.end(),
                                 [name](std::string_view one) { return equals_folded(name, one); });
  return known ? at + close + 1 : at;
}

// Past one piece of a decoration.
std::size_t past_piece(std::string_view text, std::size_t at) {
  if (text[at] == '<') return past_tag(text, at);
  if (std::string_view("_+*~` ").find(text[at]) != std::string_view::npos) return at + 1;
  const auto two = text.substr(at, 2);
  if (two == ")(" || two == "][" || two == "\xC2\xB7") return at + 2;
  const auto three = text.substr(at, 3);
  return three == "\xE2\x80\xA2" || three == "\xE2\x88\x99" || three == "\xE2\x8B\x85" ? at + 3 : at;
}

// Past the decoration at `at`, where digits follow it; `at` where there is none.
std::size_t past_decoration(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && end - at < longest_decoration && !is_digit(text[end])) {
    const auto next = past_piece(text, end);
    if (next == end) return at;
    end = next;
  }
  return end < text.size() && is_digit(text[end]) ? end : at;
}

}  // namespace

std::optional<DecoratedNumber> decorated_number(std::string_view text, std::size_t begin, std::size_t end) {
  const auto next = past_decoration(text, end);
  if (next == end || end - begin > longest_group) return std::nullopt;
  const auto decoration = text.substr(end, next - end);
  DecoratedNumber out{.begin = begin, .end = end, .plain = {}, .first_gap = 0};
  while (out.begin > 0 && begin - out.begin < longest_lead && is_alpha(text[out.begin - 1])) --out.begin;
  out.plain = text.substr(out.begin, end - out.begin);
  out.first_gap = out.plain.size();
  std::size_t groups = 1;
  std::size_t digits = end - begin;
  for (std::size_t at = next; groups < most_groups;) {
    std::size_t stop = at;
    while (stop < text.size() && is_digit(text[stop])) ++stop;
    if (stop - at > longest_group) return std::nullopt;
    out.plain.append(" ").append(text, at, stop - at);
    digits += stop - at;
    out.end = stop;
    ++groups;
    const auto after = text.substr(stop, decoration.size());
    at = stop + decoration.size();
    if (after != decoration || at >= text.size() || !is_digit(text[at])) break;
  }
  if (groups < 3 || digits < fewest_digits || digits > most_digits) return std::nullopt;
  return out;
}

}  // namespace weir::guards
