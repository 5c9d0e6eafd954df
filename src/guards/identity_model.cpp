#include "guards/identity_model.h"

#include <algorithm>
#include <climits>
#include <cstring>
#include <utility>

namespace weir::guards {
namespace {

constexpr std::string_view magic = "WEIRNAM1";
constexpr int never = INT_MIN / 4;
constexpr std::size_t around = 3;  // words beside one that may be a name, which are read with it

constexpr IdentityWord beyond{.begin = 0,
                              .end = 0,
                              .key = 0,
                              .tail = 0,
                              .head = 0,
                              .shape = Shape::edge,
                              .lists = 0,
                              .glued = false,
                              .listed = true};

uint32_t mixed(uint64_t a, uint64_t b) {
  uint64_t hash = (a ^ (b * 0xD6E8FEB86659FD93ULL)) * 0x9E3779B97F4A7C15ULL;
  hash ^= hash >> 32U;
  return static_cast<uint32_t>(hash * 0xD6E8FEB86659FD93ULL >> 32U);
}

// Form and lists of a word in one number.
uint64_t form(const IdentityWord& word) {
  return static_cast<uint64_t>(word.shape) | static_cast<uint64_t>(word.lists) << 4U | (word.glued ? 1ULL << 9U : 0);
}

// How far from nothing a person must be, whom the model sees in words that are often something else.
int least_margin(std::span<const IdentityWord> words, std::size_t first, std::size_t last) {
  const IdentityWord& word = words[first];
  const bool given = word.is(IdentityList::given);
  if (first < last) {
    // `A. Maya`, `I. America` of a list.
    const bool listed = word.shape == Shape::initial && last - first <= 2 &&
                        (first == 0 || words[first - 1].shape == Shape::line || words[first - 1].shape == Shape::mark);
    return listed ? 400 : 0;
  }
  if (word.shape == Shape::initial || word.shape == Shape::mark) return 600;
  if (word.shape == Shape::lower) return given ? 60 : 300;
  if (word.is(IdentityList::place) && !given) return 200;
  return given || word.is(IdentityList::family) ? 0 : 60;
}

template <typename T>
T take(std::string_view& bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

// So far from any name by itself that what stands around it does not help.
bool is_hopeless(const std::array<int, IdentityModel::tags>& scores) {
  constexpr int help = 100;
  return *std::max_element(scores.begin() + 1, scores.end()) + help < scores.front();
}

bool has_number_around(std::span<const IdentityWord> words, std::size_t at) {
  const std::size_t from = at - std::min<std::size_t>(at, 4);
  const auto near = words.subspan(from, std::min<std::size_t>(words.size() - from, 9));
  return std::any_of(near.begin(), near.end(), [](const IdentityWord& word) {
    return word.shape >= Shape::one_digit && word.shape <= Shape::lettered;
  });
}

bool may_follow(std::size_t before, std::size_t tag) {
  if (tag == 2) return before == 1 || before == 2;
  if (tag == 4) return before == 3 || before == 4;
  return true;
}

}  // namespace

std::optional<IdentityModel> IdentityModel::read(std::string_view bytes) {
  constexpr std::size_t head = magic.size() + 2 * sizeof(uint32_t) + tags * (tags + 1) * sizeof(int16_t);
  if (bytes.size() < head || !bytes.starts_with(magic)) return std::nullopt;
  bytes.remove_prefix(magic.size());
  const std::size_t blocks = take<uint32_t>(bytes);
  const std::size_t rows = take<uint32_t>(bytes);
  const auto is_power = [](std::size_t n) { return n > 0 && (n & (n - 1)) == 0 && n <= (1U << 24U); };
  if (!is_power(blocks) || rows == 0 || rows > (1U << 24U)) return std::nullopt;
  IdentityModel model;
  for (auto& from : model.transitions_) {
    for (int& to : from) to = take<int16_t>(bytes);
  }
  const std::size_t words = blocks * IdentityLexicon::block_words;
  if (bytes.size() != words * sizeof(uint64_t) + rows * (sizeof(uint16_t) + tags)) return std::nullopt;
  model.lexicon_bits_.resize(words);
  std::memcpy(model.lexicon_bits_.data(), bytes.data(), words * sizeof(uint64_t));
  bytes.remove_prefix(words * sizeof(uint64_t));
  model.lexicon_ = IdentityLexicon(model.lexicon_bits_);
  model.rows_.resize(rows);
  for (Row& row : model.rows_) {
    row.mark = take<uint16_t>(bytes);
    for (std::size_t tag = 0; tag < tags; ++tag) row.weights[tag] = static_cast<int8_t>(bytes[tag]);
    bytes.remove_prefix(tags);
  }
  return model;
}

// Most words of most texts are none: capitals that no text writes small, given names, numbers of five digits, and words
// of streets with a number nearby are looked at.
bool IdentityModel::may_be(std::span<const IdentityWord> words, std::size_t at) {
  const IdentityWord& word = words[at];
  const bool common = word.is(IdentityList::common);
  const bool given = word.is(IdentityList::given);
  switch (word.shape) {
    case Shape::capital:
    case Shape::capitals:
      return !common || given;
    case Shape::mixed:
      return !common && (given || word.is(IdentityList::family));
    case Shape::lower:
      if (!common && given) return true;
      return word.is(IdentityList::street) && has_number_around(words, at);
    case Shape::five_digits:
      return true;
    default:
      return false;
  }
}

std::size_t IdentityModel::features_of(std::span<const IdentityWord> words, std::size_t at,
                                       std::array<uint32_t, features>& out) {
  const auto word = [&](std::ptrdiff_t offset) -> const IdentityWord& {
    const auto place = static_cast<std::ptrdiff_t>(at) + offset;
    return place >= 0 && place < static_cast<std::ptrdiff_t>(words.size()) ? words[static_cast<std::size_t>(place)]
                                                                           : beyond;
  };
  const IdentityWord& here = word(0);
  const IdentityWord& left = word(-1);
  const IdentityWord& right = word(1);
  const uint64_t f = form(here);
  const uint64_t fl = form(left);
  const uint64_t fr = form(right);
  const uint64_t fll = form(word(-2));
  const uint64_t frr = form(word(2));
  std::size_t count = 0;
  uint64_t kind = 0;
  const auto add = [&](uint64_t value) { out[count++] = mixed(value, ++kind); };
  const auto join = [](uint64_t a, uint64_t b) { return a * 0x100000001B3ULL + b; };
  add(here.key);
  add(left.key);
  add(right.key);
  add(word(-2).key);
  add(word(2).key);
  add(join(here.key, f));
  add(f);
  add(fl);
  add(fr);
  add(fll);
  add(frr);
  add(form(word(-3)));
  add(form(word(3)));
  add(join(f, fl));
  add(join(f, fr));
  add(join(join(f, fl), fr));
  add(join(join(f, fl), fll));
  add(join(join(f, fr), frr));
  add(join(join(join(join(f, fr), frr), fl), fll));
  add(join(left.key, f));
  add(join(right.key, f));
  add(join(word(-2).key, f));
  add(join(word(2).key, f));
  add(join(left.key, here.key));
  add(join(here.key, right.key));
  add(join(left.key, right.key));
  add(join(left.key, word(-2).key));
  add(join(join(left.key, word(-2).key), f));
  add(join(right.key, word(2).key));
  add(join(join(left.key, right.key), f));
  add(join(join(left.key, f), fr));
  add(join(join(right.key, f), fl));
  add(join(join(word(-2).key, fl), f));
  add(join(join(word(2).key, fr), f));
  add(here.tail);
  add(here.tail & 0xFFFFFFFFFFFFULL);
  add(join(here.tail & 0xFFFFFFFFULL, f));
  add(here.head & 0xFFFFFFFFFFFFULL);
  add(join(left.tail & 0xFFFFFFFFFFFFULL, f));
  add(join(right.tail & 0xFFFFFFFFFFFFULL, f));
  add(left.tail);
  add(right.tail);
  add(join(word(-3).key, f));
  return count;
}

std::size_t IdentityModel::find(std::string_view text, std::span<IdentitySpan> out) const {
  std::array<IdentityWord, longest_text> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): as many as are read
  std::size_t at = 0;
  const std::span<IdentityWord> words(buffer.data(),
                                      read_identity_words(text.substr(0, longest_text), at, lexicon_, buffer));
  std::size_t count = 0;
  std::size_t begin = 0;
  std::size_t end = 0;  // of the island that is being gathered; none: the same
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!may_be(words, i)) continue;
    for (std::size_t k = i - std::min(i, 2 * around); k < std::min(words.size(), i + 2 * around + 1); ++k) {
      list_identity_word(words[k], lexicon_);
    }
    if (is_hopeless(weigh(words, i))) continue;
    const std::size_t from = i - std::min(i, around);
    if (end > begin && (from > end || i + around + 1 - begin > longest_island)) {
      count += read_island(words, begin, end, out.subspan(count));
      begin = end = std::max(from, end);
    }
    if (begin == end) begin = std::max(from, end);
    end = std::min(words.size(), i + around + 1);
  }
  if (end > begin) count += read_island(words, begin, end, out.subspan(count));
  return count;
}

// Whether a row is that of a feature can't be foretold, so it is added either way, as it is or as nothing. All tags at
// once: no sum leaves 16 bits, for `features` is 48 and no weight is above 127.
IdentityModel::Scores IdentityModel::weigh(std::span<const IdentityWord> words, std::size_t at) const {
  using Bytes = int8_t __attribute__((vector_size(8)));
  using Sums = int16_t __attribute__((vector_size(16)));
  std::array<uint32_t, features> hashes;
  const std::size_t count = features_of(words, at, hashes);
  Sums sums{};
  for (std::size_t k = 0; k < count; ++k) {
    const Row& row = rows_[row_of(hashes[k], rows_.size())];
    uint64_t bits = 0;
    std::memcpy(&bits, &row, sizeof bits);
    bits &= uint64_t{0} - static_cast<uint64_t>(row.mark == mark_of(hashes[k]));
    Bytes bytes;
    std::memcpy(&bytes, &bits, sizeof bytes);
    sums += __builtin_convertvector(bytes, Sums);
  }
  Scores scores{};
  for (std::size_t tag = 0; tag < tags; ++tag) scores[tag] = sums[mark_bytes + tag];
  return scores;
}

std::size_t IdentityModel::read_island(std::span<const IdentityWord> words, std::size_t begin, std::size_t end,
                                       std::span<IdentitySpan> out) const {
  std::array<Scores, longest_island + around> own;      // of the word alone
  std::array<Scores, longest_island + around> reached;  // best way from the beginning to here
  const std::size_t size = end - begin;
  for (std::size_t i = 0; i < size; ++i) {
    own[i] = weigh(words, begin + i);
    const Scores& scores = own[i];
    for (std::size_t tag = 0; tag < tags; ++tag) {
      int best = never;
      if (i == 0) {
        best = tag == 2 || tag == 4 ? never : transitions_[0][tag];
      } else {
        for (std::size_t before = 0; before < tags; ++before) {
          if (may_follow(before, tag)) best = std::max(best, reached[i - 1][before] + transitions_[before + 1][tag]);
        }
      }
      reached[i][tag] = best + scores[tag];
    }
  }
  const int all = *std::max_element(reached[size - 1].begin(), reached[size - 1].end());
  // Backwards: the best way from here to the end, and with it the best through each tag.
  std::array<uint8_t, longest_island + around> tag_of;
  std::array<int, longest_island + around> margin;
  Scores ahead{};
  std::size_t next_tag = tags;
  for (std::size_t i = size; i-- > 0;) {
    if (i + 1 < size) {
      Scores before{};
      for (std::size_t tag = 0; tag < tags; ++tag) {
        int best = never;
        for (std::size_t after = 0; after < tags; ++after) {
          if (may_follow(tag, after))
            best = std::max(best, transitions_[tag + 1][after] + own[i + 1][after] + ahead[after]);
        }
        before[tag] = best;
      }
      ahead = before;
    }
    std::size_t best_tag = 0;
    int best = never;
    for (std::size_t tag = 0; tag < tags; ++tag) {
      // Along the one best way.
      const int through = next_tag == tags            ? reached[i][tag]
                          : may_follow(tag, next_tag) ? reached[i][tag] + transitions_[tag + 1][next_tag]
                                                      : never;
      if (through > best) {
        best = through;
        best_tag = tag;
      }
    }
    next_tag = best_tag;
    tag_of[i] = static_cast<uint8_t>(best_tag);
    margin[i] = all - (reached[i][0] + ahead[0]);
  }
  std::size_t count = 0;
  for (std::size_t i = 0; i < size && count < out.size(); ++i) {
    if (tag_of[i] == 0) continue;
    std::size_t last = i;
    int most = margin[i];
    while (last + 1 < size && tag_of[last + 1] == tag_of[i] + 1 && (tag_of[i] & 1U) == 1)
      most = std::max(most, margin[++last]);
    const bool person = tag_of[i] < 3;
    const std::size_t first = std::exchange(i, last);
    if (person && most < least_margin(words, begin + first, begin + last)) continue;
    out[count++] = {.kind = person ? IdentityKind::person : IdentityKind::address,
                    .begin = words[begin + first].begin,
                    .end = words[begin + last].end,
                    .margin = most};
  }
  return count;
}

}  // namespace weir::guards
