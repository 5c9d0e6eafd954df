#include <algorithm>
#include <set>

#include "core/version.h"
#include "report/chart_axis.h"
#include "report/chart_svg.h"
#include "report/report.h"
#include "report/report_style.h"
#include "report/shown_text.h"

namespace weir::plan {
namespace {

using report::display_width;
using report::shown;
using report::wrapped;

// Two drawings of each chart: text in a drawing shrinks with it, so that one for a desk is unreadable on a phone.
constexpr ChartSize wide{.width = 860, .css_class = "wide"};
constexpr ChartSize narrow{.width = 350, .css_class = "narrow"};

std::string element(std::string_view tag, std::string_view text) {
  return fmt::format("<{0}>{1}</{0}>\n", tag, escaped(text));
}

// A cell's text is broken between words only, so that columns keep them whole; longer ones than any column should hold
// get places where they may be broken.
std::string cell_html(std::string_view text) {
  constexpr std::size_t piece = 18;
  std::string out;
  std::string word;
  const auto flush = [&] {
    const std::vector<std::string> pieces = wrapped(word, piece);
    const bool is_long = display_width(word) > piece + piece / 2;
    for (std::size_t i = 0; i < pieces.size(); ++i) out += (i > 0 && is_long ? "<wbr>" : "") + escaped(pieces[i]);
    word.clear();
  };
  for (const char c : shown(text)) {
    if (c == ' ') {
      flush();
      out += ' ';
    } else {
      word += c;
    }
  }
  flush();
  return out;
}

std::string numeric(const Column& column) { return column.align == Align::right ? " class=\"n\"" : ""; }

// The first column names the row. Roles are said, because `display` in the narrow layout takes them away.
std::string table_html(const Table& table) {
  constexpr std::size_t few = 3;  // so many columns stand side by side on a phone
  std::string out = table.title.empty() ? "" : element("h3", table.title);
  if (table.columns.empty()) return out;
  out += fmt::format("<table role=\"table\"{}>\n<thead role=\"rowgroup\"><tr role=\"row\">",
                     table.columns.size() > few ? " class=\"many\"" : "");
  for (const Column& column : table.columns) {
    out += fmt::format("<th role=\"columnheader\" scope=\"col\"{}>{}</th>", numeric(column), cell_html(column.title));
  }
  out += "</tr></thead>\n<tbody role=\"rowgroup\">\n";
  for (const auto& row : table.rows) {
    out += "<tr role=\"row\">";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const std::string cell = i < row.size() ? cell_html(row[i]) : std::string();
      const Column& column = table.columns[i];
      out += i == 0 ? fmt::format("<th role=\"rowheader\" scope=\"row\"{}>{}</th>", numeric(column), cell)
                    : fmt::format("<td role=\"cell\" data-title=\"{}\"{}>{}</td>", escaped(column.title),
                                  numeric(column), cell);
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table>\n";
}

// What a chart shows, as a table: for those who cannot see it, and those who want the numbers.
class ChartTable {
 public:
  explicit ChartTable(const Chart& chart) : chart_(chart) {}

  [[nodiscard]] Table make() const {
    Table table{.columns = {{chart_.x_label.empty() ? "x" : chart_.x_label}}};
    for (const Series& series : chart_.series) {
      table.columns.push_back({series.name.empty() ? chart_.y_label : series.name, Align::right});
    }
    if (chart_.kind == ChartKind::bars) {
      add_categories(table);
    } else {
      table.columns.front().align = Align::right;
      add_places(table);
    }
    return table;
  }

 private:
  void add_categories(Table& table) const {
    for (std::size_t i = 0; i < chart_.categories.size(); ++i) {
      auto& row = table.rows.emplace_back(std::vector{chart_.categories[i]});
      for (const Series& series : chart_.series) {
        row.push_back(i < series.points.size() ? full_label(series.points[i].y, chart_.y_unit) : "-");
      }
    }
  }

  // Of a curve with many points, so many at even distances, the last one among them.
  void add_places(Table& table) const {
    constexpr std::size_t most = 25;
    std::set<double> all;
    for (const Series& series : chart_.series) {
      for (const Point& point : series.points) {
        if (std::isfinite(point.x)) all.insert(point.x);
      }
    }
    const std::vector<double> places(all.begin(), all.end());
    const std::size_t rows = std::min(most, places.size());
    for (std::size_t i = 0; i < rows; ++i) {
      const double x = places[rows == 1 ? 0 : i * (places.size() - 1) / (rows - 1)];
      auto& row = table.rows.emplace_back(std::vector{full_label(x, chart_.x_unit)});
      for (const Series& series : chart_.series) row.push_back(at(series, x));
    }
  }

  // The value at x: a point's; of a staircase, the step it is on.
  [[nodiscard]] std::string at(const Series& series, double x) const {
    const Point* found = nullptr;
    for (const Point& point : series.points) {
      if (point.x == x || (chart_.kind == ChartKind::staircase && point.x < x)) found = &point;
    }
    return found == nullptr ? "-" : full_label(found->y, chart_.y_unit);
  }

  const Chart& chart_;
};

std::string legend_html(const Chart& chart) {
  if (chart.series.size() < 2) return {};
  std::string out = "<ul class=\"legend\">";
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const std::string_view key = chart.kind == ChartKind::bars
                                     ? "<rect class=\"bar\" x=\"7\" width=\"12\" height=\"10\" rx=\"1.5\"/>"
                                     : "<path class=\"curve\" d=\"M0 5H26\"/>";
    out += fmt::format("<li><svg viewBox=\"0 0 26 10\" aria-hidden=\"true\"><g class=\"s{}\">{}</g></svg>{}</li>",
                       i % series_styles, key, escaped(chart.series[i].name));
  }
  return out + "</ul>\n";
}

class BlockHtml {
 public:
  std::string operator()(const Table& table) const { return table_html(table); }

  std::string operator()(const Chart& chart) {
    const std::string id = fmt::format("chart{}", ++charts_);
    const std::string drawing = chart_svg(chart, wide, id + "w");
    std::string out = "<figure>\n" + element("figcaption", chart.title);
    if (drawing.empty()) return out + "<p>There is nothing to draw.</p>\n</figure>\n";
    out += legend_html(chart) + drawing + chart_svg(chart, narrow, id + "n");
    return out + "<details><summary>The numbers of this chart</summary>\n" + table_html(ChartTable(chart).make()) +
           "</details>\n</figure>\n";
  }

  std::string operator()(const Notes& notes) const {
    if (notes.items.empty()) return {};
    std::string out = notes.title.empty() ? "" : element("h3", notes.title);
    out += "<ul class=\"notes\">\n";
    for (const std::string& item : notes.items) out += element("li", item);
    return out + "</ul>\n";
  }

 private:
  std::size_t charts_ = 0;
};

}  // namespace

std::string to_html(const Report& report) {
  const std::string title = escaped(report.title);
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "img-src data:\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<main>\n"
      "<header>\n<h1>{0}</h1>\n",
      title, report_style);
  if (!report.subtitle.empty()) out += fmt::format("<p class=\"subtitle\">{}</p>\n", escaped(report.subtitle));
  out += "</header>\n";
  BlockHtml block_html;
  for (const Section& section : report.sections) {
    out += "<section>\n";
    if (!section.title.empty()) out += element("h2", section.title);
    for (const Block& block : section.blocks) out += std::visit(block_html, block);
    out += "</section>\n";
  }
  return out + fmt::format("<footer>Made by Weir {}. This page is complete: it loads nothing.</footer>\n", version()) +
         "</main>\n</body>\n</html>\n";
}

}  // namespace weir::plan
