// Words in one text, in which a sign parts them: how guards write their lists. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace weir::guards {

template <typename Take>
constexpr void each_listed(std::string_view list, Take take, char between = '|') {
  while (!list.empty()) {
    const std::string_view word = list.substr(0, list.find(between));
    take(word);
    list.remove_prefix(std::min(word.size() + 1, list.size()));
  }
}

// For tables at compile time, of an array of structs that hold such a text (`&Row::words`): all its words, one row
// behind the other; and for each of them what its row says (`&Row::kind`).
template <const auto& rows, auto text>
constexpr std::size_t listed_count = [] {
  std::size_t count = 0;
  for (const auto& row : rows) each_listed(row.*text, [&count](std::string_view) { ++count; });
  return count;
}();

template <const auto& rows, auto text>
constexpr auto listed_words = [] {
  std::array<std::string_view, listed_count<rows, text>> words{};
  std::size_t n = 0;
  for (const auto& row : rows) each_listed(row.*text, [&](std::string_view word) { words[n++] = word; });
  return words;
}();

template <const auto& rows, auto text, auto of>
constexpr auto listed_rows = [] {
  std::array<std::remove_cvref_t<decltype(rows[0].*of)>, listed_count<rows, text>> all{};
  std::size_t n = 0;
  for (const auto& row : rows) each_listed(row.*text, [&](std::string_view) { all[n++] = row.*of; });
  return all;
}();

}  // namespace weir::guards
