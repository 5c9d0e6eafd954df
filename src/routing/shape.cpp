#include "routing/shape.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weir::routing {
namespace {

// Locale-free: bytes of ASCII alone.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_beyond_ascii(char c) { return (static_cast<unsigned char>(c) & 0x80U) != 0; }
constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool is_word(char c) { return is_digit(c) || is_lower(c) || is_upper(c) || is_beyond_ascii(c) || c == '\''; }

// Signs that are counted, one number each.
constexpr std::string_view signs = "%$/=+^?\"_({,.;*<-:'|\\";

// Words and pairs of words that are counted: what calculations, conditions, negations, explanations and code are made
// of.
constexpr std::array<std::string_view, 44> telling = {
    "all",    "assume",  "average", "best",   "calculate", "cost",      "day",  "each", "every",
    "except", "false",   "find",    "first",  "following", "function",  "half", "hour", "how",
    "if",     "least",   "left",    "less",   "likely",    "many",      "more", "not",  "old",
    "per",    "percent", "remain",  "second", "should",    "statement", "than", "then", "times",
    "total",  "true",    "twice",   "when",   "which",     "who",       "why",  "would"};

// Where the words of each first letter begin in `telling`, which is in order; `z` + 1 ends the last.
constexpr std::array<uint8_t, 27> telling_from = [] {
  std::array<uint8_t, 27> out{};
  for (std::size_t letter = 0; letter < out.size(); ++letter) {
    while (out[letter] < telling.size() && telling[out[letter]].front() < static_cast<char>('a' + letter))
      ++out[letter];
  }
  return out;
}();

// Which of `signs` a byte is; past the last: none.
constexpr std::array<uint8_t, 256> sign_of = [] {
  std::array<uint8_t, 256> out{};
  for (auto& one : out) one = static_cast<uint8_t>(signs.size());
  for (std::size_t i = 0; i < signs.size(); ++i) out[static_cast<unsigned char>(signs[i])] = static_cast<uint8_t>(i);
  return out;
}();

float bounded_log(double count) { return static_cast<float>(std::log(1 + count)); }

class Shape {
 public:
  void add(double value) {
    if (at_ < out_.size()) out_[at_++] = static_cast<float>(value);
  }
  void add_log(double count) { add(bounded_log(count)); }
  [[nodiscard]] std::array<float, shape_count> take() const { return out_; }

 private:
  std::array<float, shape_count> out_{};
  std::size_t at_ = 0;
};

struct Counts {
  double digits = 0, upper = 0, beyond = 0, lines = 0, sentences = 0;
  std::array<double, signs.size()> signs_seen{};
};

Counts count(std::string_view text) {
  Counts out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    out.digits += is_digit(c) ? 1 : 0;
    out.upper += is_upper(c) ? 1 : 0;
    out.beyond += is_beyond_ascii(c) ? 1 : 0;
    out.lines += c == '\n' ? 1 : 0;
    if (const auto sign = sign_of[static_cast<unsigned char>(c)]; sign < signs.size()) ++out.signs_seen[sign];
    const bool ends = (c == '.' || c == '?' || c == '!') && (i + 1 == text.size() || is_space(text[i + 1]));
    out.sentences += ends ? 1 : 0;
  }
  return out;
}

// A number as written, up to a bound; digits alone.
double value_of(std::string_view digits) {
  double value = 0;
  for (const char c : digits) {
    if (!is_digit(c) || value > 1e9) break;
    value = value * 10 + (c - '0');
  }
  return value;
}

void add_words(const ReadText& read, Shape& shape) {
  double letters = 0, words = 0, numbers = 0, largest = 0, long_words = 0;
  std::vector<std::string_view> different, different_numbers;
  std::array<double, telling.size()> seen{};
  for (const auto word : read.words) {
    if (is_digit(word.front())) {
      ++numbers;
      largest = std::max(largest, value_of(word));
      different_numbers.push_back(word);
    } else if (is_word(word.front())) {
      ++words;
      letters += static_cast<double>(word.size());
      long_words += word.size() >= 9 ? 1 : 0;
      different.push_back(word);
      if (!is_lower(word.front())) continue;
      const auto letter = static_cast<std::size_t>(word.front() - 'a');
      for (std::size_t i = telling_from[letter]; i < telling_from[letter + 1]; ++i)
        seen[i] += word == telling[i] ? 1 : 0;
    }
  }
  const auto distinct = [](std::vector<std::string_view>& all) {
    std::sort(all.begin(), all.end());
    return static_cast<double>(std::unique(all.begin(), all.end()) - all.begin());
  };
  shape.add_log(words);
  shape.add(letters / (words + 1));
  shape.add(long_words / (words + 1));
  shape.add(distinct(different) / (words + 1));
  shape.add_log(numbers);
  shape.add_log(distinct(different_numbers));
  shape.add_log(largest);
  for (const double times : seen) shape.add_log(times);
}

// Lines such as `A. Paris` or `(b) 12`.
std::string_view choice_in(std::string_view line) {
  while (!line.empty() && (is_space(line.front()) || line.front() == '(')) line.remove_prefix(1);
  const bool marked = line.size() > 2 && (is_upper(line[0]) || is_lower(line[0])) && (line[1] == '.' || line[1] == ')');
  return marked ? line.substr(2) : std::string_view();
}

void add_choices(const ReadText& read, Shape& shape) {
  double choices = 0, bytes = 0, longest = 0, shortest = 1e9, with_digits = 0, numeric = 0, last_line = 0;
  for (std::size_t at = 0; at <= read.text.size();) {
    const auto end = std::min(read.text.find('\n', at), read.text.size());
    const auto line = read.text.substr(at, end - at);
    at = end + 1;
    if (!line.empty()) last_line = static_cast<double>(line.size());
    const auto choice = choice_in(line);
    if (choice.empty()) continue;
    const auto size = static_cast<double>(choice.size());
    const bool has_digit = std::any_of(choice.begin(), choice.end(), is_digit);
    const bool has_letter =
        std::any_of(choice.begin(), choice.end(), [](char c) { return is_lower(c) || is_upper(c); });
    ++choices;
    bytes += size;
    longest = std::max(longest, size);
    shortest = std::min(shortest, size);
    with_digits += has_digit ? 1 : 0;
    numeric += has_digit && !has_letter ? 1 : 0;
  }
  const double count = std::max(choices, 1.0);
  shape.add_log(choices);
  shape.add_log(bytes / count);
  shape.add_log(longest);
  shape.add_log(choices > 0 ? shortest : 0);
  shape.add((longest - (choices > 0 ? shortest : 0)) / (bytes / count + 1));
  shape.add(with_digits / count);
  shape.add(numeric / count);
  shape.add_log(static_cast<double>(read.bytes) - bytes);
  shape.add_log(last_line);
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (is_upper(out[i])) out[i] = static_cast<char>(out[i] + ('a' - 'A'));
    // U+00C0 to U+00DE but U+00D7: two bytes, the second of which is 0x20 lower than that of the small letter.
    const auto byte = static_cast<unsigned char>(out[i]);
    const bool after_c3 = i > 0 && static_cast<unsigned char>(out[i - 1]) == 0xC3;
    if (after_c3 && byte >= 0x80 && byte <= 0x9E && byte != 0x97) out[i] = static_cast<char>(byte + 0x20);
  }
  return out;
}

std::vector<std::string_view> words_of(std::string_view lower) {
  std::vector<std::string_view> out;
  out.reserve(lower.size() / 4);
  for (std::size_t i = 0; i < lower.size();) {
    std::size_t end = i;
    while (end < lower.size() && is_word(lower[end])) ++end;
    if (end == i) ++end;
    if (!is_space(lower[i])) out.push_back(lower.substr(i, end - i));
    i = end;
  }
  return out;
}

std::array<float, shape_count> shape_of(const ReadText& read) {
  Shape shape;
  const Counts counts = count(read.text);
  const auto size = static_cast<double>(read.text.size()) + 1;
  shape.add_log(static_cast<double>(read.bytes));
  shape.add_log(counts.lines);
  shape.add_log(counts.sentences);
  shape.add(static_cast<double>(read.words.size()) / (counts.sentences + 1) / 10);
  shape.add(counts.digits / size);
  shape.add(counts.upper / size);
  shape.add(counts.beyond / size);
  for (const double times : counts.signs_seen) shape.add_log(times);
  add_words(read, shape);
  add_choices(read, shape);
  return shape.take();
}

}  // namespace weir::routing
