#include "guards/context.h"

#include <algorithm>
#include <string>

#include "guards/characters.h"
#include "guards/listed.h"

namespace weir::guards {
namespace {

constexpr std::size_t longest_way = 64;  // bytes between a word and what it names
constexpr int most_fillers = 6;
constexpr std::size_t longest_cut = 24;  // what is read beyond a reach of a word that it would cut

constexpr std::size_t longest_question = 160;
constexpr std::size_t longest_lead = 48;  // `Sure, it's `

// Bits of what a byte is.
constexpr uint8_t of_word = 1;
constexpr uint8_t of_capital = 2;

constexpr auto kinds_of_bytes = [] {
  std::array<uint8_t, 256> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    const char c = static_cast<char>(byte);
    if (in_word(c)) table[byte] |= of_word;
    if (is_upper(c)) table[byte] |= of_capital;
  }
  return table;
}();

constexpr uint8_t kind_of(char c) { return kinds_of_bytes[static_cast<unsigned char>(c)]; }

// What an answer begins with before its value.
constexpr WordSet answer_words =
    "it|its|s|is|was|sure|yes|yeah|ok|okay|of|course|here|you|go|are|my|mine|the|number|no|nr|thanks|thank|hi|hello|"
    "that|"
    "would|be|i|think|please|to|and|a|answer|code|id|one|use|this|well|so|um|am|ja|es|ist|meine|lautet|die|der|das|"
    "oui|c|est|le|la|mon|ma|si|sí|el|mi|claro|certainly|absolutely|right|away|on|at|m|re|they|them";

// `homePhone`: where the word begins that ends at `end`.
std::size_t hump_begin(std::string_view run) {
  for (std::size_t at = run.size(); at > 1; --at) {
    if (is_upper(run[at - 1]) && !is_upper(run[at - 2]) && is_ascii(run[at - 2])) return at - 1;
  }
  return 0;
}

bool has_hump(std::string_view run, const WordSet& words) {
  std::size_t end = run.size();
  while (end > 0) {
    const std::size_t begin = hump_begin(run.substr(0, end));
    if (begin == 0 && end == run.size()) return false;  // one word, and that was asked for
    if (words.has(run.substr(begin, end - begin))) return true;
    end = begin;
  }
  return false;
}

bool any_word(std::string_view window, const WordSet& words) {
  for (std::size_t at = 0; at < window.size();) {
    if (!in_word(window[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    uint8_t kinds = 0;
    for (; end < window.size() && (kind_of(window[end]) & of_word) != 0; ++end) kinds |= kind_of(window[end]);
    // No list has a word that begins with a digit, and tables are full of them.
    const std::string_view run = window.substr(at, end - at);
    if (!is_digit(window[at]) && (words.has(run) || ((kinds & of_capital) != 0 && has_hump(run, words)))) return true;
    at = end;
  }
  return false;
}

}  // namespace

bool is_named_phone(std::string_view text, std::size_t begin) {
  static constexpr WordSet words = "phone|tel|telephone|mobile|call|cell|number|fax|telefon|handy|nummer";
  return begin < text.size() && (text[begin] == '+' || word_before(text, begin, 64, words));
}

std::size_t own_begin(std::string_view text, std::size_t at) {
  const std::size_t stop = at - std::min(at, longest_way);
  std::size_t begin = at;
  while (begin > stop && !is_mark(text[begin - 1])) --begin;
  return begin;
}

bool WordSet::has(std::string_view run) const {
  if (run.empty()) return false;
  if (has_exact(run)) return true;
  if (is_ascii(run.front())) return false;
  // `Él`, `Мне`: the first letter of a sentence, beyond ASCII.
  constexpr std::size_t longest = 48;
  const Character first = character_at(run, 0);
  const char32_t small = fold(first.value);
  if (small == first.value || run.size() > longest) return false;
  std::string lower;
  append_utf8(lower, small);
  lower += run.substr(first.size);
  return has_exact(lower);
}

bool WordSet::has_exact(std::string_view run) const {
  for (std::size_t slot = slot_of(run); slots_[slot].size != 0; slot = (slot + 1) % slots_.size()) {
    if (equals_folded(run, word(slots_[slot]))) return true;
  }
  if (!unspaced_ || !is_unspaced(run.front())) return false;
  return std::any_of(slots_.begin(), slots_.end(), [&](const Slot& slot) {
    return slot.size != 0 && is_unspaced(text_[slot.begin]) && run.find(word(slot)) != std::string_view::npos;
  });
}

std::vector<std::string_view> WordSet::words() const {
  constexpr std::size_t shortest = 3;
  std::vector<std::string_view> list;
  each_listed(text_, [&list](std::string_view one) {
    if (one.size() >= shortest) list.push_back(one);
  });
  return list;
}

// A word that the reach would cut is read whole: of `span` no `pan` is left.
bool word_before(std::string_view text, std::size_t at, std::size_t reach, const WordSet& words) {
  std::size_t begin = at - std::min(at, reach);
  const std::size_t stop = begin - std::min(begin, longest_cut);
  if (begin < at && is_alnum(text[begin])) {
    while (begin > stop && is_alnum(text[begin - 1])) --begin;
  }
  return any_word(text.substr(begin, at - begin), words);
}

bool word_after(std::string_view text, std::size_t at, std::size_t reach, const WordSet& words) {
  if (at >= text.size()) return false;
  std::size_t end = std::min(text.size(), at + reach);
  const std::size_t stop = std::min(text.size(), end + longest_cut);
  if (end > at && is_alnum(text[end - 1])) {
    while (end < stop && is_alnum(text[end])) ++end;
  }
  return any_word(text.substr(at, end - at), words);
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
    if (!fillers.has(word)) {
      const std::size_t hump = hump_begin(word);
      if (hump == 0) return false;
      if (words.has(word.substr(hump))) return true;
      if (!fillers.has(word.substr(hump))) return false;
      begin = end - word.size() + hump;
    }
    end = begin;
  }
  return false;
}

bool asked_for(std::string_view text, std::size_t at, const WordSet& words) {
  const std::size_t stop = at - std::min(at, longest_lead);
  std::size_t end = at;
  for (int passed = 0; passed <= most_fillers; ++passed) {
    while (end > stop && !in_word(text[end - 1])) {
      --end;
      if (text[end] != '?' && text[end] != seam_mark) continue;
      const std::size_t begin = end - std::min(end, longest_question);
      std::string_view question = text.substr(begin, end - begin);
      while (!question.empty() && is_mark(question.back())) question.remove_suffix(1);
      question.remove_prefix(question.rfind(seam_mark) + 1);  // npos: from its beginning
      return any_word(question, words);
    }
    std::size_t begin = end;
    while (begin > stop && in_word(text[begin - 1])) --begin;
    if (begin == end || !answer_words.has(text.substr(begin, end - begin))) return false;
    end = begin;
  }
  return false;
}

bool is_followed_by(std::string_view text, std::size_t at, const WordSet& words) {
  std::size_t begin = at;
  while (begin < text.size() && begin - at < 4 && !in_word(text[begin])) {
    if (is_mark(text[begin])) return false;
    ++begin;
  }
  std::size_t end = begin;
  while (end < text.size() && end - begin < 32 && in_word(text[end])) ++end;
  return end > begin && words.has(text.substr(begin, end - begin));
}

std::size_t answer_begin(std::string_view text, std::size_t at) {
  const std::string_view ahead = text.substr(at, longest_question);
  const std::size_t end = std::min(ahead.find('?'), ahead.find(seam_mark));
  if (end == std::string_view::npos) return end;
  std::size_t begin = at + end + 1;
  for (int passed = 0; passed <= most_fillers; ++passed) {
    while (begin < text.size() && (is_space(text[begin]) || is_mark(text[begin]) ||
                                   std::string_view("?,:.!'\"-").find(text[begin]) != std::string_view::npos)) {
      ++begin;
    }
    std::size_t word = begin;
    while (word < text.size() && word - begin < longest_lead && in_word(text[word])) ++word;
    if (word == begin || !answer_words.has(text.substr(begin, word - begin))) break;
    begin = word;
  }
  return begin < text.size() ? begin : std::string_view::npos;
}

Value answer_after(std::string_view text, std::size_t at) {
  const std::size_t begin = answer_begin(text, at);
  return begin == std::string_view::npos ? Value{} : value_after(text, begin, answer_words);
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
