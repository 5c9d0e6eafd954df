#include "report/text_table.h"

#include <algorithm>
#include <numeric>

#include "report/shown_text.h"

namespace weir::report {
namespace {

constexpr std::string_view gap = "  ";
constexpr std::size_t narrow_text = 10;       // a text column is not made narrower than this
constexpr std::size_t comfortable_text = 16;  // …and not than this while titles of numbers can still be wrapped

using Widths = std::vector<std::size_t>;

void add_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + '\n';
}

// A table with cells as they are shown.
class TableText {
 public:
  TableText(std::span<const Column> columns, std::span<const std::vector<std::string>> rows, std::size_t width)
      : columns_(columns.begin(), columns.end()), width_(width) {
    for (Column& column : columns_) column.title = shown(column.title);
    for (const auto& row : rows) {
      auto& cells = rows_.emplace_back();
      for (std::size_t i = 0; i < columns_.size(); ++i) cells.push_back(i < row.size() ? shown(row[i]) : std::string());
    }
  }

  [[nodiscard]] std::string render() const {
    if (columns_.empty()) return {};
    const Widths widths = layout();
    return widths.empty() ? as_records() : as_grid(widths);
  }

 private:
  [[nodiscard]] bool is_number(std::size_t column) const { return columns_[column].align == Align::right; }

  [[nodiscard]] std::size_t widest_cell(std::size_t column) const {
    std::size_t widest = 0;
    for (const auto& row : rows_) widest = std::max(widest, display_width(row[column]));
    return widest;
  }

  [[nodiscard]] bool fits(const Widths& widths) const {
    return std::accumulate(widths.begin(), widths.end(), (widths.size() - 1) * gap.size()) <= width_;
  }

  // The narrowest a column of text can be without a word being broken.
  [[nodiscard]] Widths longest_words() const {
    Widths words;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      std::size_t longest = longest_word(columns_[i].title);
      for (const auto& row : rows_) longest = std::max(longest, longest_word(row[i]));
      words.push_back(longest);
    }
    return words;
  }

  // Takes columns from the widest column of text, one at a time, as long as it is wider than `least` and its words.
  void shrink(Widths& widths, const Widths& words, std::size_t least) const {
    while (!fits(widths)) {
      std::size_t widest = widths.size();
      for (std::size_t i = 0; i < widths.size(); ++i) {
        if (is_number(i) || widths[i] <= std::max(least, words[i])) continue;
        if (widest == widths.size() || widths[i] > widths[widest]) widest = i;
      }
      if (widest == widths.size()) return;
      --widths[widest];
    }
  }

  // Empty when no layout is narrow enough: then the table is shown as records. Numbers are never broken; the titles
  // above them may be, between words.
  [[nodiscard]] Widths layout() const {
    Widths widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      widths.push_back(std::max(widest_cell(i), display_width(columns_[i].title)));
    }
    const Widths words = longest_words();
    shrink(widths, words, 2 * comfortable_text);
    if (fits(widths)) return widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (is_number(i)) widths[i] = std::max(widest_cell(i), longest_word(columns_[i].title));
    }
    shrink(widths, words, comfortable_text);
    shrink(widths, words, narrow_text);
    return fits(widths) ? widths : Widths{};
  }

  void add_row(std::string& out, const std::vector<std::string>& cells, const Widths& widths) const {
    std::vector<std::vector<std::string>> lines;
    std::size_t height = 1;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      lines.push_back(wrapped(cells[i], widths[i]));
      height = std::max(height, lines.back().size());
    }
    for (std::size_t y = 0; y < height; ++y) {
      std::string line;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string piece = y < lines[i].size() ? lines[i][y] : std::string();
        const std::string space(widths[i] - std::min(widths[i], display_width(piece)), ' ');
        line += (i > 0 ? std::string(gap) : "") + (is_number(i) ? space + piece : piece + space);
      }
      add_line(out, line);
    }
  }

  [[nodiscard]] std::string as_grid(const Widths& widths) const {
    std::string out;
    std::vector<std::string> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    add_row(out, titles, widths);
    for (const auto& row : rows_) add_row(out, row, widths);
    return out;
  }

  // One row after the other, a line a cell.
  [[nodiscard]] std::string as_records() const {
    std::size_t label = 0;
    for (const Column& column : columns_) label = std::max(label, display_width(column.title));
    label = std::min(label, width_ / 2);
    std::string out;
    for (const auto& row : rows_) {
      if (!out.empty()) out += '\n';
      for (std::size_t i = 0; i < columns_.size(); ++i) add_field(out, columns_[i].title, row[i], label);
    }
    return out;
  }

  void add_field(std::string& out, std::string_view title, std::string_view cell, std::size_t label) const {
    std::vector<std::string> titles = wrapped(title, label);
    std::vector<std::string> cells = wrapped(cell, width_ - label - gap.size());
    const std::size_t height = std::max(titles.size(), cells.size());
    titles.resize(height);
    cells.resize(height);
    for (std::size_t y = 0; y < height; ++y) {
      const std::string space(label - std::min(label, display_width(titles[y])), ' ');
      add_line(out, titles[y] + space + std::string(gap) + cells[y]);
    }
  }

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::size_t width_;
};

}  // namespace

std::string text_table(std::span<const Column> columns, std::span<const std::vector<std::string>> rows,
                       std::size_t width) {
  return TableText(columns, rows, std::max(width, least_width)).render();
}

}  // namespace weir::report
