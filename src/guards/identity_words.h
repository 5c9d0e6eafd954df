// A text as the model of names and addresses sees it: words, numbers and marks, each with its form, its ends and the
// lists that it is on. Pure; safe from any thread; linear in the text, nothing is allocated.
//
// A word is a run of letters, digits and `_` in any script, with `'` and `-` between letters; of one punctuation mark a
// run is one word; a line break with the blanks around it is a word too. Letters are compared without case and, in
// Latin, without accents, so that `Müller` and `Muller` are one.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace weir::guards {

// Lists that a word may be on.
enum class IdentityList : uint8_t { given, family, place, common, street };
inline constexpr std::size_t identity_lists = 5;

// A Bloom filter of all lists in one: a word's bits lie in one line of the cache. Some 1 % of other words are taken for
// one of a list.
class IdentityLexicon {
 public:
  static constexpr std::size_t block_words = 8;  // 64 bytes

  IdentityLexicon() = default;
  // Of a power of two of blocks.
  explicit IdentityLexicon(std::span<const uint64_t> bits) : bits_(bits) {}

  // Of a word's key: a bit for each list.
  [[nodiscard]] uint8_t lists(uint64_t key) const;
  [[nodiscard]] bool has(uint64_t key, IdentityList list) const;
  static void add(std::span<uint64_t> bits, uint64_t key, IdentityList list);

 private:
  std::span<const uint64_t> bits_;
};

// How a word is written; `Initial` is one capital.
enum class Shape : uint8_t {
  lower,
  capital,
  capitals,
  mixed,
  initial,
  letters,  // of a script without case
  one_digit,
  two_digits,
  three_digits,
  four_digits,
  five_digits,
  digits,
  lettered,  // digits and letters
  line,
  mark,
  edge,  // beyond the text
};

// Not set to anything when made: thousands are, of which few are read.
struct IdentityWord {
  uint32_t begin;
  uint32_t end;
  uint64_t key;   // of the folded letters; of digits, how many there are
  uint64_t tail;  // its last four letters, folded, 16 bits each; the last one lowest
  uint64_t head;  // its first four
  Shape shape;
  uint8_t lists;
  bool glued;   // nothing stands between it and the word before
  bool listed;  // `lists` has all of them; else only those that say whether it is to be looked at

  [[nodiscard]] bool is(IdentityList list) const { return ((lists >> static_cast<unsigned>(list)) & 1U) != 0; }
  [[nodiscard]] bool is_capital() const {
    return shape == Shape::capital || shape == Shape::capitals || shape == Shape::mixed || shape == Shape::initial;
  }
};

// The key of a word by itself, as lists hold it.
[[nodiscard]] uint64_t identity_key(std::string_view word);

// Looks all lists up, where that was not done yet.
void list_identity_word(IdentityWord& word, const IdentityLexicon& lexicon);

// Reads the words of `text` from `at` on into `out`; `at` is then behind the last one read.
[[nodiscard]] std::size_t read_identity_words(std::string_view text, std::size_t& at, const IdentityLexicon& lexicon,
                                              std::span<IdentityWord> out);

}  // namespace weir::guards
