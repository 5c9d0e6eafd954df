// The words around a place: what turns `12345678` into an account number. Words are runs of ASCII letters, digits and
// non-ASCII bytes, compared with ASCII case folded; lists are lower case. Each function looks at a bounded piece of text.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::guards {

// A list of words, made at compile time from one text in which `|` parts them. It remembers which lengths occur with which
// first letter, which turns most words away at once.
class WordSet {
 public:
  constexpr WordSet(const char* text = "") : text_(text) {  // NOLINT(google-explicit-constructor): stands for the list
    for (std::size_t begin = 0; begin < text_.size();) {
      const std::size_t end = end_of(begin);
      lengths_[row(text_[begin])] |= bit(end - begin);
      begin = end + 1;
    }
  }

  // ASCII case is folded. Chinese and Japanese run words together: there a word counts anywhere in `run`.
  [[nodiscard]] bool has(std::string_view run) const;
  [[nodiscard]] bool empty() const { return text_.empty(); }

 private:
  static constexpr std::size_t row(char c) { return static_cast<unsigned char>(c) & 31U; }  // same for both letter cases
  static constexpr uint32_t bit(std::size_t length) { return 1U << (length < 31 ? length : 31); }
  [[nodiscard]] constexpr std::size_t end_of(std::size_t begin) const {
    const std::size_t bar = text_.find('|', begin);
    return bar == std::string_view::npos ? text_.size() : bar;
  }

  std::string_view text_;
  std::array<uint32_t, 32> lengths_{};
};

// Whether one of `words` is among the last `reach` bytes before `at`, or the first `reach` from it.
[[nodiscard]] bool word_before(std::string_view text, std::size_t at, std::size_t reach, const WordSet& words);
[[nodiscard]] bool word_after(std::string_view text, std::size_t at, std::size_t reach, const WordSet& words);

// Whether one of `words` leads to `at`, with nothing between but punctuation and at most six of `fillers`:
// `phone number is: `.
[[nodiscard]] bool leads_to(std::string_view text, std::size_t at, const WordSet& words, const WordSet& fillers);

// Whether the next word from `at`, after at most four bytes of space and punctuation, is one of `words`.
[[nodiscard]] bool is_followed_by(std::string_view text, std::size_t at, const WordSet& words);

// The first word with a digit from `at`, with nothing before it but punctuation and at most six of `fillers`. It may hold
// `-`, `.` and `/` between letters and digits, and single spaces between groups of digits. Empty when there is none.
struct Value {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t digits = 0;   // digits in it
  std::size_t letters = 0;
};
[[nodiscard]] Value value_after(std::string_view text, std::size_t at, const WordSet& fillers);

}  // namespace weir::guards
