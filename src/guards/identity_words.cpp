#include "guards/identity_words.h"

#include <algorithm>

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

inline Letter letter_at(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (!is_ascii(c)) [[unlikely]]
    return letter_beyond_ascii(text, at);
  const Letter::Kind kind = ascii_kinds[static_cast<unsigned char>(c)];
  if (kind == Letter::Kind::none) return {};
  return {.kind = kind, .folded = static_cast<uint16_t>(kind == Letter::Kind::upper ? c + 32 : c)};
}

// What is seen of a word while it is read.
struct Reading {
  uint64_t hash = 0x12345;
  uint64_t tail = 0;
  uint64_t head = 0;
  uint32_t letters = 0;
  uint32_t digits = 0;
  uint32_t uppers = 0;
  bool first_upper = false;
  bool cased = false;

  void take_lower(char c) {
    ++letters;
    cased = true;
    hash = mix(hash, static_cast<unsigned char>(c));
    tail = (tail << 16U) | static_cast<unsigned char>(c);
    if (letters + digits <= 4) head = (head << 16U) | static_cast<unsigned char>(c);
  }

  void take(const Letter& letter) {
    if (letters + digits == 0) first_upper = letter.kind == Letter::Kind::upper;
    if (letter.kind == Letter::Kind::digit) {
      ++digits;
    } else {
      ++letters;
      cased = cased || letter.kind != Letter::Kind::plain;
      uppers += letter.kind == Letter::Kind::upper ? 1U : 0U;
    }
    hash = mix(hash, letter.folded);
    tail = (tail << 16U) | letter.folded;
    if (letters + digits <= 4) head = (head << 16U) | letter.folded;
  }

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

std::size_t read_word(std::string_view text, std::size_t at, IdentityWord& out) {
  Reading reading;
  const std::size_t begin = at;
  const std::size_t stop = std::min(text.size(), begin + longest_word);
  while (at < stop) {
    if (text[at] >= 'a' && text[at] <= 'z') [[likely]] {
      reading.take_lower(text[at++]);
      continue;
    }
    const Letter letter = letter_at(text, at);
    if (letter.kind == Letter::Kind::none) {
      const std::size_t joiner = reading.letters > 0 ? joiner_at(text, at) : 0;
      // `Anna's`: the name ends before it.
      const bool genitive =
          joiner > 0 && text[at] != '-' && at + joiner + 1 <= text.size() && to_lower(text[at + joiner]) == 's' &&
          (at + joiner + 1 == text.size() || letter_at(text, at + joiner + 1).kind == Letter::Kind::none);
      if (joiner == 0 || genitive) break;
      reading.take({.kind = Letter::Kind::lower, .folded = static_cast<uint16_t>(text[at] == '-' ? '-' : '\'')});
      if (reading.uppers + 1 == reading.letters && reading.first_upper && reading.letters > 1) ++reading.uppers;
      at += joiner;
      if (reading.uppers > 0 && reading.uppers < reading.letters && letter_at(text, at).kind == Letter::Kind::upper) {
        reading.take({.kind = Letter::Kind::lower, .folded = letter_at(text, at).folded});  // `Jean-Luc`: one capital
        at += letter_at(text, at).size;
      }
      continue;
    }
    reading.take(letter);
    at += letter.size;
  }
  out.shape = reading.shape();
  out.key = reading.letters == 0 ? mix(0x777, reading.digits) : reading.hash;
  out.tail = reading.tail;
  out.head = reading.head;
  return at;
}

// A run of one mark; of blanks with a line break, all of them.
std::size_t read_mark(std::string_view text, std::size_t at, IdentityWord& out) {
  const std::size_t size = std::max<std::size_t>(1, is_ascii(text[at]) ? 1 : character_at(text, at).size);
  const std::string_view mark = text.substr(at, size);
  std::size_t end = at + size;
  while (end - at < longest_word && text.substr(end, size) == mark) end += size;
  out.shape = Shape::mark;
  out.key = 0x999;
  for (const char c : mark) out.key = mix(out.key, static_cast<unsigned char>(c));
  if (end - at > size) out.key = mix(out.key, 2);
  return end;
}

}  // namespace

bool IdentityLexicon::has(uint64_t key, IdentityList list) const {
  if (bits_.empty()) return false;
  const std::size_t block = (key >> 20U) & (bits_.size() / block_words - 1);
  const uint64_t* line = bits_.data() + block * block_words;
  const uint64_t places = mix(key, static_cast<uint64_t>(list) + 1) >> 8U;
  for (unsigned i = 0; i < 4; ++i) {
    const uint64_t place = (places >> (9 * i)) & 511U;
    if (((line[place / 64] >> (place % 64)) & 1U) == 0) return false;
  }
  return true;
}

uint8_t IdentityLexicon::lists(uint64_t key) const {
  uint8_t all = 0;
  for (unsigned list = 0; list < identity_lists; ++list) {
    all = static_cast<uint8_t>(all | (has(key, static_cast<IdentityList>(list)) ? 1U << list : 0U));
  }
  return all;
}

void IdentityLexicon::add(std::span<uint64_t> bits, uint64_t key, IdentityList list) {
  const std::size_t block = (key >> 20U) & (bits.size() / block_words - 1);
  const uint64_t places = mix(key, static_cast<uint64_t>(list) + 1) >> 8U;
  for (unsigned i = 0; i < 4; ++i) {
    const uint64_t place = (places >> (9 * i)) & 511U;
    bits[block * block_words + place / 64] |= uint64_t{1} << (place % 64);
  }
}

uint64_t identity_key(std::string_view word) {
  IdentityWord out{};
  if (!word.empty()) read_word(word, 0, out);
  return out.key;
}

void list_identity_word(IdentityWord& word, const IdentityLexicon& lexicon) {
  if (word.listed) return;
  word.listed = true;
  if (word.shape < Shape::one_digit) word.lists = lexicon.lists(word.key);
}

namespace {

// Most words are small and common, and nobody looks at them.
uint8_t first_lists(uint64_t key, const IdentityLexicon& lexicon) {
  const auto bit = [&](IdentityList list) { return lexicon.has(key, list) ? 1U << static_cast<unsigned>(list) : 0U; };
  const unsigned common = bit(IdentityList::common);
  return static_cast<uint8_t>(common | bit(IdentityList::street) | (common == 0 ? bit(IdentityList::given) : 0U));
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
    if (line) {
      word.shape = Shape::line;
      word.key = 0x555;
    } else if (end > at) {
      apart = true;
      at = end;
      continue;
    } else if (letter_at(text, at).kind != Letter::Kind::none) {
      end = read_word(text, at, word);
      word.listed = word.shape != Shape::lower;
      if (!word.listed) {
        word.lists = first_lists(word.key, lexicon);
      } else if (word.shape < Shape::one_digit) {
        word.lists = lexicon.lists(word.key);
      }
    } else {
      end = read_mark(text, at, word);
    }
    word.begin = static_cast<uint32_t>(at);
    word.end = static_cast<uint32_t>(end);
    word.glued = !apart;
    apart = line;
    at = end;
    ++count;
  }
  return count;
}

}  // namespace weir::guards
