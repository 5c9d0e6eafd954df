#include "guards/randomness.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>

#include "guards/characters.h"

namespace weir::guards {
namespace {

// By first letter, a bit for each second one: the 284 pairs that 97.5 % of those in words of documentation and code
// are, counted over English, German, French, Spanish and Italian words. Any pair is one of them with 42 %.
constexpr std::array<uint32_t, 26> usual_pairs = {
    0x13EBD4E, 0x1164B11, 0x01E4D95, 0x0164919, 0x1EFF9FF, 0x11AC931, 0x016E991, 0x01A4911, 0x2AEF87F,
    0x0140010, 0x0040111, 0x11C4939, 0x014D113, 0x17CEDFD, 0x07EFD6E, 0x11ED915, 0x0100000, 0x17EFD5D,
    0x15ECD9D, 0x35EE99D, 0x00EB97F, 0x0000111, 0x0464191, 0x0088014, 0x00EC000, 0x0100010};

bool is_usual(char first, char second) {
  const auto row = usual_pairs[static_cast<std::size_t>(to_lower(first) - 'a')];
  return ((row >> static_cast<uint32_t>(to_lower(second) - 'a')) & 1U) != 0;
}

struct Pairs {
  std::size_t all = 0;
  std::size_t usual = 0;
  std::size_t turns = 0;  // from a small letter to a capital, or between letter and digit
};

Pairs pairs_of(std::string_view run) {
  Pairs pairs;
  for (std::size_t i = 1; i < run.size(); ++i) {
    const char a = run[i - 1];
    const char b = run[i];
    if (!is_alnum(a) || !is_alnum(b)) continue;
    const bool hump = is_alpha(a) && !is_upper(a) && is_upper(b);
    if (hump || is_digit(a) != is_digit(b)) ++pairs.turns;
    if (hump || !is_alpha(a) || !is_alpha(b)) continue;
    ++pairs.all;
    pairs.usual += is_usual(a, b) ? 1 : 0;
  }
  return pairs;
}

// Few characters, or each the one before plus one, as in what stands for a key: `xxxxxxxx`, `0123456789abcdef`.
bool is_filler(std::string_view run) {
  std::bitset<256> seen;
  std::size_t steps = 0;
  for (std::size_t i = 0; i < run.size(); ++i) {
    seen.set(static_cast<unsigned char>(run[i]));
    if (i > 0 && run[i] - run[i - 1] == 1) ++steps;
  }
  const std::size_t kinds = seen.count();
  return kinds < 5 || (kinds < 8 && run.size() > 24) || steps * 10 > run.size() * 9;
}

std::size_t longest_piece(std::string_view run) {
  std::size_t longest = 0;
  std::size_t size = 0;
  for (const char c : run) {
    size = is_alnum(c) ? size + 1 : 0;
    longest = std::max(longest, size);
  }
  return longest;
}

}  // namespace

bool looks_like_words(std::string_view run) {
  constexpr std::size_t enough_pairs = 5;
  const Pairs pairs = pairs_of(run);
  if (pairs.all < enough_pairs) return false;
  const bool even = pairs.turns * 4 <= run.size();  // of random letters and digits every second one is a turn
  return even && pairs.usual * 100 >= pairs.all * 78;
}

bool looks_random(std::string_view run) {
  constexpr std::size_t shortest_piece = 8;
  if (longest_piece(run) < shortest_piece || is_filler(run)) return false;
  if (std::none_of(run.begin(), run.end(), is_alpha)) return false;
  return !looks_like_words(run);
}

}  // namespace weir::guards
