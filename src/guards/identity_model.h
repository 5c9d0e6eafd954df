// The model of person names and postal addresses: a linear one over the words of a text, decoded by Viterbi's
// algorithm. Each word gets one of five tags by what it, its two neighbours on either side and the tag before say.
// Made by tools/identity, which uses the same features; read from bytes, immutable, safe from any thread.
//
// Bytes of a model, little endian: `WEIRNAM1`; u32 blocks of the lexicon (a power of two), u32 rows; i16[5][6]
// transitions (from no tag and each tag, to each); u64[blocks*8] lexicon; {u16 mark, i8[5] weights}[rows]. A feature's
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
  static constexpr std::size_t features = 48;  // most of a word
  struct Row {
    uint16_t mark = 0;
    std::array<int8_t, tags + 1> weights{};  // by tag
  };
  static constexpr std::size_t row_of(uint32_t hash, std::size_t rows) { return (uint64_t{hash} * rows) >> 32U; }
  static constexpr uint16_t mark_of(uint32_t hash) { return static_cast<uint16_t>((hash * 0x9E3779B1U) >> 16U); }

  // nullopt: no model, or one of another version.
  [[nodiscard]] static std::optional<IdentityModel> read(std::string_view bytes);

  static constexpr std::size_t longest_text = 5120;
  static constexpr std::size_t most_found = 512;

  // All names and addresses in `text`, which is cut to `longest_text` bytes, in order; returns those that fit in `out`.
  [[nodiscard]] std::size_t find(std::string_view text, std::span<IdentitySpan> out) const;

  [[nodiscard]] const IdentityLexicon& lexicon() const { return lexicon_; }

  // The features of a word among others: hashes. For the trainer and for reading alike.
  static std::size_t features_of(std::span<const IdentityWord> words, std::size_t at,
                                 std::array<uint32_t, features>& out);
  // Whether a name or an address may lie at this word; others are not looked at but as neighbours.
  static bool may_be(std::span<const IdentityWord> words, std::size_t at);

 private:
  using Scores = std::array<int, tags>;
  static constexpr std::size_t longest_island = 256;

  static constexpr std::size_t mark_bytes = sizeof(uint16_t);
  static_assert(sizeof(Row) == 8);

  [[nodiscard]] Scores weigh(std::span<const IdentityWord> words, std::size_t at) const;
  // Reads the words in [begin, end), with what is around them for neighbours.
  std::size_t read_island(std::span<const IdentityWord> words, std::size_t begin, std::size_t end,
                          std::span<IdentitySpan> out) const;

  IdentityLexicon lexicon_;
  std::vector<uint64_t> lexicon_bits_;
  std::vector<Row> rows_;
  std::array<std::array<int, tags>, tags + 1> transitions_{};
};

}  // namespace weir::guards
