// The words around a place: what turns `12345678` into an account number. Words are runs of ASCII letters, digits and
// non-ASCII bytes, compared with ASCII case folded; lists are lower case. In `homePhone` there are two words, beside
// the whole. Each function looks at a bounded piece of text.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "guards/characters.h"

namespace weir::guards {

// Texts that are read joined (see Joint) are parted by one of these. What speaks for a finding may stand beyond a mark,
// what speaks against it may not.
inline constexpr char field_mark = '\x1F';  // between the fields of a structure
inline constexpr char seam_mark = '\x1E';   // between what one says and what the other answers
constexpr bool is_mark(char c) { return c == field_mark || c == seam_mark; }

// Whether a word before the number at `begin`, or a `+`, says that it is a phone's: for numbers that were put together.
[[nodiscard]] bool is_named_phone(std::string_view text, std::size_t begin);

// Where the text of its own begins that `at` lies in, as far back as 64 bytes.
[[nodiscard]] std::size_t own_begin(std::string_view text, std::size_t at);

// A list of words, made at compile time from one text in which `|` parts them: a hash table of their places.
class WordSet {
 public:
  constexpr WordSet(const char* text = "") : text_(text) {  // NOLINT(google-explicit-constructor): stands for the list
    for (const char c : text_) {
      if (is_ascii(c) && !is_alnum(c) && c != '|') throw "words are letters and digits only";  // stops the compiler
    }
    for (std::size_t begin = 0; begin < text_.size();) {
      const std::size_t bar = text_.find('|', begin);
      const std::size_t end = bar == std::string_view::npos ? text_.size() : bar;
      std::size_t slot = slot_of(text_.substr(begin, end - begin));
      while (slots_[slot].size != 0) slot = (slot + 1) % slots_.size();  // at most half full, or this does not compile
      slots_[slot] = {.begin = static_cast<uint16_t>(begin), .size = static_cast<uint16_t>(end - begin)};
      unspaced_ = unspaced_ || is_unspaced(text_[begin]);
      begin = end + 1;
    }
  }

  // ASCII case is folded, and that of the first letter in any script. Chinese, Japanese and Korean run words together:
  // there a word counts anywhere in `run`.
  [[nodiscard]] bool has(std::string_view run) const;
  [[nodiscard]] bool empty() const { return text_.empty(); }
  // Those of three bytes and more; static as the text is.
  [[nodiscard]] std::vector<std::string_view> words() const;
  [[nodiscard]] constexpr std::string_view text() const { return text_; }

 private:
  struct Slot {
    uint16_t begin = 0;
    uint16_t size = 0;  // 0: empty
  };

  static constexpr bool is_unspaced(char first) { return static_cast<unsigned char>(first) >= 0xE3; }
  static constexpr std::size_t slot_of(std::string_view word) {
    uint32_t hash = 0;
    for (const char c : word)
      hash = (hash ^ (static_cast<unsigned char>(c) | 0x20U)) * 0x01000193U;  // FNV-1a, case folded
    return (hash ^ (hash >> 15U)) % 256;
  }
  [[nodiscard]] bool has_exact(std::string_view run) const;
  [[nodiscard]] std::string_view word(const Slot& slot) const { return text_.substr(slot.begin, slot.size); }

  std::string_view text_;
  std::array<Slot, 256> slots_{};
  bool unspaced_ = false;
};

// Whether one of `words` is among the last `reach` bytes before `at`, or the first `reach` from it.
[[nodiscard]] bool word_before(std::string_view text, std::size_t at, std::size_t reach, const WordSet& words);
[[nodiscard]] bool word_after(std::string_view text, std::size_t at, std::size_t reach, const WordSet& words);

// Whether one of `words` leads to `at`, with nothing between but punctuation and at most six of `fillers`:
// `phone number is: `.
[[nodiscard]] bool leads_to(std::string_view text, std::size_t at, const WordSet& words, const WordSet& fillers);

// Whether what stands at `at` answers a question that has one of `words` in it: `What is your SSN?` and then, behind
// the question mark or in the next text, `It is `.
[[nodiscard]] bool asked_for(std::string_view text, std::size_t at, const WordSet& words);

// Whether the next word from `at`, after at most four bytes of space and punctuation, is one of `words`. Never beyond a
// mark.
[[nodiscard]] bool is_followed_by(std::string_view text, std::size_t at, const WordSet& words);

// The first word with a digit from `at`, with nothing before it but punctuation and at most six of `fillers`. It may
// hold
// `-`, `.` and `/` between letters and digits, and single spaces between groups of digits. Empty when there is none.
struct Value {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t digits = 0;  // digits in it
  std::size_t letters = 0;
};
[[nodiscard]] Value value_after(std::string_view text, std::size_t at, const WordSet& fillers);
// The same where the word at `at` is part of a question: the first word of the answer.
[[nodiscard]] Value answer_after(std::string_view text, std::size_t at);
// Where the answer begins, past `It is` and the like; npos when no question ends within reach.
[[nodiscard]] std::size_t answer_begin(std::string_view text, std::size_t at);

}  // namespace weir::guards
