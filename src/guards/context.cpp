#include "guards/context.h"

#include <algorithm>

#include "guards/characters.h"

namespace weir::guards {
namespace {

constexpr std::size_t longest_way = 64;  // bytes between a word and what it names
constexpr int most_fillers = 6;

constexpr bool in_word(char c) { return is_alnum(c) || !is_ascii(c); }

bool any_word(std::string_view window, const WordSet& words) {
  for (std::size_t at = 0; at < window.size();) {
    if (!in_word(window[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < window.size() && in_word(window[end])) ++end;
    // No list has a word that begins with a digit, and tables are full of them.
    if (!is_digit(window[at]) && words.has(window.substr(at, end - at))) return true;
    at = end;
  }
  return false;
}

}  // namespace

bool WordSet::has(std::string_view run) const {
  if (run.empty()) return false;
  for (std::size_t slot = slot_of(run); slots_[slot].size != 0; slot = (slot + 1) % slots_.size()) {
    if (equals_folded(run, word(slots_[slot]))) return true;
  }
  if (!unspaced_ || !is_unspaced(run.front())) return false;
  return std::any_of(slots_.begin(), slots_.end(), [&](const Slot& slot) {
    return slot.size != 0 && is_unspaced(text_[slot.begin]) && run.find(word(slot)) != std::string_view::npos;
  });
}

bool word_before(std::string_view text, std::size_t at, std::size_t reach, const WordSet& words) {
  const std::size_t begin = at - std::min(at, reach);
  return any_word(text.substr(begin, at - begin), words);
}

bool word_after(std::string_view text, std::size_t at, std::size_t reach, const WordSet& words) {
  return at < text.size() && any_word(text.substr(at, reach), words);
}

bool leads_to(std::string_view text, std::size_t at, const WordSet& words, const WordSet& fillers) {
  const std::size_t stop = at - std::min(at, longest_way);
  std::size_t end = at;
  for (int passed = 0; passed <= most_fillers; ++passed) {
    while (end > stop && !in_word(text[end - 1])) {
      const char c = text[--end];
      if (c == ';' || c == '!' || c == '?') return false;
    }
    std::size_t begin = end;
    while (begin > stop && in_word(text[begin - 1])) --begin;
    if (begin == end) return false;
    std::string_view word = text.substr(begin, end - begin);
    if (is_digit(word.front())) return false;
    // The letter of `\n` hangs on to the word after it.
    if (begin > 0 && text[begin - 1] == '\\' && word.size() > 1) word.remove_prefix(1);
    if (words.has(word)) return true;
    if (!fillers.has(word)) return false;
    end = begin;
  }
  return false;
}

bool is_followed_by(std::string_view text, std::size_t at, const WordSet& words) {
  std::size_t begin = at;
  while (begin < text.size() && begin - at < 4 && !in_word(text[begin])) ++begin;
  std::size_t end = begin;
  while (end < text.size() && end - begin < 32 && in_word(text[end])) ++end;
  return end > begin && words.has(text.substr(begin, end - begin));
}

Value value_after(std::string_view text, std::size_t at, const WordSet& fillers) {
  const std::size_t stop = std::min(text.size(), at + longest_way);
  const auto joins = [text](std::size_t place) {
    if (place + 1 >= text.size() || !in_word(text[place + 1])) return false;
    const char c = text[place];
    return c == '-' || c == '.' || c == '/' || (c == ' ' && is_digit(text[place - 1]) && is_digit(text[place + 1]));
  };
  for (int passed = 0; passed <= most_fillers; ++passed) {
    while (at < stop && !in_word(text[at])) ++at;
    Value value{.begin = at, .end = at};
    while (value.end < stop && (in_word(text[value.end]) || (value.end > at && joins(value.end)))) {
      const Digit digit = digit_at(text, value.end);
      value.digits += digit.value >= 0 ? 1 : 0;
      value.letters += is_alpha(text[value.end]) ? 1 : 0;
      value.end += std::max<std::size_t>(1, digit.size);
    }
    if (value.end == at) return {};
    if (value.digits > 0) return value;
    std::string_view word = text.substr(at, value.end - at);
    word = word.substr(0, word.find_first_of("-./ "));
    if (!fillers.has(word)) return {};
    at += word.size();
  }
  return {};
}

}  // namespace weir::guards
