// Report: what a planning command has to say, as values: sections of tables, charts and notes. The commands make one
// from their results; the renderers below turn it into a terminal table, CSV or a self-contained HTML page, and know
// nothing of money or models. JSON is not made from it: each result has a JSON form of its own with exact numbers.
// Values; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "report/text_table.h"

namespace weir::plan {

using report::Align;
using report::Column;

// Cells are text as it is shown; each row has as many as there are columns.
struct Table {
  std::string title;  // "" = none
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

struct Point {
  double x = 0;
  double y = 0;
};

struct Series {
  std::string name;
  std::vector<Point> points;  // x rising
};

// A place on the x axis worth naming: a break-even, the volume of today.
struct Mark {
  std::string label;
  double x = 0;
};

enum class ChartKind : uint8_t { line, staircase, bars };
enum class Scale : uint8_t { linear, logarithmic };
enum class Unit : uint8_t { count, dollars, percent, milliseconds, hours };  // how axis labels are written

// bars: one group per entry of `categories`, in it one bar per series; the i-th point belongs to the i-th category.
struct Chart {
  std::string title;
  ChartKind kind = ChartKind::line;
  std::string x_label;
  std::string y_label;
  Unit x_unit = Unit::count;
  Unit y_unit = Unit::dollars;
  Scale x_scale = Scale::linear;
  Scale y_scale = Scale::linear;
  std::vector<std::string> categories;
  std::vector<Series> series;
  std::vector<Mark> marks;
};

// Sentences: what was assumed, where a number comes from, what to beware of. One item a line.
struct Notes {
  std::string title;  // `Assumptions`
  std::vector<std::string> items;
};

using Block = std::variant<Table, Chart, Notes>;

struct Section {
  std::string title;  // "" = none
  std::vector<Block> blocks;
};

struct Report {
  std::string title;
  std::string subtitle;  // "" = none
  std::vector<Section> sections;
};

// Aligned text, no line wider than `width` columns unless a single number needs it: long notes are wrapped, and columns
// of text give way before numbers do. Charts are left out: the tables beside them hold their numbers.
[[nodiscard]] std::string to_text(const Report& report, std::size_t width);
// The first table of the report as RFC 4180 CSV with one line of titles.
[[nodiscard]] std::string to_csv(const Report& report);
// One HTML file that needs no network: styles and charts (inline SVG) are in it. Everything from outside is escaped.
[[nodiscard]] std::string to_html(const Report& report);

}  // namespace weir::plan
