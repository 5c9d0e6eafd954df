#include "config/render.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(table, columns_align_and_lines_end_without_blanks) {
  EXPECT_EQ(render_table({"NAME", ">N", "NOTE"}, {{"a", "1", ""}, {"longer", "100", "x"}}),
            "NAME      N  NOTE\n"
            "a         1\n"
            "longer  100  x\n");
}

TEST(table, a_cell_too_many_or_too_few_breaks_nothing) {
  EXPECT_EQ(render_table({"A", "B"}, {{"1"}, {"1", "2", "3"}}), "A  B\n1\n1  2\n");
}

TEST(table, foreign_bytes_and_long_cells_stay_on_their_line) {
  const auto out = render_table({"A", "B"}, {{"x\ny\x1b[31m", "1"}, {std::string(100, 'z'), "2"}});
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 3);
  EXPECT_EQ(out.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace weir
