// The HTML report: whole in itself, everything from outside escaped, every chart drawn within its frame and to scale.
// That it looks right in a browser is tested with one, in tests/integration/report.test.mjs.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <regex>
#include <set>

#include "report/chart_axis.h"
#include "report/chart_svg.h"
#include "report/report.h"

namespace weir::plan {
namespace {

constexpr ChartSize size{.width = 860, .css_class = "wide"};

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size())) ++found;
  return found;
}

// Of all attributes `name="number"`.
std::vector<double> numbers_of(const std::string& svg, const std::string& name) {
  std::vector<double> values;
  const std::regex attribute(" " + name + "=\"(-?[0-9.]+)\"");
  for (std::sregex_iterator at(svg.begin(), svg.end(), attribute), end; at != end; ++at) {
    values.push_back(std::stod((*at)[1]));
  }
  return values;
}

Report one_of_each(const std::string& text) {
  Chart chart{.title = text,
              .x_label = text,
              .y_label = text,
              .categories = {text, text},
              .series = {{text, {{0, 1}, {1, 2}}}, {text, {{0, 3}, {1, 5}}}},
              .marks = {{text, 0.5}}};
  Section section{.title = text};
  for (const ChartKind kind : {ChartKind::line, ChartKind::staircase, ChartKind::bars}) {
    chart.kind = kind;
    section.blocks.emplace_back(chart);
  }
  section.blocks.emplace_back(Table{.title = text, .columns = {{text}, {text}}, .rows = {{text, text}}});
  section.blocks.emplace_back(Notes{.title = text, .items = {text}});
  return {.title = text, .subtitle = text, .sections = {section}};
}

TEST(report_html, everything_from_outside_is_escaped) {
  const std::string text = "</title></svg><script>alert(1)</script><img src=x onerror='a'> \" & \x1b";
  const std::string plain = to_html(one_of_each(std::string(text.size(), 'a')));
  const std::string bad = to_html(one_of_each(text));
  // The text adds not one tag, attribute or control character, but for places where long words may be broken.
  EXPECT_EQ(count(bad, "<") - count(bad, "<wbr>"), count(plain, "<") - count(plain, "<wbr>"));
  EXPECT_EQ(count(bad, ">") - count(bad, "<wbr>"), count(plain, ">") - count(plain, "<wbr>"));
  EXPECT_EQ(count(bad, "\""), count(plain, "\""));
  EXPECT_EQ(bad.find('\x1b'), std::string::npos);
  EXPECT_NE(bad.find("&lt;script&gt;alert(1)&lt;/script&gt;"), std::string::npos);
  EXPECT_EQ(bad.find("<script"), std::string::npos);
}

TEST(report_html, loads_nothing_and_runs_nothing) {
  const std::string page = to_html(one_of_each("a"));
  for (const std::string_view what : {"http:", "https:", "//", "<script", "url(", "@import", "<link rel=\"style"}) {
    EXPECT_EQ(page.find(what), std::string::npos) << what;
  }
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
}

TEST(report_html, charts_have_names_for_those_who_cannot_see_them) {
  const std::string page = to_html(one_of_each("a"));
  EXPECT_EQ(count(page, "<svg class="), 6U);  // three charts, wide and narrow
  EXPECT_EQ(count(page, "role=\"img\""), 6U);
  EXPECT_EQ(count(page, "<desc id="), 6U);
  EXPECT_EQ(count(page, "<details>"), 3U);
  std::set<std::string> ids;
  const std::regex id(" id=\"([^\"]+)\"");
  std::size_t seen = 0;
  for (std::sregex_iterator at(page.begin(), page.end(), id), end; at != end; ++at, ++seen) ids.insert((*at)[1]);
  EXPECT_EQ(ids.size(), seen);
}

TEST(report_html, a_mark_stands_where_its_lines_cross) {
  // $0.045 a request against $7,820 a month cross at 173,777.8 requests.
  const Chart chart{
      .x_unit = Unit::count,
      .series = {{"cloud", {{0, 0}, {173777.78, 7820}, {400000, 18000}}}, {"local", {{0, 7820}, {400000, 7820}}}},
      .marks = {{"break-even", 173777.78}}};
  const std::string svg = chart_svg(chart, size, "c");
  const std::regex mark("<line class=\"mark\" x1=\"([0-9.]+)\"");
  std::smatch found;
  ASSERT_TRUE(std::regex_search(svg, found, mark));
  EXPECT_NEAR(numbers_of(svg, "cx")[1], std::stod(found[1]), 0.11);
  EXPECT_NEAR(numbers_of(svg, "cy")[1], numbers_of(svg, "cy")[3], 0.11);
}

TEST(report_html, a_staircase_goes_across_before_it_goes_up) {
  const Chart chart{.kind = ChartKind::staircase, .series = {{"s", {{0, 1}, {10, 2}, {20, 2}}}}};
  const std::string svg = chart_svg(chart, size, "c");
  std::smatch found;
  ASSERT_TRUE(
      std::regex_search(svg, found, std::regex("d=\"M([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)")));
  EXPECT_EQ(found[2], found[4]);  // across at the old height
  EXPECT_EQ(found[3], found[5]);  // then up
  EXPECT_LT(std::stod(found[6]), std::stod(found[4]));
}

TEST(report_html, what_cannot_be_drawn_is_left_out) {
  const double nan = std::nan("");
  EXPECT_EQ(chart_svg({}, size, "c"), "");
  EXPECT_EQ(chart_svg({.series = {{"s", {{nan, 1}, {1, INFINITY}, {1e200, 1}}}}}, size, "c"), "");
  EXPECT_EQ(chart_svg({.x_scale = Scale::logarithmic, .series = {{"s", {{0, 1}, {-1, 1}}}}}, size, "c"), "");
  EXPECT_NE(to_html({.sections = {{.blocks = {Chart{.title = "empty"}}}}}).find("nothing to draw"), std::string::npos);
}

// Random charts of all kinds, scales and sizes: no coordinate is outside the frame or no number.
TEST(report_html, every_chart_stays_within_its_frame) {
  std::mt19937_64 random(20261125);
  const auto upto = [&](std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random); };
  for (int round = 0; round < 2000; ++round) {
    Chart chart{.title = "t",
                .kind = static_cast<ChartKind>(upto(2)),
                .x_label = upto(1) == 0 ? "" : std::string(upto(200), 'x'),
                .y_label = upto(1) == 0 ? "" : "y",
                .x_unit = static_cast<Unit>(upto(4)),
                .y_unit = static_cast<Unit>(upto(4)),
                .x_scale = static_cast<Scale>(upto(1)),
                .y_scale = static_cast<Scale>(upto(1))};
    const std::size_t points = 1 + upto(30);
    const auto value = [&] { return (upto(4) == 0 ? -1.0 : 1.0) * std::pow(10, static_cast<double>(upto(20)) - 6); };
    for (std::size_t i = 0; i < points; ++i) chart.categories.emplace_back(upto(30), 'c');
    for (std::size_t n = 1 + upto(9); n > 0; --n) {
      auto& series = chart.series.emplace_back(Series{"name", {}});
      double x = value();
      for (std::size_t i = 0; i < points; ++i, x += std::abs(value())) series.points.push_back({x, value()});
    }
    for (std::size_t n = upto(5); n > 0; --n) chart.marks.push_back({std::string(upto(150), 'm'), value()});
    const double width = upto(1) == 0 ? 860 : 350;
    const std::string svg = chart_svg(chart, {.width = width, .css_class = "w"}, "c");
    if (svg.empty()) continue;
    EXPECT_EQ(svg.find("nan"), std::string::npos);
    EXPECT_EQ(svg.find("inf"), std::string::npos);
    for (const char* name : {"x", "x1", "x2", "cx"}) {
      for (const double x : numbers_of(svg, name))
        EXPECT_TRUE(x >= -0.1 && x <= width + 0.1) << name << '=' << x << svg;
    }
    for (const double part : numbers_of(svg, "width")) EXPECT_TRUE(part >= 0 && part <= width);
    for (const double part : numbers_of(svg, "height")) EXPECT_GE(part, 0);
  }
}

TEST(chart_axis, ticks_are_round_numbers_within_the_axis) {
  struct Case {
    std::vector<double> values;
    Scale scale;
    Unit unit;
    std::vector<std::string> labels;
  };
  const std::vector<Case> cases = {
      {{0, 45000}, Scale::linear, Unit::dollars, {"$0", "$10k", "$20k", "$30k", "$40k", "$50k"}},
      {{3, 7}, Scale::linear, Unit::percent, {"0 %", "2 %", "4 %", "6 %", "8 %"}},
      {{0, 0}, Scale::linear, Unit::count, {"0", "0.2", "0.4", "0.6", "0.8", "1"}},
      {{-9000, 300}, Scale::linear, Unit::dollars, {"-$10k", "-$8k", "-$6k", "-$4k", "-$2k", "$0", "$2k"}},
      {{100, 2500}, Scale::linear, Unit::milliseconds, {"0 ms", "500 ms", "1 s", "1.5 s", "2 s", "2.5 s"}},
      {{300, 45000}, Scale::logarithmic, Unit::dollars, {"$100", "$1k", "$10k", "$100k"}},
      {{0.00002, 0.045}, Scale::linear, Unit::dollars, {"$0", "$0.01", "$0.02", "$0.03", "$0.04", "$0.05"}}};
  for (const Case& one : cases) {
    const Axis axis = make_axis(one.values, one.scale, one.unit, Span::to_ticks, 5);
    std::vector<std::string> labels;
    for (const double tick : axis.ticks) labels.push_back(axis.tick_label(tick));
    EXPECT_EQ(labels, one.labels);
  }
}

TEST(chart_axis, any_range_gets_an_axis_with_a_few_different_labels) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> power(-8, 30);
  for (int round = 0; round < 5000; ++round) {
    const std::vector<double> values = {std::pow(10, power(random)), std::pow(10, power(random))};
    for (const Scale scale : {Scale::linear, Scale::logarithmic}) {
      for (const Span span : {Span::as_data, Span::to_ticks}) {
        const Axis axis = make_axis(values, scale, Unit::count, span, 6);
        ASSERT_LT(axis.low, axis.high);
        EXPECT_TRUE(axis.ticks.size() >= 2 && axis.ticks.size() <= 16) << axis.ticks.size();
        std::set<double> different(axis.ticks.begin(), axis.ticks.end());
        EXPECT_EQ(different.size(), axis.ticks.size());
        for (const double value : values)
          EXPECT_TRUE(axis.position(value) >= -1e-9 && axis.position(value) <= 1 + 1e-9);
      }
    }
  }
}

TEST(chart_axis, full_labels_show_the_digits_that_matter) {
  EXPECT_EQ(full_label(1000000, Unit::count), "1,000,000");
  EXPECT_EQ(full_label(7820, Unit::dollars), "$7,820");
  EXPECT_EQ(full_label(-7820.5, Unit::dollars), "-$7,820.5");
  EXPECT_EQ(full_label(0.045, Unit::dollars), "$0.045");
  EXPECT_EQ(full_label(82.6222, Unit::percent), "82.6222 %");
  EXPECT_EQ(full_label(0, Unit::milliseconds), "0 ms");
}

}  // namespace
}  // namespace weir::plan
