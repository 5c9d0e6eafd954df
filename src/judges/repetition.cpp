#include "judges/repetition.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "judges/answer_text.h"

namespace weir {
namespace {

constexpr std::size_t tail = 3000;  // bytes of the end that are looked at
constexpr std::size_t longest_period = 600;
constexpr std::size_t least_repeated = 90;  // bytes
constexpr std::size_t least_times = 4;
constexpr std::size_t least_line = 12;  // bytes: shorter ones (`}`, `---`) come often
constexpr std::size_t least_lines = 8;

bool has_letter(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (is_letter(next_character(text, at))) return true;
  }
  return false;
}

// The shortest period in which the end of the text goes on for long enough: by the lengths of the common prefixes of
// the reversed text with what follows in it (Z-algorithm).
bool end_is_periodic(std::string_view text) {
  std::string reversed(text.substr(text.size() - std::min(text.size(), tail)));
  std::reverse(reversed.begin(), reversed.end());
  const auto size = reversed.size();
  std::vector<std::size_t> common(size, 0);
  std::size_t left = 0;
  std::size_t right = 0;
  for (std::size_t i = 1; i < size; ++i) {
    if (i < right) common[i] = std::min(right - i, common[i - left]);
    while (i + common[i] < size && reversed[common[i]] == reversed[i + common[i]]) ++common[i];
    if (i + common[i] > right) {
      left = i;
      right = i + common[i];
    }
  }
  for (std::size_t period = 1; period < std::min(size, longest_period); ++period) {
    const auto repeated = common[period] + period;
    if (repeated < std::max(least_repeated, least_times * period)) continue;
    // A line of dashes, a table of zeros, a picture of bits are no loss of oneself unless they go on and on.
    if (has_letter(text.substr(text.size() - period)) || repeated >= tail / 2) return true;
  }
  return false;
}

bool most_are_the_same(const std::vector<std::string>& lines) {
  if (lines.size() < least_lines) return false;
  std::unordered_map<std::string_view, std::size_t> times;
  std::size_t most = 0;
  for (const auto& line : lines) most = std::max(most, ++times[line]);
  return most * 2 > lines.size() || times.size() * 3 < lines.size();
}

std::vector<std::string> split(std::string_view text, std::string_view ends) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = text.find_first_of(ends);
    auto one = normalised(text.substr(0, end));
    if (one.size() >= least_line) parts.push_back(std::move(one));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parts;
}

}  // namespace

bool repeats_itself(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  if (text.size() < least_repeated) return false;
  return end_is_periodic(text) || most_are_the_same(split(text, "\n")) || most_are_the_same(split(text, ".!?\n"));
}

}  // namespace weir
