// A text as the model of names and addresses sees it: words, numbers and marks, each with its form, its ends and the
// lists that it is on. Pure; safe from any thread; linear in the text, nothing is allocated.
//
// A word is a run of letters, digits and `_` in any script, with `'` and `-` between letters; of one punctuation mark a
// run is one word; a line break with the blanks around it is a word too. Letters are compared without case and, in
// Latin, without accents, so that `Müller` and `Muller` are one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace weir::guards {

// Lists that a word may be on.
enum class IdentityList : uint8_t { given, family, place, common, street };
inline constexpr std::size_t identity_lists = 5;

// What is known of words. The most frequent ones stand in a table, each with its lists and its class (verbs that say,
// nouns that are persons …; 0: none): a slot holds 19 bits of a word's key, five of lists and eight of its class, and a
// word stands in the first free slot from its own on. All others stand in blocks, each a line of the cache, of 32
// entries: eleven bits of a word's key and five of lists. Some 1 % of other words are taken for one of those.
class IdentityLexicon {
 public:
  static constexpr std::size_t block_entries = 32;
  struct Entry {
    uint8_t lists = 0;
    uint8_t of = 0;
  };

  IdentityLexicon() = default;
  // Of a power of two of blocks, and of slots.
  IdentityLexicon(std::span<const uint16_t> blocks, std::span<const uint32_t> slots) : blocks_(blocks), slots_(slots) {}

  [[nodiscard]] Entry find(uint64_t key) const;
  // That it will be looked up soon: the memory is asked for what is not in the cache.
  void expect(uint64_t key) const;

  // false: its block is full.
  static bool add(std::span<uint16_t> blocks, uint64_t key, uint8_t lists);
  // false: there is no room near its slot, or it is there already.
  static bool add(std::span<uint32_t> slots, uint64_t key, const Entry& entry);

 private:
  std::span<const uint16_t> blocks_;
  std::span<const uint32_t> slots_;
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
  uint32_t tail;  // its last four letters, folded, a byte each; the last one highest
  uint32_t head;  // its first four, the first one lowest
  Shape shape;
  uint8_t lists;
  uint8_t of;     // its class
  bool glued;     // nothing stands between it and the word before
  uint16_t form;  // shape, lists and `glued` in one number

  void put_form() {
    form = static_cast<uint16_t>(static_cast<unsigned>(shape) | static_cast<unsigned>(lists) << 4U |
                                 (glued ? 1U << (4 + identity_lists) : 0U));
  }
  [[nodiscard]] bool is(IdentityList list) const { return ((lists >> static_cast<unsigned>(list)) & 1U) != 0; }
  [[nodiscard]] bool is_capital() const {
    return shape == Shape::capital || shape == Shape::capitals || shape == Shape::mixed || shape == Shape::initial;
  }
};

// What stands before the first word of a text and behind its last.
inline constexpr IdentityWord beyond_text{.begin = 0,
                                          .end = 0,
                                          .key = 0,
                                          .tail = 0,
                                          .head = 0,
                                          .shape = Shape::edge,
                                          .lists = 0,
                                          .of = 0,
                                          .glued = false,
                                          .form = static_cast<uint16_t>(Shape::edge)};

// The key of a word by itself, as lists hold it.
[[nodiscard]] uint64_t identity_key(std::string_view word);

// Reads the words of `text` from `at` on into `out`; `at` is then behind the last one read.
[[nodiscard]] std::size_t read_identity_words(std::string_view text, std::size_t& at, const IdentityLexicon& lexicon,
                                              std::span<IdentityWord> out);

}  // namespace weir::guards
