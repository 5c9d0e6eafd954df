// The model of person names and postal addresses: a linear one over the words of a text, decoded by Viterbi's
// algorithm. Each word gets one of five tags by what it, its two neighbours on either side and the tag before say.
// Made by tools/identity, which uses the same features; read from bytes, immutable, safe from any thread.
//
// Bytes of a model, little endian: `WEIRNAM2`; u32 blocks and u32 slots of the lexicon (powers of two), u32 rows;
// i16[5][6] transitions (from no tag and each tag, to each); u16[blocks*32], u32[slots] lexicon; {u16 mark,
// i8[5] weights}[rows]. A feature's
// hash names its row; where the row's mark is not that of the hash, the row is of another feature, and this one weighs
// nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "guards/identity_words.h"

namespace weir::guards {

enum class IdentityKind : uint8_t { person, address };

struct IdentitySpan {
  IdentityKind kind = IdentityKind::person;
  std::size_t begin = 0;
  std::size_t end = 0;
  int margin = 0;  // how much worse the best reading is in which this is none, in units of the weights
};

class IdentityModel {
 public:
  // outside, begins and goes on with a person, the same of an address
  static constexpr std::size_t tags = 5;
  static constexpr std::size_t features = 45;  // of a word
  static constexpr std::size_t beside = 3;     // words on either side that say something of one
  struct Row {
    std::array<int8_t, tags + 1> weights{};  // by tag
    uint16_t mark = 0;
  };
  static constexpr std::size_t row_of(uint32_t hash, std::size_t rows) { return (uint64_t{hash} * rows) >> 32U; }
  static constexpr uint16_t mark_of(uint32_t hash) { return static_cast<uint16_t>(hash); }

  // nullopt: no model, or one of another version.
  [[nodiscard]] static std::optional<IdentityModel> read(std::string_view bytes);

  static constexpr std::size_t longest_text = 5120;
  static constexpr std::size_t most_found = 512;

  // All names and addresses in `text`, which is cut to `longest_text` bytes, in order; returns those that fit in `out`.
  [[nodiscard]] std::size_t find(std::string_view text, std::span<IdentitySpan> out) const;

  [[nodiscard]] const IdentityLexicon& lexicon() const { return lexicon_; }

  // The features of a word: hashes. As many words as are `beside` it can be read before and behind it, `beyond_text`
  // where there are none. For the trainer and for reading alike.
  static std::array<uint32_t, features> features_of(const IdentityWord* word);
  // Whether a name or an address may lie at this word; others are not looked at but as neighbours.
  static bool may_be(std::span<const IdentityWord> words, std::size_t at);

  // What speaks for each tag of a word, the first five: the sum of its features' weights, not beyond `most_score`.
  using Scores = int16_t __attribute__((vector_size(16)));
  static constexpr int16_t most_score = 3000;
  [[nodiscard]] Scores weigh(const IdentityWord* word) const;

 private:
  static constexpr std::size_t longest_island = 256;
  // Words [begin, end) that are read together.
  struct Island {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  static_assert(sizeof(Row) == 8);

  struct Sheet;

  // Of a word, weighed when first asked for.
  const Scores& score(Sheet& sheet, std::size_t at) const;
  // The best way: a tag for each word of [begin, begin + tags.size()), and how far the ways lead without it.
  struct Ways;
  bool go(Sheet& sheet, std::size_t begin, Ways& ways) const;
  void go_back(Sheet& sheet, std::size_t begin, Ways& ways) const;
  // `island` becomes what was read.
  std::size_t read_whole(Sheet& sheet, Island& island, std::size_t done, std::span<IdentitySpan> out) const;
  // Reads the words in [begin, end), with what is around them for neighbours.
  std::size_t read_island(Sheet& sheet, std::size_t begin, std::size_t end, std::span<IdentitySpan> out) const;

  IdentityLexicon lexicon_;
  std::vector<uint16_t> lexicon_blocks_;
  std::vector<uint32_t> lexicon_slots_;
  std::vector<Row> rows_;
  Scores at_first_{};                // before the first word
  std::array<Scores, tags> from_{};  // of a tag, to each
  std::array<Scores, tags> to_{};    // of a tag, from each
};

}  // namespace weir::guards
