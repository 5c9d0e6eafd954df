// Tables of the commands: columns in line, nothing wider than the terminal, no word and no number broken.
#include "report/text_table.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "report/shown_text.h"

namespace weir::report {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string table(const std::vector<Column>& columns, const Rows& rows, std::size_t width) {
  return text_table(columns, rows, width);
}

TEST(text_table, columns_align_and_lines_end_without_blanks) {
  EXPECT_EQ(table({{"Name"}, {"N", Align::right}, {"Note"}}, {{"a", "1", ""}, {"longer", "100", "x"}}, 80),
            "Name      N  Note\n"
            "a         1\n"
            "longer  100  x\n");
}

TEST(text_table, a_cell_too_few_breaks_nothing) {
  EXPECT_EQ(table({{"A"}, {"B"}}, {{"1"}, {"1", "2"}}, 80), "A  B\n1\n1  2\n");
}

TEST(text_table, foreign_bytes_stay_on_their_line_and_steer_nothing) {
  const auto out = table({{"A"}, {"B"}}, {{"x\ny\x1b[31m", "1"}, {"z\xff", "2"}}, 80);
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 3);
  EXPECT_EQ(out.find('\x1b'), std::string::npos);
}

TEST(text_table, wide_characters_take_their_columns) {
  EXPECT_EQ(table({{"A"}, {"B"}}, {{"模型", "1"}, {"zürich", "2"}}, 80), "A       B\n模型    1\nzürich  2\n");
}

TEST(text_table, where_names_would_have_to_be_broken_each_row_becomes_a_block) {
  EXPECT_EQ(table({{"Model"}, {"Serves"}}, {{"meta-llama/Llama-3.1-8B-Instruct", "chat, embeddings"}}, 30),
            "Model   meta-llama/Llama-3.1-8\n"
            "        B-Instruct\n"
            "Serves  chat, embeddings\n");
  EXPECT_EQ(table({{"Model"}, {"Serves"}}, {{"meta-llama/Llama-3.1-8B-Instruct", "chat, embeddings"}}, 44),
            "Model                             Serves\n"
            "meta-llama/Llama-3.1-8B-Instruct  chat,\n"
            "                                  embeddings\n");
}

TEST(text_table, no_width_is_exceeded_and_no_word_that_fits_is_broken) {
  std::mt19937 random(7);
  const auto word = [&] { return std::string(1 + random() % 24, static_cast<char>('a' + random() % 26)); };
  for (int round = 0; round < 500; ++round) {
    const std::size_t width = 40 + random() % 80;
    std::vector<Column> columns(1 + random() % 5);
    for (auto& column : columns) column = {word(), random() % 2 == 0 ? Align::left : Align::right};
    Rows rows(random() % 4);
    std::vector<std::string> words;
    for (auto& row : rows) {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        words.push_back(word());
        row.push_back(columns[i].align == Align::right ? words.back() : word() + " " + words.back());
      }
    }
    const auto text = text_table(columns, rows, width);
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) EXPECT_LE(display_width(line), width) << text;
    // In a block a word has what its title leaves, at least half the width less the gap.
    for (const auto& one : words) {
      if (one.size() + 2 > width / 2) continue;
      EXPECT_NE(text.find(one), std::string::npos) << one << "\n" << text;
    }
  }
}

}  // namespace
}  // namespace weir::report
