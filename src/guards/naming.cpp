#include "guards/naming.h"

#include <algorithm>

#include "guards/characters.h"

namespace weir::guards {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr int most_fillers = 5;
constexpr std::size_t widest_gap = 4;  // bytes of space and punctuation between two words

constexpr WordSet fillers =
    "číslo|cislo|security|number|numbers|no|nr|num|nummer|id|ids|is|was|are|be|my|the|of|his|her|their|our|your|its|"
    "value|code|holder|"
    "customer|client|employee|patient|for|and|on|s|a|an|valid|new|old|company|personal|person|kunde|mitarbeiter|"
    "ist|war|lautet|mein|meine|meiner|die|der|das|dem|des|den|von|für|ihre|ihr|seine|sein|identifikationsnummer|"
    "est|mon|ma|le|la|les|du|de|d|l|son|sa|votre|numéro|n|nº|num|pour|et|"
    "es|mi|el|su|del|número|numero|para|y|è|il|mio|mia|suo|sua|di|per|codice|e|"
    "é|o|meu|minha|seu|do|da|em|jest|to|mój|moja|moje|jej|jego|numer|pana|pani|klienta|"
    "mijn|het|zijn|haar|van|een|mitt|min|mit|er|är|hans|hennes|nummeret|numret|on|minun|numaram|numarası|no|мой|"
    "номер|это|его|её|ее";

// A label of what comes next, `… NIP: 526`, names nothing before it.
bool is_label(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && end - at < widest_gap && !in_word(text[end])) {
    if (text[end] == ':' || text[end] == '=') return true;
    ++end;
  }
  return end < text.size() && is_digit(text[end]);
}

enum class Labels : uint8_t { left_out, counted };

bool names_from_behind(std::string_view text, std::size_t at, const WordSet& names, Labels labels) {
  for (int passed = 0; passed <= most_fillers; ++passed) {
    const std::size_t gap = at;
    while (at < text.size() && at - gap < widest_gap && !in_word(text[at])) {
      const char c = text[at];
      if (c == '.' || c == ';' || c == '!' || c == '?' || c == '\n' || c == '|' || c == '\t' || is_mark(c))
        return false;
      if (c == ',' && passed == 0 && at > gap) return false;
      ++at;
    }
    std::size_t end = at;
    while (end < text.size() && end - at < 40 && in_word(text[end])) ++end;
    if (end == at || is_digit(text[at])) return false;
    const std::string_view word = text.substr(at, end - at);
    if (names.has(word)) return labels == Labels::counted || !is_label(text, end);
    if (!fillers.has(word)) return false;
    at = end;
  }
  return false;
}

}  // namespace

const WordSet& naming_fillers() { return fillers; }

bool has_word_beside(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr std::size_t widest = 24;
  std::size_t at = begin;
  while (at > 0 && begin - at < widest && !in_word(text[at - 1])) --at;
  if (at > 0 && in_word(text[at - 1]) && !is_digit(text[at - 1])) return true;
  at = end;
  while (at < text.size() && at - end < widest_gap && !in_word(text[at])) ++at;
  return at < text.size() && in_word(text[at]) && !is_digit(text[at]);
}

bool is_named(std::string_view text, std::size_t begin, std::size_t end, const WordSet& names) {
  return leads_to(text, begin, names, fillers) || asked_for(text, begin, names) ||
         names_from_behind(text, end, names, Labels::left_out);
}

bool may_be_named(std::string_view text, std::size_t begin, std::size_t end, const WordSet& names) {
  return leads_to(text, begin, names, fillers) || asked_for(text, begin, names) ||
         names_from_behind(text, end, names, Labels::counted);
}

std::size_t named_before(std::string_view text, std::size_t at) {
  for (int passed = 0; passed <= most_fillers; ++passed) {
    const std::size_t gap = at;
    while (at > 0 && gap - at < widest_gap && !in_word(text[at - 1])) {
      const char c = text[at - 1];
      if (c == '.' || c == ';' || c == '!' || c == '?' || c == '\n' || c == '|' || c == ':' || c == '=' || is_mark(c))
        return npos;
      --at;
    }
    if (at == gap && passed > 0) return npos;
    std::size_t begin = at;
    while (begin > 0 && at - begin < 40 && in_word(text[begin - 1])) --begin;
    if (begin == at) return npos;
    const std::string_view word = text.substr(begin, at - begin);
    if (std::any_of(word.begin(), word.end(), is_digit)) return at;
    if (!fillers.has(word)) return npos;
    at = begin;
  }
  return npos;
}

}  // namespace weir::guards
