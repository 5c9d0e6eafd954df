// Reports on a terminal: nothing wider than asked, numbers whole, columns in line, and no text that steers.
#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "report/report.h"
#include "report/shown_text.h"

namespace weir::plan {
namespace {

using report::display_width;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

Report with(Block block) { return {.sections = {{.blocks = {std::move(block)}}}}; }

const Table three_options{
    .columns = {{"option"},
                {"a month", Align::right},
                {"saved", Align::right},
                {"break-even requests", Align::right},
                {"what it is"}},
    .rows = {{"cloud", "$45,000.00", "-", "-", "every request to the cloud model at list prices"},
             {"local", "$7,820.00", "83 %", "173,778", "two A100 rented by the hour, with staff and infrastructure"},
             {"hybrid", "$16,820.00", "63 %", "-", "four of five requests local, the hard fifth in the cloud"}}};

TEST(report_text, columns_are_in_line_and_numbers_to_the_right) {
  const std::string text = to_text(
      {.title = "A plan", .subtitle = "for a month", .sections = {{.title = "Costs", .blocks = {three_options}}}}, 200);
  EXPECT_EQ(text,
            "A plan\n"
            "for a month\n"
            "\n"
            "Costs\n"
            "-----\n"
            "option     a month  saved  break-even requests  what it is\n"
            "cloud   $45,000.00      -                    -  every request to the cloud model at list prices\n"
            "local    $7,820.00   83 %              173,778  two A100 rented by the hour, with staff and "
            "infrastructure\n"
            "hybrid  $16,820.00   63 %                    -  four of five requests local, the hard fifth in the "
            "cloud\n");
}

TEST(report_text, text_gives_way_before_numbers_do) {
  const std::string text = to_text(with(three_options), 80);
  EXPECT_EQ(text,
            "option     a month  saved  break-even requests  what it is\n"
            "cloud   $45,000.00      -                    -  every request to the cloud model\n"
            "                                                at list prices\n"
            "local    $7,820.00   83 %              173,778  two A100 rented by the hour,\n"
            "                                                with staff and infrastructure\n"
            "hybrid  $16,820.00   63 %                    -  four of five requests local, the\n"
            "                                                hard fifth in the cloud\n");
}

TEST(report_text, titles_of_numbers_wrap_before_text_gets_unreadable) {
  const auto lines = lines_of(to_text(with(three_options), 56));
  EXPECT_EQ(lines[0], "option     a month  saved  break-even  what it is");
  EXPECT_EQ(lines[1], "                             requests");
  for (const auto& line : lines) EXPECT_LE(display_width(line), 56U) << line;
}

TEST(report_text, a_table_that_no_layout_makes_narrow_enough_becomes_records) {
  const std::string text = to_text(with(three_options), 40);
  EXPECT_TRUE(
      text.starts_with("option               cloud\n"
                       "a month              $45,000.00\n"
                       "saved                -\n"
                       "break-even requests  -\n"
                       "what it is           every request to\n"
                       "                     the cloud model at\n"))
      << text;
}

TEST(report_text, notes_hang_and_charts_are_left_out) {
  const Report report{
      .sections = {{.title = "Only a chart", .blocks = {Chart{.title = "chart"}}},
                   {.blocks = {Notes{.title = "Assumptions", .items = {"A month has thirty days of 24 hours."}}}}}};
  EXPECT_EQ(to_text(report, 24), "Assumptions\n- A month has thirty\n  days of 24 hours.\n");
}

TEST(report_text, wide_and_combining_characters_take_the_columns_they_have) {
  const Table table{.columns = {{"name"}, {"n", Align::right}},
                    .rows = {{"模型", "1"}, {"e\u0301te\u0301", "2"}, {"🦙x", "3"}}};
  EXPECT_EQ(to_text(with(table), 80), "name  n\n模型  1\ne\u0301te\u0301   2\n🦙x   3\n");
}

TEST(report_text, control_characters_do_not_reach_the_terminal) {
  const std::string bad = "a\x1b[2Jb\x07\r\n\tc\x7f \u009b31m \u202Egpj \xff\xfe end";
  const Report report{.title = bad,
                      .subtitle = bad,
                      .sections = {{.title = bad,
                                    .blocks = {Table{.title = bad, .columns = {{bad}}, .rows = {{bad}}},
                                               Notes{.title = bad, .items = {bad}}}}}};
  for (const std::string& text : {to_text(report, 80), to_csv(report)}) {
    for (const char c : text) EXPECT_TRUE(c == '\n' || c == '\r' || (c & 0x80) != 0 || (c >= ' ' && c != 0x7f));
    EXPECT_EQ(text.find("\u009b"), std::string::npos);
    EXPECT_EQ(text.find("\u202E"), std::string::npos);
    EXPECT_EQ(text.find('\xff'), std::string::npos);
  }
}

// Random tables at every width: no line is wider unless a single number is, every number stands whole on some line, and
// words are all there.
TEST(report_text, any_table_keeps_within_any_width) {
  std::mt19937 random(20261125);
  const std::vector<std::string> words = {"a", "local", "混合", "break-even", "saves", "e\u0301", "$7,820.00", "of"};
  const auto upto = [&](std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random); };
  for (int round = 0; round < 400; ++round) {
    Table table;
    const std::size_t columns = 1 + upto(6);
    for (std::size_t i = 0; i < columns; ++i) {
      table.columns.push_back(
          {.title = words[upto(words.size() - 1)], .align = upto(1) == 0 ? Align::left : Align::right});
    }
    std::size_t widest_number = 0;
    std::vector<std::string> numbers;
    for (std::size_t y = upto(4); y > 0; --y) {
      auto& row = table.rows.emplace_back();
      for (const Column& column : table.columns) {
        std::string cell;
        if (column.align == Align::right) {
          cell = std::string(1 + upto(11), '7');
          numbers.push_back(cell);
          widest_number = std::max(widest_number, cell.size());
        } else {
          for (std::size_t n = upto(9); n > 0; --n) cell += words[upto(words.size() - 1)] + " ";
        }
        row.push_back(cell);
      }
    }
    const std::size_t width = 24 + upto(100);
    const std::string text = to_text(with(table), width);
    for (const auto& line : lines_of(text)) {
      EXPECT_LE(display_width(line), width) << text;
      EXPECT_FALSE(line.ends_with(' '));
    }
    for (const auto& number : numbers) EXPECT_NE(text.find(number), std::string::npos) << text;
  }
}

TEST(report_csv, quotes_by_rfc_4180_and_takes_the_first_table) {
  const Report report{
      .sections = {{.blocks = {Notes{.items = {"before"}}}},
                   {.blocks = {Table{.columns = {{"name"}, {"a, b"}}, .rows = {{"say \"hi\"", "x\ny"}, {"plain"}}},
                               Table{.columns = {{"other"}}}}}}};
  EXPECT_EQ(to_csv(report), "name,\"a, b\"\r\n\"say \"\"hi\"\"\",x y\r\nplain,\r\n");
  EXPECT_EQ(to_csv({}), "");
}

TEST(report_csv, no_cell_is_a_formula) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"=1+1", "\"'=1+1\""},
      {"@SUM(A1)", "\"'@SUM(A1)\""},
      {"+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""},
      {"-2+3+cmd|' /C calc'!A0", "\"'-2+3+cmd|' /C calc'!A0\""},
      {"  =1", "\"'  =1\""},
      {"\t=1", "\"' =1\""},
      {"＝1+1", "\"'＝1+1\""},
      {"a=b", "a=b"},
      {"", "\"\""}};
  for (const auto& [cell, expected] : cases) {
    EXPECT_EQ(to_csv(with(Table{.columns = {{"c"}}, .rows = {{cell}}})), "c\r\n" + expected + "\r\n") << cell;
  }
}

TEST(report_csv, cells_hold_numbers_and_titles_their_units) {
  struct Case {
    std::string_view cell, title, expected;
  };
  for (const auto& [cell, title, expected] :
       {Case{"-", "c", "\"\""}, Case{"-3.50", "c", "-3.50"}, Case{"-$1,000.00", "c (USD)", "-1000.00"},
        Case{"$2,085", "c (USD)", "2085"}, Case{"+12 %", "c (%)", "12"}, Case{"1,234,567", "c", "1234567"},
        Case{"12.5%", "c (%)", "12.5"}, Case{"1.2.3", "c", "1.2.3"}, Case{"$", "c", "$"},
        Case{"2026-11-28", "c", "2026-11-28"}}) {
    EXPECT_EQ(to_csv(with(Table{.columns = {{"c"}}, .rows = {{std::string(cell)}}})),
              fmt::format("{}\r\n{}\r\n", title, expected))
        << cell;
  }
}

}  // namespace
}  // namespace weir::plan
