// Text table: rows under titles for a terminal of a given width, the one way in which every command shows a table.
// Cells may hold anything: they go through `shown`. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace weir::report {

enum class Align : uint8_t { left, right };

// Numbers stand to the right, and are never broken.
struct Column {
  std::string title;
  Align align = Align::left;
};

inline constexpr std::size_t least_width = 20;  // less than that shows nothing to anybody

// Lines of at most `width` columns, broken between words only. Where the columns do not fit so, each row becomes a
// block of lines, a cell a line with its title before it.
[[nodiscard]] std::string text_table(std::span<const Column> columns, std::span<const std::vector<std::string>> rows,
                                     std::size_t width);

}  // namespace weir::report
