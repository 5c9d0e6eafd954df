// The words around a place: what turns `12345678` into an account number. Words are runs of ASCII letters, digits and
// non-ASCII bytes, compared with ASCII case folded; lists are lower case. Each function looks at a bounded piece of text.
#pragma once

#include <span>
#include <string_view>

namespace weir::guards {

using Words = std::span<const std::string_view>;

[[nodiscard]] bool is_one_of(std::string_view word, Words words);

// Whether one of `words` is among the last `reach` bytes before `at`, or the first `reach` from it.
[[nodiscard]] bool word_before(std::string_view text, std::size_t at, std::size_t reach, Words words);
[[nodiscard]] bool word_after(std::string_view text, std::size_t at, std::size_t reach, Words words);

// Whether one of `words` leads to `at`, with nothing between but punctuation and at most six of `fillers`:
// `phone number is: `.
[[nodiscard]] bool leads_to(std::string_view text, std::size_t at, Words words, Words fillers);

// Whether the next word from `at`, after at most four bytes of space and punctuation, is one of `words`.
[[nodiscard]] bool is_followed_by(std::string_view text, std::size_t at, Words words);

// The first word with a digit from `at`, with nothing before it but punctuation and at most six of `fillers`. It may hold
// `-`, `.` and `/` between letters and digits, and single spaces between groups of digits. Empty when there is none.
struct Value {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t digits = 0;   // digits in it
  std::size_t letters = 0;
};
[[nodiscard]] Value value_after(std::string_view text, std::size_t at, Words fillers);

}  // namespace weir::guards
