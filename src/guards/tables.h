// Tables inside texts (CSV, TSV, Markdown), where the header of a column or the first cell of a row names what the
// cells hold. For each row that has something named a line is written as people write it, `ssn: 536904399`, which
// guards can read. Found by the words of headers only; rows are read as the scan of the text goes on, so the work stays
// linear.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace weir::guards {

// The words by which headers are known; as triggers.
[[nodiscard]] std::span<const std::string_view> header_words();

class Tables {
 public:
  explicit Tables(std::string_view text) : text_(text) {}

  // One of the header words stands at [begin, end).
  void see(std::size_t begin, std::size_t end);
  // Whether a row ends before `at`: then `next` gives it.
  [[nodiscard]] bool has_row(std::size_t at) const { return next_row_ < row_end_ && row_end_ <= at; }

  struct Row {
    std::string_view line;  // "" when nothing in it is named; valid until the next call
    std::size_t begin = 0;  // of the row in the text
    std::size_t end = 0;
  };
  [[nodiscard]] Row next();

 private:
  static constexpr std::size_t most_columns = 8;
  static constexpr std::size_t longest_label = 40;
  static constexpr std::size_t longest_cell = 96;
  static constexpr std::size_t longest_header = 1024;
  static constexpr std::size_t longest_row = 4096;

  struct Column {
    std::size_t index = 0;
    std::string_view label;
  };
  struct Line {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t next = 0;  // where the line behind it begins
  };

  [[nodiscard]] Line line_from(std::size_t begin, std::size_t longest) const;
  [[nodiscard]] std::size_t line_begin(std::size_t at) const;
  void judge(std::size_t begin, std::size_t end);
  void add_column(std::size_t index, std::string_view label);
  void find_row();
  void write(std::string_view label, std::string_view cell);
  void write_label(std::string_view label);
  void put(char c) {
    if (size_ < line_.size()) line_[size_++] = c;
  }

  std::string_view text_;
  char delimiter_ = 0;
  Line header_;               // the line last judged
  bool is_header_ = false;    // of a table whose rows are being read
  std::size_t next_row_ = 0;  // [next_row_, row_end_): the row to be read next
  std::size_t row_end_ = 0;
  std::size_t after_row_ = 0;
  std::array<Column, most_columns> columns_{};
  std::size_t column_count_ = 0;
  std::array<char, 1024> line_{};
  std::size_t size_ = 0;
};

}  // namespace weir::guards
