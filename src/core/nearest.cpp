#include "core/nearest.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>

namespace weir {
namespace {

// Longer names are compared by their beginnings: a message helps people, and nobody types more than this by hand.
constexpr std::size_t longest = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string folded(std::string_view text) {
  std::string out(text.substr(0, longest));
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

// Optimal string alignment distance, three rows.
std::size_t distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, longest + 1>;
  Row before{}, last{}, now{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before[j - 2] + 1);
    }
    before = last;
    last = now;
  }
  return last[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view text, std::span<const std::string_view> names) {
  if (text.empty()) return {};
  const std::string wanted = folded(text);
  std::string_view best;
  auto best_distance = std::numeric_limits<std::size_t>::max();
  for (const auto name : names) {
    const std::string candidate = folded(name);
    if (candidate.empty()) continue;
    auto apart = distance(wanted, candidate);
    const auto shorter = std::min(wanted.size(), candidate.size());
    const bool prefix = shorter >= 3 && wanted.compare(0, shorter, candidate, 0, shorter) == 0;
    if (!prefix && apart * 5 > 2 * std::max(wanted.size(), candidate.size())) continue;
    if (apart < best_distance) {
      best_distance = apart;
      best = name;
    }
  }
  return best;
}

}  // namespace weir
