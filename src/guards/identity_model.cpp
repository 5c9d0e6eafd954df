#include "guards/identity_model.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::guards {
namespace {

constexpr std::string_view magic = "WEIRNAM2";
constexpr std::size_t around = 3;  // words beside one that may be a name, which are read with it
// What no way leads over. Scores and transitions are far smaller, and no two of these sums leave 16 bits.
constexpr int16_t never = -16000;
constexpr int16_t least_reached = -12000;

// One multiplication for each feature: its upper half is the hash.
uint32_t upper_half(uint64_t sum, uint64_t kind) {
  return static_cast<uint32_t>(((sum + kind * 0xA24BAED4963EE407ULL) * 0x9E3779B97F4A7C15ULL) >> 32U);
}

// How far from nothing a person must be, whom the model sees in words that are often something else.
int least_margin(std::span<const IdentityWord> words, std::size_t first, std::size_t last) {
  const IdentityWord& word = words[first];
  const bool given = word.is(IdentityList::given);
  if (first + 1 == last && word.shape == Shape::initial && words[last].shape == Shape::mark) return 600;
  if (first < last && word.shape == Shape::lower && words[last].shape == Shape::lower) return 120;
  if (first < last) {
    // `A. Maya`, `I. America` of a list.
    const bool listed = word.shape == Shape::initial && last - first <= 2 &&
                        (first == 0 || words[first - 1].shape == Shape::line || words[first - 1].shape == Shape::mark);
    return listed ? 400 : 0;
  }
  if (word.shape == Shape::initial || word.shape == Shape::mark) return 600;
  if (word.shape == Shape::lower) return given ? 60 : 300;
  if (word.is(IdentityList::place) && !given) return 200;
  return given || word.is(IdentityList::family) ? 0 : 90;
}

template <typename T>
T take(std::string_view& bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

// So far from any name by itself that what stands around it does not help.
bool is_hopeless(const IdentityModel::Scores& scores) {
  constexpr int help = 100;
  return std::max({scores[1], scores[2], scores[3], scores[4]}) + help < scores[0];
}

using Scores = IdentityModel::Scores;

Scores all_of(int16_t value) { return Scores{} + value; }
Scores larger(const Scores& a, const Scores& b) { return a > b ? a : b; }

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
  constexpr std::size_t head = magic.size() + 3 * sizeof(uint32_t) + tags * (tags + 1) * sizeof(int16_t);
  if (bytes.size() < head || !bytes.starts_with(magic)) return std::nullopt;
  bytes.remove_prefix(magic.size());
  const std::size_t blocks = take<uint32_t>(bytes);
  const std::size_t slots = take<uint32_t>(bytes);
  const std::size_t rows = take<uint32_t>(bytes);
  const auto is_power = [](std::size_t n) { return n > 0 && (n & (n - 1)) == 0 && n <= (1U << 24U); };
  if (!is_power(blocks) || !is_power(slots) || rows == 0 || rows > (1U << 24U)) return std::nullopt;
  IdentityModel model;
  for (std::size_t tag = 0; tag < tags; ++tag) {
    const auto value = take<int16_t>(bytes);
    model.at_first_[tag] = may_follow(0, tag) ? value : never;
  }
  for (std::size_t before = 0; before < tags; ++before) {
    for (std::size_t tag = 0; tag < tags; ++tag) {
      const auto value = take<int16_t>(bytes);
      model.from_[before][tag] = model.to_[tag][before] = may_follow(before, tag) ? value : never;
    }
  }
  const std::size_t entries = blocks * IdentityLexicon::block_entries;
  if (bytes.size() != entries * sizeof(uint16_t) + slots * sizeof(uint32_t) + rows * (sizeof(uint16_t) + tags))
    return std::nullopt;
  model.lexicon_blocks_.resize(entries);
  std::memcpy(model.lexicon_blocks_.data(), bytes.data(), entries * sizeof(uint16_t));
  bytes.remove_prefix(entries * sizeof(uint16_t));
  model.lexicon_slots_.resize(slots);
  std::memcpy(model.lexicon_slots_.data(), bytes.data(), slots * sizeof(uint32_t));
  bytes.remove_prefix(slots * sizeof(uint32_t));
  model.lexicon_ = IdentityLexicon(model.lexicon_blocks_, model.lexicon_slots_);
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
      return !common || given || (word.is(IdentityList::street) && has_number_around(words, at));
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

std::array<uint32_t, IdentityModel::features> IdentityModel::features_of(const IdentityWord* word) {
  const IdentityWord& here = word[0];
  const IdentityWord& left = word[-1];
  const IdentityWord& right = word[1];
  const IdentityWord& second_left = word[-2];
  const IdentityWord& second_right = word[2];
  // What is joined is added up, each at its place times an odd number of its own.
  constexpr uint64_t of_here = 0xD6E8FEB86659FD93ULL;
  constexpr uint64_t of_left = 0xC2B2AE3D27D4EB4FULL;
  constexpr uint64_t of_right = 0x165667B19E3779F9ULL;
  constexpr uint64_t of_second_left = 0x27D4EB2F165667C5ULL;
  constexpr uint64_t of_second_right = 0x85EBCA77C2B2AE63ULL;
  const uint64_t f = here.form * of_here;
  const uint64_t fl = left.form * of_left;
  const uint64_t fr = right.form * of_right;
  const uint64_t fll = second_left.form * of_second_left;
  const uint64_t frr = second_right.form * of_second_right;
  const uint64_t k = here.key * of_second_left;
  const uint64_t kl = left.key;
  const uint64_t kr = right.key * of_second_right;
  const uint64_t kll = second_left.key * of_right;
  const uint64_t krr = second_right.key * of_left;
  const uint64_t cl = left.of * of_right;
  const uint64_t cr = right.of * of_left;
  const uint64_t cll = second_left.of * of_second_right;
  const uint64_t crr = second_right.of * of_second_left;
  const std::array<uint64_t, features> sums = {
      k,
      k + f,
      f,
      f + fl,
      f + fr,
      f + fl + fr,
      f + fl + fll,
      f + fr + frr,
      f + fl + fr + fll + frr,
      f + word[-3].form * of_left,
      f + word[3].form * of_right,
      kl + f,
      kr + f,
      kll + f,
      krr + f,
      kl + k,
      k + kr,
      kl + kr + f,
      kl + kll + f,
      kr + krr + f,
      kl + f + fr,
      kr + f + fl,
      kll + fl + f,
      krr + fr + f,
      here.tail * of_left,
      (here.tail >> 8U) * of_left,
      (here.tail >> 16U) * of_left + f,
      (here.head & 0xFFFFFFU) * of_right,
      (left.tail >> 8U) * of_left + f,
      (right.tail >> 8U) * of_right + f,
      cl + f,
      cr + f,
      cll + f,
      crr + f,
      cl + cr + f,
      cr + crr + f,
      cl + cll + f,
      kl,
      kr,
      kll,
      krr,
      fl,
      fr,
      left.tail * of_left,
      right.tail * of_right,
  };
  std::array<uint32_t, features> hashes;  // NOLINT(cppcoreguidelines-pro-type-member-init): all are put
  for (std::size_t i = 0; i < features; ++i) hashes[i] = upper_half(sums[i], i);
  return hashes;
}

// What is read at one time, and what was found out about it so far.
struct IdentityModel::Sheet {
  std::array<IdentityWord, longest_text + 2 * beside> buffer;
  std::span<IdentityWord> words;  // those of the text, with others beside them
  std::array<Scores, longest_text> scores;
  std::array<bool, longest_text> weighed;
};

const IdentityModel::Scores& IdentityModel::score(Sheet& sheet, std::size_t at) const {
  if (!sheet.weighed[at]) {
    sheet.scores[at] = weigh(&sheet.words[at]);
    sheet.weighed[at] = true;
  }
  return sheet.scores[at];
}

std::size_t IdentityModel::find(std::string_view text, std::span<IdentitySpan> out) const {
  Sheet sheet;  // NOLINT(cppcoreguidelines-pro-type-member-init): as much as is read
  std::size_t at = 0;
  const std::span<IdentityWord> room = std::span(sheet.buffer).subspan(beside, longest_text);
  sheet.words = room.first(read_identity_words(text.substr(0, longest_text), at, lexicon_, room));
  std::fill_n(sheet.words.data() - beside, beside, beyond_text);
  std::fill_n(sheet.words.data() + sheet.words.size(), beside, beyond_text);
  const std::span<IdentityWord> words = sheet.words;
  std::fill_n(sheet.weighed.begin(), words.size(), false);
  std::size_t count = 0;
  std::size_t done = 0;  // words before it were read
  Island island;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i < done || !may_be(words, i) || is_hopeless(score(sheet, i))) continue;
    const std::size_t from = std::max(done, i - std::min(i, around));
    if (island.begin < island.end && (from > island.end || i + around + 1 - island.begin > longest_island)) {
      count += read_whole(sheet, island, done, out.subspan(count));
      done = island.end;
      island = {};
      if (i < done) continue;
    }
    if (island.begin == island.end) island.begin = std::max(from, done);
    island.end = std::min(words.size(), i + around + 1);
  }
  if (island.begin < island.end) count += read_whole(sheet, island, done, out.subspan(count));
  return count;
}

// An address at an edge of what is read may go on beyond it: so far more is read, until none does.
std::size_t IdentityModel::read_whole(Sheet& sheet, Island& island, std::size_t done,
                                      std::span<IdentitySpan> out) const {
  constexpr std::size_t near = 3;
  const std::span<const IdentityWord> words = sheet.words;
  for (;;) {
    const std::size_t count = read_island(sheet, island.begin, island.end, out);
    const auto found = out.first(count);
    const auto reaches = [&](bool begin) {
      return std::any_of(found.begin(), found.end(), [&](const IdentitySpan& span) {
        return span.kind == IdentityKind::address &&
               (begin ? span.begin <= words[std::min(island.begin + near, island.end - 1)].begin
                      : span.end >= words[island.end - std::min(near + 1, island.end - island.begin)].end);
      });
    };
    const bool back = island.begin > done && reaches(true);
    const bool on = island.end < words.size() && reaches(false);
    const std::size_t more = island.end - island.begin;  // twice as many each time
    const Island wider{.begin = back ? std::max(done, island.begin - std::min(island.begin, more)) : island.begin,
                       .end = on ? std::min(words.size(), island.end + more) : island.end};
    if ((!back && !on) || wider.end - wider.begin > longest_island) return count;
    island = wider;
  }
}

// Whether a row is that of a feature can't be foretold, so it is added either way, as it is or as nothing. All tags at
// once: no sum leaves 16 bits, for there are few features and no weight is above 127.
IdentityModel::Scores IdentityModel::weigh(const IdentityWord* word) const {
  using Bytes = int8_t __attribute__((vector_size(8)));
  constexpr Scores of_tags = {-1, -1, -1, -1, -1, 0, 0, 0};
  const std::array<uint32_t, features> hashes = features_of(word);
  Scores sums{};
  const Row* rows = rows_.data();
  const std::size_t size = rows_.size();
  for (const uint32_t hash : hashes) {
    const Row& row = rows[row_of(hash, size)];
    uint64_t bits = 0;
    std::memcpy(&bits, &row, sizeof bits);
    bits &= uint64_t{0} - static_cast<uint64_t>(row.mark == mark_of(hash));
    Bytes bytes;
    std::memcpy(&bytes, &bits, sizeof bytes);
    sums += __builtin_convertvector(bytes, Scores);
  }
  sums &= of_tags;
  return larger(all_of(-most_score), -larger(all_of(-most_score), -sums));
}

// Along an island, all relative to the way that ends in nothing: what that one is worth is counted apart.
struct IdentityModel::Ways {
  static constexpr std::size_t most = longest_island + around;
  std::size_t size = 0;
  std::array<Scores, most> reached;  // the best way to each tag of a word
  std::array<int, most> nothing;     // what the one to none is worth
  std::array<uint8_t, most> tag;     // of the best way of all
  std::array<int, most> margin;      // how much worse the best one through nothing is
  int best = 0;
};

bool IdentityModel::go(Sheet& sheet, std::size_t begin, Ways& ways) const {
  int nothing = 0;
  Scores reached = at_first_;
  for (std::size_t i = 0; i < ways.size; ++i) {
    if (i > 0) {
      const Scores before = reached;
      reached = all_of(before[0]) + from_[0];
      for (std::size_t tag = 1; tag < tags; ++tag) reached = larger(reached, all_of(before[tag]) + from_[tag]);
    }
    reached += score(sheet, begin + i);
    nothing += reached[0];
    reached = larger(reached - all_of(reached[0]), all_of(least_reached));
    ways.nothing[i] = nothing;
    ways.reached[i] = reached;
  }
  std::size_t tag = 0;
  for (std::size_t other = 1; other < tags; ++other) tag = reached[other] > reached[tag] ? other : tag;
  ways.best = nothing + reached[tag];
  bool any = false;
  for (std::size_t i = ways.size; i-- > 0;) {
    ways.tag[i] = static_cast<uint8_t>(tag);
    any = any || tag != 0;
    if (i == 0) break;
    const Scores through = ways.reached[i - 1] + to_[tag];
    tag = 0;
    for (std::size_t before = 1; before < tags; ++before) tag = through[before] > through[tag] ? before : tag;
  }
  return any;
}

void IdentityModel::go_back(Sheet& sheet, std::size_t begin, Ways& ways) const {
  int nothing = 0;
  Scores ahead{};
  for (std::size_t i = ways.size; i-- > 0;) {
    if (i + 1 < ways.size) {
      const Scores next = ahead + score(sheet, begin + i + 1);
      ahead = all_of(next[0]) + to_[0];
      for (std::size_t tag = 1; tag < tags; ++tag) ahead = larger(ahead, all_of(next[tag]) + to_[tag]);
      nothing += ahead[0];
      ahead = larger(ahead - all_of(ahead[0]), all_of(least_reached));
    }
    ways.margin[i] = ways.best - (ways.nothing[i] + nothing);
  }
}

std::size_t IdentityModel::read_island(Sheet& sheet, std::size_t begin, std::size_t end,
                                       std::span<IdentitySpan> out) const {
  const std::span<const IdentityWord> words = sheet.words;
  Ways ways;  // NOLINT(cppcoreguidelines-pro-type-member-init): as many as there are words
  ways.size = end - begin;
  if (!go(sheet, begin, ways)) return 0;
  go_back(sheet, begin, ways);
  const std::size_t size = ways.size;
  std::size_t count = 0;
  for (std::size_t i = 0; i < size && count < out.size(); ++i) {
    if (ways.tag[i] == 0) continue;
    std::size_t last = i;
    int most = ways.margin[i];
    while (last + 1 < size && ways.tag[last + 1] == ways.tag[i] + 1 && (ways.tag[i] & 1U) == 1)
      most = std::max(most, ways.margin[++last]);
    const bool person = ways.tag[i] < 3;
    std::size_t first = std::exchange(i, last);
    while (first < last && words[begin + first].shape == Shape::line) ++first;
    while (first < last && words[begin + last].shape == Shape::line) --last;
    if (person && most < least_margin(words, begin + first, begin + last)) continue;
    out[count++] = {.kind = person ? IdentityKind::person : IdentityKind::address,
                    .begin = words[begin + first].begin,
                    .end = words[begin + last].end,
                    .margin = most};
  }
  return count;
}

}  // namespace weir::guards
