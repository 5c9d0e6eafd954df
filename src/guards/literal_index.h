// LiteralIndex: the trigger words of all guards, asked at every beginning of a word. A bitmap over the first four bytes
// turns most words away in a few instructions, a second one over up to eight bytes nearly all others; the rest walk a
// trie, so that thousands of words with one beginning cost no more than one. Filled at config load, then
// `build`; after that immutable and safe from any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "guards/characters.h"

namespace weir::guards {

class LiteralIndex {
 public:
  struct Match {
    uint32_t guard = 0;
    uint32_t word = 0;      // index in the guard's Triggers::words
    std::size_t begin = 0;  // bytes of the text
    std::size_t end = 0;
  };
  // Longest text that one literal may span; bounds the work per word.
  static constexpr std::size_t reach = 512;

  // A literal is looked up from its first letter or digit on; what stands before that must precede the match. One
  // without a letter or digit never matches.
  void add(std::string_view literal, uint32_t guard, uint32_t word);
  void build();

  [[nodiscard]] bool begins_beyond_ascii() const { return beyond_ascii_; }
  // `first` = the four bytes at a beginning of a word, as they lie in memory, 0 beyond the end.
  [[nodiscard]] bool may_begin(uint32_t first) const { return filter().may_begin(first); }
  // That alone, for a loop that keeps it in registers; good for as long as the index.
  class Filter {
   public:
    [[nodiscard]] uint64_t may_begin(uint32_t first) const {
      const uint32_t slot = ((first & letter_bits) * multiplier) >> shift_;
      return (bitmap_[slot >> 6U] >> (slot & 63U)) & 1U;
    }

   private:
    friend class LiteralIndex;
    Filter(const uint64_t* bitmap, uint32_t shift) : bitmap_(bitmap), shift_(shift) {}
    const uint64_t* bitmap_;
    uint32_t shift_;
  };
  [[nodiscard]] Filter filter() const { return {bitmap_.data(), shift_}; }
  // The same for up to eight bytes, for a place that `may_begin`.
  [[nodiscard]] bool may_match(std::string_view text, std::size_t at) const;
  // Calls `found(Match)` for every literal that matches at `at`, by rising length.
  template <typename Found>
  void match(std::string_view text, std::size_t at, Found found) const;

 private:
  struct Entry {
    std::string lead;    // folded, before the first letter or digit
    std::string folded;  // from it on
    uint32_t guard = 0;
    uint32_t word = 0;
  };
  struct Node {
    uint32_t edges = 0;   // first of `edge_count` in labels_ and targets_
    uint32_t leaves = 0;  // first of `leaf_count` in entries_
    uint16_t edge_count = 0;
    uint32_t leaf_count = 0;
  };
  static constexpr uint32_t nowhere = UINT32_MAX;

  static constexpr uint32_t letter_bits = 0x1F1F1F1FU;  // all that letters differ in but for their case
  static constexpr uint32_t multiplier = 0x9E3779B1U;
  static constexpr uint32_t case_bits = 0x20202020U;  // ASCII letters fold; other bytes merely collide
  static std::size_t pair_of(uint32_t first) { return (first & 31U) << 5U | (first >> 8U & 31U); }
  static uint32_t third_of(uint32_t first) { return first >> 16U & 31U; }
  [[nodiscard]] uint32_t slot_of(uint32_t first) const { return ((first & letter_bits) * multiplier) >> shift_; }
  [[nodiscard]] std::size_t long_slot_of(uint64_t first, std::size_t size) const;
  // Takes one character of the text (a run of white space is one), moving `at` past it; false where the trie ends.
  [[nodiscard]] bool take(std::string_view text, std::size_t& at, uint32_t& node) const;
  // Where to go on behind the first four bytes of `text`: `nowhere` when no literal begins so, 0 when it cannot tell.
  [[nodiscard]] uint32_t node_behind(std::string_view text) const;
  [[nodiscard]] bool may_be_short(uint32_t first) const;
  [[nodiscard]] uint32_t step(uint32_t node, std::string_view labels) const;
  void build_trie();
  void build_beginnings();
  void build_bitmap();
  void add_short(std::string_view form);
  template <typename Visit>
  void for_each_slot(uint32_t first, std::size_t size, Visit visit) const;

  std::vector<Entry> entries_;  // sorted by `folded`
  std::vector<Node> nodes_;
  std::string labels_;
  std::vector<uint32_t> targets_;
  std::vector<uint32_t> root_;       // node by first byte: the root has too many edges to search
  std::vector<uint64_t> bitmap_;     // by slot
  std::vector<uint8_t> long_sizes_;  // by slot: how many bytes the second bitmap was made of there
  std::vector<uint64_t> long_bitmap_;
  std::array<uint32_t, 1024> short_{};  // literals of fewer than four bytes: by two bytes, a bit for the third
  // The nodes that four ASCII bytes lead to, by these bytes; a hash table.
  struct Beginning {
    uint32_t bytes = 0;  // 0: none
    uint32_t node = 0;
  };
  std::vector<Beginning> beginnings_;
  uint32_t shift_ = 16;
  bool beyond_ascii_ = false;
};

template <typename Found>
void LiteralIndex::match(std::string_view text, std::size_t at, Found found) const {
  const std::string_view view = text.substr(0, std::min(text.size(), at + reach));
  std::size_t end = at;
  uint32_t node = node_behind(view.substr(std::min(at, view.size())));
  if (node == nowhere) return;
  if (node != 0) end += 4;
  for (bool more = node != 0 || (end < view.size() && take(view, end, node)); more;
       more = end < view.size() && take(view, end, node)) {
    for (uint32_t i = 0; i < nodes_[node].leaf_count; ++i) {
      const Entry& entry = entries_[nodes_[node].leaves + i];
      const std::size_t lead = entry.lead.size();
      if (lead > at || !equals_folded(text.substr(at - lead, lead), entry.lead)) continue;
      found(Match{.guard = entry.guard, .word = entry.word, .begin = at - lead, .end = end});
    }
  }
}

}  // namespace weir::guards
