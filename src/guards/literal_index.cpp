#include "guards/literal_index.h"

#include <array>
#include <bit>
#include <cstring>

namespace weir::guards {
namespace {

constexpr std::size_t prefix_size = 4;
using Prefix = std::array<char, prefix_size>;

std::string folded_utf8(char32_t value) {
  std::string out;
  append_utf8(out, fold(value));
  return out;
}

// Folded, each run of white space one space, none at the ends.
std::string normalised(std::string_view literal) {
  std::string out;
  bool space = false;
  for (std::size_t at = 0; at < literal.size();) {
    const Character next = character_at(literal, at);
    if (is_any_space(next.value)) {
      space = true;
    } else if (!is_ignorable(next.value)) {
      if (space && !out.empty()) out.push_back(' ');
      space = false;
      // A broken byte stands for itself: such a list compares bytes.
      out += next.value == 0xFFFD && next.size == 1 ? std::string(literal.substr(at, 1)) : folded_utf8(next.value);
    }
    at += next.size;
  }
  return out;
}

uint32_t as_word(const Prefix& prefix) {
  uint32_t word = 0;
  std::memcpy(&word, prefix.data(), prefix_size);
  return word | 0x20202020U;  // as in slot_of
}

// All forms in which the first four bytes of a literal may be written.
class PrefixForms {
 public:
  explicit PrefixForms(std::vector<uint32_t>& out) : out_(out) {}

  void collect(std::string_view folded) {
    extend(folded, 0);
    const Character first = character_at(folded, 0);
    if (first.value > ' ' && first.value < 0x7F) {  // full width: with the first byte of the next one
      for (const char32_t form : {first.value, upper(first.value)}) {
        std::string wide;
        append_utf8(wide, form + 0xFEE0);
        append(wide, "\xEF", 0);
      }
    }
  }

 private:
  void extend(std::string_view rest, std::size_t size) {
    if (size >= prefix_size) return out_.push_back(as_word(prefix_));
    if (rest.empty()) return fill(size);
    const Character next = character_at(rest, 0);
    const std::string_view tail = rest.substr(next.size);
    append(rest.substr(0, next.size), tail, size);
    if (next.value == ' ') {
      for (const std::string_view space : {"\t", "\n", "\r", "\xC2\xA0", "\xE2\x80\xAF", "\xE3\x80\x80"}) {
        append(space, tail, size);
      }
    } else if (next.value >= 0x80 && upper(next.value) != next.value) {
      std::string other;
      append_utf8(other, upper(next.value));
      append(other, tail, size);
    }
  }

  void append(std::string_view bytes, std::string_view tail, std::size_t size) {
    const Prefix saved = prefix_;
    for (const char byte : bytes) {
      if (size < prefix_size) prefix_[size++] = byte;
    }
    extend(tail, size);
    prefix_ = saved;
  }

  // A literal shorter than four bytes: anything may follow.
  void fill(std::size_t size) {
    if (size >= prefix_size) return out_.push_back(as_word(prefix_));
    for (int byte = 0; byte < 256; ++byte) {
      if ((byte & 0x20) == 0) continue;  // the bit is set on both sides
      prefix_[size] = static_cast<char>(byte);
      fill(size + 1);
    }
  }

  std::vector<uint32_t>& out_;
  Prefix prefix_{};
};

}  // namespace

void LiteralIndex::add(std::string_view literal, uint32_t guard, uint32_t word) {
  const std::string whole = normalised(literal);
  std::size_t begin = 0;
  while (begin < whole.size()) {
    const Character next = character_at(whole, begin);
    if (is_word(next.value) || (next.value == 0xFFFD && next.size == 1)) break;
    begin += next.size;
  }
  if (begin == whole.size()) return;
  beyond_ascii_ = beyond_ascii_ || !is_ascii(whole[begin]);
  entries_.push_back({.lead = whole.substr(0, begin), .folded = whole.substr(begin), .guard = guard, .word = word});
}

void LiteralIndex::build() {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.folded < b.folded; });
  build_trie();
  build_bitmap();
}

void LiteralIndex::build_trie() {
  struct Work {
    uint32_t node, low, high;  // entries [low, high) share the node's path
    std::size_t depth;
  };
  nodes_.assign(1, Node{});
  std::vector<Work> work{{0, 0, static_cast<uint32_t>(entries_.size()), 0}};
  while (!work.empty()) {
    auto [node, low, high, depth] = work.back();
    work.pop_back();
    nodes_[node].leaves = low;
    while (low < high && entries_[low].folded.size() == depth) ++low;  // the shortest sort first
    nodes_[node].leaf_count = low - nodes_[node].leaves;
    nodes_[node].edges = static_cast<uint32_t>(labels_.size());
    while (low < high) {
      const char label = entries_[low].folded[depth];
      uint32_t end = low;
      while (end < high && entries_[end].folded[depth] == label) ++end;
      labels_.push_back(label);
      targets_.push_back(static_cast<uint32_t>(nodes_.size()));
      ++nodes_[node].edge_count;
      work.push_back({targets_.back(), low, end, depth + 1});
      nodes_.emplace_back();
      low = end;
    }
  }
}

void LiteralIndex::build_bitmap() {
  std::vector<uint32_t> prefixes;
  for (const Entry& entry : entries_) PrefixForms(prefixes).collect(entry.folded);
  std::sort(prefixes.begin(), prefixes.end());
  prefixes.erase(std::unique(prefixes.begin(), prefixes.end()), prefixes.end());

  // One in 32 bits set at most, as long as that stays within the second-level cache; 8 KB for the built-in words.
  const std::size_t bits = std::clamp<std::size_t>(std::bit_ceil(prefixes.size() * 32), 1U << 16U, 1U << 22U);
  shift_ = 32 - static_cast<uint32_t>(std::bit_width(bits) - 1);
  bitmap_.assign(bits / 64, 0);
  for (const uint32_t prefix : prefixes) {
    const uint32_t slot = slot_of(prefix);
    bitmap_[slot >> 6U] |= uint64_t{1} << (slot & 63U);
  }
}

uint32_t LiteralIndex::step(uint32_t node, std::string_view labels) const {
  for (const char label : labels) {
    const Node& here = nodes_[node];
    const void* found = here.edge_count == 0 ? nullptr : std::memchr(&labels_[here.edges], label, here.edge_count);
    if (found == nullptr) return nowhere;
    node = targets_[static_cast<std::size_t>(static_cast<const char*>(found) - labels_.data())];
  }
  return node;
}

bool LiteralIndex::take(std::string_view text, std::size_t& at, uint32_t& node) const {
  const char c = text[at];
  if (is_ascii(c) && !is_space(c)) {
    const char label = to_lower(c);
    ++at;
    node = step(node, {&label, 1});
    return node != nowhere;
  }
  Character next = character_at(text, at);
  while (is_ignorable(next.value)) {
    at += next.size;
    next = character_at(text, at);
  }
  if (next.size == 0) return false;
  if (is_any_space(next.value)) {
    for (; next.size != 0 && is_any_space(next.value); next = character_at(text, at)) at += next.size;
    node = step(node, " ");
  } else {
    node = next.value == 0xFFFD && next.size == 1 ? step(node, text.substr(at, 1)) : step(node, folded_utf8(next.value));
    at += next.size;
  }
  return node != nowhere;
}

}  // namespace weir::guards
