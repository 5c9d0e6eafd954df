#include "guards/identity_words.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "guards/characters.h"
#include "guards/context.h"

namespace weir::guards {
namespace {

constexpr std::size_t longest_word = 48;  // bytes; what is longer is cut

// What Latin letters from U+00C0 to U+017F are without accents.
constexpr std::string_view bare =
    "aaaaaaaceeeeiiiidnooooo*ouuuuyts"
    "aaaaaaaceeeeiiiidnooooo*ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggg"
    "gggghhhhiiiiiiiiiiiijjkkklllllll"
    "lllnnnnnnnnnoooooooorrrrrrssssss"
    "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(bare.size() == 0x180 - 0xC0);

constexpr uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
  return hash ^ (hash >> 29U);
}

struct Letter {
  enum class Kind : uint8_t { none, lower, upper, plain, digit } kind = Kind::none;
  uint16_t folded = 0;
  uint8_t size = 1;
};

bool is_upper_beyond_ascii(char32_t c) {
  if (c < 0xC0) return false;
  if (c <= 0xDE) return c != 0xD7;
  if (c < 0x100) return false;
  if (c <= 0x137) return (c & 1U) == 0;
  if (c <= 0x148) return (c & 1U) == 1;
  if (c <= 0x177) return (c & 1U) == 0;
  if (c <= 0x17E) return c == 0x178 || (c & 1U) == 1;
  if (c >= 0x218 && c <= 0x21B) return (c & 1U) == 0;
  if (c >= 0x386 && c <= 0x38F) return true;
  if (c >= 0x391 && c <= 0x3A9) return true;
  if (c >= 0x400 && c <= 0x42F) return true;
  if (c >= 0x1E00 && c <= 0x1EFF) return (c & 1U) == 0;
  return false;
}

uint16_t bare_letter(char32_t c) {
  if (c >= 0xC0 && c < 0x180) return static_cast<uint16_t>(static_cast<unsigned char>(bare[c - 0xC0]));
  if (c == 0x218 || c == 0x219) return 's';
  if (c == 0x21A || c == 0x21B) return 't';
  const char32_t folded = fold(c);
  return folded < 0x10000 ? static_cast<uint16_t>(folded) : uint16_t{0xFFFD};
}

Letter letter_beyond_ascii(std::string_view text, std::size_t at) {
  const Character here = character_at(text, at);
  const auto size = static_cast<uint8_t>(std::max<std::size_t>(1, here.size));
  if (here.value == 0xFFFD || (here.value >= 0x2000 && here.value <= 0x206F) || !is_word(here.value)) {
    return {.kind = Letter::Kind::none, .folded = 0, .size = size};
  }
  const bool cased = here.value < 0x530 || (here.value >= 0x1E00 && here.value < 0x2000);
  const auto kind = !cased                              ? Letter::Kind::plain
                    : is_upper_beyond_ascii(here.value) ? Letter::Kind::upper
                                                        : Letter::Kind::lower;
  return {.kind = kind, .folded = bare_letter(here.value), .size = size};
}

constexpr std::array<Letter::Kind, 128> ascii_kinds = [] {
  std::array<Letter::Kind, 128> kinds{};
  for (char c = 'a'; c <= 'z'; ++c) kinds[static_cast<unsigned char>(c)] = Letter::Kind::lower;
  for (char c = 'A'; c <= 'Z'; ++c) kinds[static_cast<unsigned char>(c)] = Letter::Kind::upper;
  for (char c = '0'; c <= '9'; ++c) kinds[static_cast<unsigned char>(c)] = Letter::Kind::digit;
  kinds['_'] = Letter::Kind::lower;
  return kinds;
}();

// What a word may go on with behind ASCII letters and digits.
constexpr std::array<bool, 256> goes_on = [] {
  std::array<bool, 256> all{};
  for (std::size_t c = 128; c < 256; ++c) all[c] = true;
  all['_'] = all['\''] = all['-'] = true;
  return all;
}();

inline Letter letter_at(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (!is_ascii(c)) [[unlikely]]
    return letter_beyond_ascii(text, at);
  const Letter::Kind kind = ascii_kinds[static_cast<unsigned char>(c)];
  if (kind == Letter::Kind::none) return {};
  return {.kind = kind, .folded = static_cast<uint16_t>(kind == Letter::Kind::upper ? c + 32 : c)};
}

constexpr uint64_t each_byte = 0x0101010101010101ULL;

uint64_t eight_bytes(const char* from) {
  uint64_t bytes = 0;
  std::memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

// Of up to `longest_word` bytes of folded letters, with eight more behind them that may be read.
uint64_t key_of(const char* letters, std::size_t size) {
  uint64_t key = 0x12345 + size;
  for (std::size_t at = 0; at < size; at += 8) {
    uint64_t bytes = eight_bytes(letters + at) | (0x20 * each_byte);
    if (size - at < 8) bytes &= (uint64_t{1} << (8 * (size - at))) - 1;
    key = mix(key, bytes);
  }
  return key;
}

// The last four bytes and the first.
void put_ends(const char* letters, std::size_t size, IdentityWord& out) {
  const uint32_t first = static_cast<uint32_t>(eight_bytes(letters)) | 0x20202020U;
  if (size >= 4) {
    out.head = first;
    std::memcpy(&out.tail, letters + size - 4, sizeof out.tail);
    out.tail |= 0x20202020U;
  } else {
    out.head = first & ((1U << (8 * size)) - 1);
    out.tail = size == 0 ? 0 : out.head << (32 - 8 * size);
  }
}

// How many there are of each, which gives the shape of a word.
struct Letters {
  std::size_t letters = 0;
  std::size_t digits = 0;
  std::size_t uppers = 0;
  bool first_upper = false;
  bool cased = false;

  [[nodiscard]] Shape shape() const {
    if (letters == 0) {
      if (digits == 0) return Shape::mark;
      constexpr std::array by_digits = {Shape::one_digit, Shape::two_digits, Shape::three_digits, Shape::four_digits,
                                        Shape::five_digits};
      return digits <= by_digits.size() ? by_digits[digits - 1] : Shape::digits;
    }
    if (digits > 0) return Shape::lettered;
    if (!cased) return Shape::letters;
    if (uppers == 0) return Shape::lower;
    if (letters == 1) return Shape::initial;
    if (uppers == letters) return Shape::capitals;
    return first_upper && uppers == 1 ? Shape::capital : Shape::mixed;
  }
};

// `'`, `’` or `-` between two letters; its size, 0 where there is none.
std::size_t joiner_at(std::string_view text, std::size_t at) {
  std::size_t size = 0;
  if (text[at] == '\'' || text[at] == '-') size = 1;
  if (text[at] == '\xE2' && text.substr(at, 3) == "\u2019") size = 3;
  if (size == 0 || at + size >= text.size()) return 0;
  const Letter::Kind after = letter_at(text, at + size).kind;
  return after != Letter::Kind::none && after != Letter::Kind::digit ? size : 0;
}

void put_word(const char* letters, std::size_t size, const Letters& counts, IdentityWord& out) {
  out.shape = counts.shape();
  out.key = counts.letters == 0 ? mix(0x777, counts.digits) : key_of(letters, size);
  put_ends(letters, size, out);
}

// Of each byte its upper bit: whether it is from `first` to `last`, of eight bytes below 0x80.
constexpr uint64_t between(uint64_t bytes, uint64_t first, uint64_t last) {
  return (bytes + (0x80 - first) * each_byte) & ~(bytes + (0x7F - last) * each_byte) & (0x80 * each_byte);
}

constexpr std::size_t how_many(uint64_t upper_bits) { return ((upper_bits >> 7U) * each_byte) >> 56U; }

// A word of ASCII letters and digits alone, as most are, eight bytes at a time; its end, or `begin` where it is another
// one, long, or near the end of the text.
std::size_t read_plain_word(std::string_view text, std::size_t begin, IdentityWord& out) {
  if (text.size() - begin < longest_word + 8) return begin;
  const char* letters = text.data() + begin;
  Letters counts;
  std::size_t size = 0;
  for (;; size += 8) {
    if (size == longest_word) return begin;
    const uint64_t bytes = eight_bytes(letters + size);
    const uint64_t plain = bytes & (0x7F * each_byte);
    const uint64_t ascii = ~bytes & (0x80 * each_byte);
    const uint64_t uppers = between(plain, 'A', 'Z') & ascii;
    const uint64_t digits = between(plain, '0', '9') & ascii;
    const uint64_t others = (between(plain | (0x20 * each_byte), 'a', 'z') & ascii) | digits;
    const uint64_t end = ~others & (0x80 * each_byte);
    const uint64_t within = end == 0 ? ~uint64_t{0} : (end & (~end + 1)) - 1;  // below the first byte that is none
    counts.uppers += how_many(uppers & within);
    counts.digits += how_many(digits & within);
    if (end == 0) continue;
    size += static_cast<std::size_t>(std::countr_zero(end)) / 8;
    break;
  }
  if (size == 0 || goes_on[static_cast<unsigned char>(letters[size])]) return begin;
  counts.letters = size - counts.digits;
  counts.first_upper = (static_cast<unsigned char>(letters[0]) & 0x60U) == 0x40U;
  counts.cased = true;
  put_word(letters, size, counts, out);
  return begin + size;
}

// Any word: letters of all scripts, `_`, and what joins letters.
std::size_t read_word(std::string_view text, std::size_t at, IdentityWord& out) {
  const std::size_t begin = at;
  const std::size_t stop = std::min(text.size(), begin + longest_word);
  std::array<char, longest_word + 8> folded;  // NOLINT(cppcoreguidelines-pro-type-member-init): as far as it is read
  std::size_t size = 0;
  Letters counts;
  const auto take = [&](const Letter& letter) {
    if (size == 0) counts.first_upper = letter.kind == Letter::Kind::upper;
    (letter.kind == Letter::Kind::digit ? counts.digits : counts.letters) += 1;
    counts.cased = counts.cased || letter.kind == Letter::Kind::lower || letter.kind == Letter::Kind::upper;
    counts.uppers += letter.kind == Letter::Kind::upper ? 1U : 0U;
    // A byte each, so that four of them are four letters in every script.
    folded[size++] =
        static_cast<char>(letter.folded < 0x80 ? letter.folded : 0x80 | (letter.folded ^ (letter.folded >> 7U)));
  };
  while (at < stop) {
    const Letter letter = letter_at(text, at);
    if (letter.kind == Letter::Kind::none) {
      const std::size_t joiner = counts.letters > 0 ? joiner_at(text, at) : 0;
      // `Anna's`: the name ends before it.
      const bool genitive =
          joiner > 0 && text[at] != '-' && at + joiner + 1 <= text.size() && to_lower(text[at + joiner]) == 's' &&
          (at + joiner + 1 == text.size() || letter_at(text, at + joiner + 1).kind == Letter::Kind::none);
      // `ex-Minister`, `pro-German`: two words.
      const bool prefix = joiner > 0 && text[at] == '-' && counts.uppers == 0 && counts.digits == 0 &&
                          letter_at(text, at + joiner).kind == Letter::Kind::upper;
      if (joiner == 0 || genitive || prefix) break;
      take({.kind = Letter::Kind::lower, .folded = static_cast<uint16_t>(text[at] == '-' ? '-' : '\'')});
      if (counts.uppers + 1 == counts.letters && counts.first_upper && counts.letters > 1) ++counts.uppers;
      at += joiner;
      if (counts.uppers > 0 && counts.uppers < counts.letters && letter_at(text, at).kind == Letter::Kind::upper) {
        take({.kind = Letter::Kind::lower, .folded = letter_at(text, at).folded});  // `Jean-Luc`: one capital
        at += letter_at(text, at).size;
      }
      continue;
    }
    take(letter);
    at += letter.size;
  }
  std::memset(folded.data() + size, 0, 8);
  put_word(folded.data(), size, counts, out);
  return at;
}

// A run of one mark; of blanks with a line break, all of them.
std::size_t read_mark(std::string_view text, std::size_t at, IdentityWord& out) {
  const std::size_t size = is_ascii(text[at]) ? 1 : std::max<std::size_t>(1, character_at(text, at).size);
  std::size_t end = at + size;
  if (size == 1) {
    while (end < text.size() && end - at < longest_word && text[end] == text[at]) ++end;
  } else {
    const std::string_view mark = text.substr(at, size);
    while (end - at < longest_word && text.substr(end, size) == mark) end += size;
  }
  out.shape = Shape::mark;
  out.key = 0x999;
  for (const char c : text.substr(at, size)) out.key = mix(out.key, static_cast<unsigned char>(c));
  if (end - at > size) out.key = mix(out.key, 2);
  return end;
}

}  // namespace

namespace {

constexpr uint16_t list_bits = (1U << identity_lists) - 1;

std::size_t block_of(uint64_t key, std::size_t size) {
  return ((key >> 20U) & (size / IdentityLexicon::block_entries - 1)) * IdentityLexicon::block_entries;
}

// Never zero, which is no entry.
uint16_t entry_of(uint64_t key) {
  const auto mark = static_cast<uint16_t>((key * 0xD6E8FEB86659FD93ULL) >> 48U);
  return std::max(static_cast<uint16_t>(mark & ~list_bits), static_cast<uint16_t>(list_bits + 1));
}

constexpr std::size_t most_probes = 16;
constexpr uint32_t mark_bits = ~0x1FFFU;

uint32_t mark_of(uint64_t key) {
  return std::max(static_cast<uint32_t>((key * 0xD6E8FEB86659FD93ULL) >> 32U) & mark_bits, 0x2000U);
}

}  // namespace

void IdentityLexicon::expect(uint64_t key) const {
  if (!slots_.empty()) __builtin_prefetch(&slots_[(key >> 13U) & (slots_.size() - 1)]);
  if (!blocks_.empty()) __builtin_prefetch(&blocks_[block_of(key, blocks_.size())]);
}

IdentityLexicon::Entry IdentityLexicon::find(uint64_t key) const {
  const uint32_t mark = mark_of(key);
  for (std::size_t i = 0; i < most_probes && !slots_.empty(); ++i) {
    const uint32_t slot = slots_[((key >> 13U) + i) & (slots_.size() - 1)];
    if ((slot & mark_bits) == mark) {
      return {.lists = static_cast<uint8_t>((slot >> 8U) & 0x1FU), .of = static_cast<uint8_t>(slot)};
    }
    if (slot == 0) break;
  }
  if (blocks_.empty()) return {};
  // All entries of the block at once.
  using Entries = uint16_t __attribute__((vector_size(16)));
  constexpr std::size_t at_once = sizeof(Entries) / sizeof(uint16_t);
  const uint16_t* block = blocks_.data() + block_of(key, blocks_.size());
  const Entries wanted = Entries{} + entry_of(key);
  Entries found{};
  for (std::size_t i = 0; i < block_entries; i += at_once) {
    Entries entries;
    std::memcpy(&entries, block + i, sizeof entries);
    found |= entries & reinterpret_cast<Entries>((entries & static_cast<uint16_t>(~list_bits)) == wanted);
  }
  uint16_t lists = 0;
  for (std::size_t i = 0; i < at_once; ++i) lists = static_cast<uint16_t>(lists | found[i]);
  return {.lists = static_cast<uint8_t>(lists & list_bits), .of = 0};
}

bool IdentityLexicon::add(std::span<uint16_t> blocks, uint64_t key, uint8_t lists) {
  const std::span<uint16_t> block = blocks.subspan(block_of(key, blocks.size()), block_entries);
  const uint16_t wanted = entry_of(key);
  for (uint16_t& entry : block) {
    if (entry != 0 && (entry & ~list_bits) != wanted) continue;
    entry = static_cast<uint16_t>(entry | wanted | lists);
    return true;
  }
  return false;
}

bool IdentityLexicon::add(std::span<uint32_t> slots, uint64_t key, const Entry& entry) {
  for (std::size_t i = 0; i < most_probes; ++i) {
    uint32_t& slot = slots[((key >> 13U) + i) & (slots.size() - 1)];
    if ((slot & mark_bits) == mark_of(key)) return false;
    if (slot != 0) continue;
    slot = mark_of(key) | static_cast<uint32_t>(entry.lists) << 8U | entry.of;
    return true;
  }
  return false;
}

uint64_t identity_key(std::string_view word) {
  IdentityWord out{};
  if (!word.empty()) read_word(word, 0, out);
  return out.key;
}

namespace {

// Quoted mail, comments and lists: what stands before each of their lines belongs to the line's break.
std::size_t behind_line_marks(std::string_view text, std::size_t at) {
  constexpr std::size_t longest = 16;
  constexpr std::string_view marks = ">|#*?-/+";
  const std::size_t stop = std::min(text.size(), at + longest);
  std::size_t end = at;
  while (end < stop && text[end] == '>') {
    ++end;
    while (end < stop && text[end] == ' ') ++end;
  }
  if (end > at) return end;
  if (end == stop || marks.find(text[end]) == std::string_view::npos) return at;
  while (end < stop && text[end] == text[at]) ++end;
  const std::size_t behind = end;
  while (end < stop && (text[end] == ' ' || text[end] == '\t')) ++end;
  return end > behind ? end : at;
}

}  // namespace

std::size_t read_identity_words(std::string_view text, std::size_t& at, const IdentityLexicon& lexicon,
                                std::span<IdentityWord> out) {
  std::size_t count = 0;
  bool apart = true;
  while (count < out.size() && at < text.size()) {
    IdentityWord& word = out[count];
    word = {};
    std::size_t end = at;
    bool line = false;
    for (; end < text.size() && (is_space(text[end]) || is_mark(text[end])); ++end) {
      line = line || text[end] == '\n' || is_mark(text[end]);
    }
    if (line || at == 0) {
      const std::size_t behind = behind_line_marks(text, end);
      line = line || behind > end;
      end = behind;
    }
    if (line) {
      word.shape = Shape::line;
      word.key = 0x555;
    } else if (end > at) {
      apart = true;
      at = end;
      continue;
    } else if (const std::size_t plain_end = read_plain_word(text, at, word); plain_end > at) {
      end = plain_end;
    } else if (letter_at(text, at).kind != Letter::Kind::none) {
      end = read_word(text, at, word);
    } else {
      end = read_mark(text, at, word);
    }
    if (word.shape < Shape::one_digit) lexicon.expect(word.key);
    word.begin = static_cast<uint32_t>(at);
    word.end = static_cast<uint32_t>(end);
    word.glued = !apart;
    apart = line;
    at = end;
    ++count;
  }
  for (IdentityWord& word : out.first(count)) {
    if (word.shape < Shape::one_digit) {
      const IdentityLexicon::Entry known = lexicon.find(word.key);
      word.lists = known.lists;
      word.of = known.of;
    }
    word.put_form();
  }
  return count;
}

}  // namespace weir::guards
