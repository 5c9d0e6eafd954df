#include "guards/literal_index.h"

#include <bit>
#include <cstring>

namespace weir::guards {
namespace {

constexpr std::size_t short_size = 4;  // of the first bitmap
constexpr std::size_t long_size = 8;   // of the second, at most

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

// The bytes as one number, with the bit of letter case set in each: as slots are made from.
uint64_t as_number(std::string_view bytes) {
  uint64_t number = 0;
  if (bytes.size() >= long_size) {
    std::memcpy(&number, bytes.data(), long_size);
    return number;
  }
  std::memcpy(&number, bytes.data(), bytes.size());
  return number;
}

// White space and everything else below it as a space.
uint64_t with_plain_spaces(uint64_t bytes) {
  constexpr uint64_t tops = 0x8080808080808080U;
  const uint64_t low = ~(((bytes & ~tops) + 0x5F5F5F5F5F5F5F5FU) | bytes) & tops;  // at most 0x20
  return (bytes & ~((low >> 7U) * 0xFFU)) | (low >> 2U);
}

// Whether two bytes in a row are white space: of a run that counts as one.
bool has_wide_space(uint64_t plain) {
  constexpr uint64_t ones = 0x0101010101010101U;
  constexpr uint64_t tops = 0x8080808080808080U;
  const uint64_t other = plain ^ (ones * ' ');
  const uint64_t spaces = ~(((other & ~tops) + ~tops) | other) & tops;
  return (spaces & (spaces << 8U)) != 0;
}

constexpr std::string_view spaces[] = {"\t", "\n", "\r", "\xC2\xA0", "\xE2\x80\xAF", "\xE3\x80\x80"};

// All forms in which the beginning of a literal may be written: at least four bytes each where it has so many, and on
// to eight while there is only one form.
class BeginningForms {
 public:
  explicit BeginningForms(std::vector<std::string>& out) : out_(out) {}

  void collect(std::string_view folded) {
    extend(folded, {});
    const Character first = character_at(folded, 0);
    if (first.value <= ' ' || first.value >= 0x7F) return;
    for (const char32_t form : {first.value, upper(first.value)}) {  // full width: with the first byte of the next one
      std::string wide;
      append_utf8(wide, form + 0xFEE0);
      out_.push_back(wide + "\xEF");
    }
  }

 private:
  void extend(std::string_view rest, const std::string& form) {
    if (form.size() >= long_size) return out_.push_back(form.substr(0, long_size));
    if (rest.empty()) return out_.push_back(form);
    const Character next = character_at(rest, 0);
    if (form.size() >= short_size && next.value >= 0x80) return out_.push_back(form);
    const std::string_view tail = rest.substr(next.size);
    extend(tail, form + std::string(rest.substr(0, next.size)));
    if (next.value == ' ') {
      if (form.size() >= short_size) return;  // with_plain_spaces makes the others alike
      for (const std::string_view space : spaces) extend(tail, form + std::string(space));
    } else if (next.value >= 0x80 && upper(next.value) != next.value) {
      std::string other = form;
      append_utf8(other, upper(next.value));
      extend(tail, other);
    }
  }

  std::vector<std::string>& out_;
};

// Power of two with at most one bit in 16 set, as long as that stays within the second-level cache.
std::size_t bits_for(std::size_t entries) {
  return std::clamp<std::size_t>(std::bit_ceil(entries * 16), 1U << 16U, 1U << 22U);
}

bool test(const std::vector<uint64_t>& bitmap, std::size_t slot) {
  return ((bitmap[slot >> 6U] >> (slot & 63U)) & 1U) != 0;
}
void set(std::vector<uint64_t>& bitmap, std::size_t slot) { bitmap[slot >> 6U] |= uint64_t{1} << (slot & 63U); }

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
  build_beginnings();
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
  root_.assign(256, nowhere);
  for (uint32_t edge = 0; edge < nodes_[0].edge_count; ++edge)
    root_[static_cast<unsigned char>(labels_[edge])] = targets_[edge];
}

// ASCII letters in lower case.
uint32_t lowered(uint32_t bytes) {
  const uint32_t capitals = (bytes + 0x3F3F3F3FU) & ~(bytes + 0x25252525U) & 0x80808080U;
  return bytes | capitals >> 2U;
}

uint32_t hash_of(uint32_t bytes) { return bytes * 0x9E3779B1U >> 8U; }

void LiteralIndex::build_beginnings() {
  beginnings_.assign(std::bit_ceil(entries_.size() * 2 + 1), Beginning{});
  for (const Entry& entry : entries_) {
    const std::string_view first = std::string_view(entry.folded).substr(0, short_size);
    if (first.size() < short_size || !std::all_of(first.begin(), first.end(), is_ascii)) continue;
    const auto bytes = static_cast<uint32_t>(as_number(first));
    std::size_t slot = hash_of(bytes) & (beginnings_.size() - 1);
    while (beginnings_[slot].bytes != 0 && beginnings_[slot].bytes != bytes)
      slot = (slot + 1) & (beginnings_.size() - 1);
    beginnings_[slot] = {.bytes = bytes, .node = step(0, first)};
  }
}

bool LiteralIndex::may_be_short(uint32_t first) const {
  return ((short_[pair_of(first)] >> third_of(first)) & 1U) != 0;
}

uint32_t LiteralIndex::node_behind(std::string_view text) const {
  if (text.size() < short_size) return 0;
  const auto first = static_cast<uint32_t>(as_number(text));
  const uint32_t printed = ~(first + 0x5F5F5F5FU) & 0x80808080U;  // at most a space, without carries
  if ((first & 0x80808080U) != 0 || printed != 0 || may_be_short(first)) return 0;
  const uint32_t bytes = lowered(first);
  std::size_t slot = hash_of(bytes) & (beginnings_.size() - 1);
  while (beginnings_[slot].bytes != bytes) {
    if (beginnings_[slot].bytes == 0) return nowhere;
    slot = (slot + 1) & (beginnings_.size() - 1);
  }
  return beginnings_[slot].node;
}

void LiteralIndex::build_bitmap() {
  std::vector<std::string> forms;
  for (const Entry& entry : entries_) BeginningForms(forms).collect(entry.folded);
  std::sort(forms.begin(), forms.end());
  forms.erase(std::unique(forms.begin(), forms.end()), forms.end());

  std::size_t slots = 0;
  for (const std::string& form : forms) for_each_slot(0, form.size(), [&slots](uint32_t) { ++slots; });
  const std::size_t bits = bits_for(slots);
  shift_ = 32 - static_cast<uint32_t>(std::bit_width(bits) - 1);
  bitmap_.assign(bits / 64, 0);
  long_bitmap_.assign(bits / 64, 0);
  long_sizes_.assign(bits, long_size);
  for (const std::string& form : forms) {
    const auto first = static_cast<uint32_t>(as_number(form));
    for_each_slot(first, form.size(), [&](uint32_t slot) {
      set(bitmap_, slot);
      if (form.size() >= short_size) long_sizes_[slot] = std::min(long_sizes_[slot], static_cast<uint8_t>(form.size()));
    });
    if (form.size() < short_size) add_short(form);
  }
  for (const std::string& form : forms) {
    if (form.size() < short_size) continue;
    const uint32_t slot = slot_of(static_cast<uint32_t>(as_number(form)));
    set(long_bitmap_, long_slot_of(with_plain_spaces(as_number(form)), long_sizes_[slot]));
  }
}

void LiteralIndex::add_short(std::string_view form) {
  const auto first = static_cast<uint32_t>(as_number(form));
  const uint32_t thirds = form.size() > 2 ? 1U << third_of(first) : ~uint32_t{0};
  if (form.size() > 1) {
    short_[pair_of(first)] |= thirds;
    return;
  }
  for (uint32_t second = 0; second < 32; ++second) short_[pair_of(first | second << 8U)] |= thirds;
}

// The slots of a beginning of `size` bytes; what it leaves open of four may be anything.
template <typename Visit>
void LiteralIndex::for_each_slot(uint32_t first, std::size_t size, Visit visit) const {
  if (size >= short_size) return visit(slot_of(first));
  for (uint32_t byte = 0; byte < 32; ++byte) for_each_slot(first | byte << (8 * size), size + 1, visit);
}

// The top bits of the bytes that only the second bitmap looks at; little-endian as all our machines.
constexpr uint64_t beyond_ascii_in_rest = 0x8080808000000000U;

std::size_t LiteralIndex::long_slot_of(uint64_t first, std::size_t size) const {
  const uint64_t kept = size == long_size ? ~uint64_t{0} : (uint64_t{1} << (size * 8)) - 1;
  const uint64_t folded = (first | (uint64_t{case_bits} << 32U | case_bits)) & kept;
  return static_cast<std::size_t>((folded * 0x9E3779B97F4A7C15U) >> (32 + shift_));
}

bool LiteralIndex::may_match(std::string_view text, std::size_t at) const {
  const uint64_t first = as_number(text.substr(at));
  const uint32_t slot = slot_of(static_cast<uint32_t>(first));
  if (may_be_short(static_cast<uint32_t>(first))) return true;
  // Perhaps a character that nobody sees, or a run of spaces: the trie can tell.
  const uint64_t plain = with_plain_spaces(first);
  if ((first & beyond_ascii_in_rest) != 0 || has_wide_space(plain)) return true;
  return test(long_bitmap_, long_slot_of(plain, long_sizes_[slot]));
}

uint32_t LiteralIndex::step(uint32_t node, std::string_view labels) const {
  for (const char label : labels) {
    if (node == 0) {
      node = root_[static_cast<unsigned char>(label)];
      if (node == nowhere) return nowhere;
      continue;
    }
    const Node& here = nodes_[node];
    uint32_t edge = here.edges;
    const uint32_t end = edge + here.edge_count;
    while (edge < end && labels_[edge] != label) ++edge;
    if (edge == end) return nowhere;
    node = targets_[edge];
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
  if (c == ' ' && at + 1 < text.size() && is_alpha(text[at + 1])) {  // by far the most frequent
    ++at;
    node = step(node, " ");
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
    node =
        next.value == 0xFFFD && next.size == 1 ? step(node, text.substr(at, 1)) : step(node, folded_utf8(next.value));
    at += next.size;
  }
  return node != nowhere;
}

}  // namespace weir::guards
