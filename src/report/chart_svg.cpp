#include "report/chart_svg.h"

#include <algorithm>

#include "report/chart_axis.h"
#include "report/shown_text.h"

namespace weir::plan {
namespace {

using report::CodePoint;
using report::display_width;
using report::first_code_point;
using report::shown;

constexpr double letter = 6.9;  // the width of a character at 12 px, on the wide side
constexpr double line_height = 16;

double text_width(std::string_view text) { return letter * static_cast<double>(display_width(text)); }

// Cut at the end where it is wider than `most` pixels.
std::string fitted(std::string_view text, double most) {
  std::string whole = shown(text);
  if (text_width(whole) <= most) return whole;
  const auto columns = static_cast<std::size_t>(std::max(2.0, most / letter - 1));
  std::string out;
  std::string_view rest = whole;
  while (!rest.empty()) {
    const CodePoint point = first_code_point(rest);
    if (display_width(out) + display_width(rest.substr(0, point.bytes)) > columns) break;
    out += rest.substr(0, point.bytes);
    rest.remove_prefix(point.bytes);
  }
  return out + "…";
}

struct Box {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;

  [[nodiscard]] double x(double position) const { return left + position * (right - left); }
  [[nodiscard]] double y(double position) const { return bottom - position * (bottom - top); }
};

std::string series_class(std::size_t index) { return fmt::format("s{}", index % series_styles); }

std::string text_at(double x, double y, std::string_view css_class, std::string_view text) {
  return fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", css_class, x, y, escaped(text));
}

std::string line_between(double x1, double y1, double x2, double y2, std::string_view css_class) {
  return fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", css_class, x1,
                     y1, x2, y2);
}

std::string kind_name(const Chart& chart) {
  if (chart.kind == ChartKind::bars) return "Bar chart";
  return chart.kind == ChartKind::staircase ? "Staircase chart" : "Line chart";
}

std::string description(const Chart& chart) {
  std::string text = kind_name(chart);
  if (!chart.y_label.empty()) text += ": " + chart.y_label;
  if (!chart.x_label.empty()) text += " by " + chart.x_label;
  text += ".";
  for (const Series& series : chart.series) {
    if (series.points.empty()) continue;
    const Point& first = series.points.front();
    const Point& last = series.points.back();
    text += fmt::format(" {}: from {} to {}.", series.name, full_label(first.y, chart.y_unit),
                        full_label(last.y, chart.y_unit));
  }
  for (const Mark& mark : chart.marks) text += fmt::format(" {} at {}.", mark.label, full_label(mark.x, chart.x_unit));
  return text;
}

std::string framed(const Chart& chart, const ChartSize& size, double height, std::string_view id,
                   const std::string& body) {
  return fmt::format(
      "<svg class=\"{0}\" viewBox=\"0 0 {1:.0f} {2:.0f}\" role=\"img\" aria-labelledby=\"{3}-t {3}-d\">\n"
      "<title id=\"{3}-t\">{4}</title>\n<desc id=\"{3}-d\">{5}</desc>\n{6}</svg>\n",
      size.css_class, size.width, height, id, escaped(chart.title), escaped(description(chart)), body);
}

bool can_draw(const Chart& chart, const Point& point) {
  return drawable(point.y, chart.y_scale) && (chart.kind == ChartKind::bars || drawable(point.x, chart.x_scale));
}

std::vector<double> values_of(const Chart& chart, double Point::*coordinate) {
  std::vector<double> values;
  for (const Series& series : chart.series) {
    for (const Point& point : series.points) {
      if (can_draw(chart, point)) values.push_back(point.*coordinate);
    }
  }
  return values;
}

// The y axis of lines and upright bars: labels at the left, a thin line across for each tick.
std::string y_axis(const Axis& axis, const Box& box) {
  std::string out;
  for (const double tick : axis.ticks) {
    const double y = box.y(axis.position(tick));
    out += line_between(box.left, y, box.right, y, tick == 0 ? "axis" : "grid");
    out += text_at(box.left - 8, y + 4, "tick end", axis.tick_label(tick));
  }
  return out;
}

double widest_label(const Axis& axis) {
  double widest = 0;
  for (const double tick : axis.ticks) widest = std::max(widest, text_width(axis.tick_label(tick)));
  return widest;
}

// ---- lines and staircases ----------------------------------------------------------------------------------------

class LineChart {
 public:
  LineChart(const Chart& chart, const ChartSize& size) : chart_(chart), size_(size) {}

  [[nodiscard]] std::string render(std::string_view id) {
    std::vector<double> xs = values_of(chart_, &Point::x);
    if (xs.empty()) return {};
    for (const Mark& mark : chart_.marks) {
      if (drawable(mark.x, chart_.x_scale)) xs.push_back(mark.x);
    }
    x_ = make_axis(xs, chart_.x_scale, chart_.x_unit, Span::as_data, size_.width < 500 ? 4 : 7);
    y_ = make_axis(values_of(chart_, &Point::y), chart_.y_scale, chart_.y_unit, Span::to_ticks, 5);
    box_.left = widest_label(y_) + 14;
    box_.right = size_.width - 22;
    const std::string marks = place_marks();
    box_.bottom = box_.top + (size_.width < 500 ? 200 : 260);
    std::string body = y_axis(y_, box_) + x_axis();
    if (!chart_.y_label.empty()) body += text_at(2, line_height - 3, "label", fitted(chart_.y_label, size_.width - 4));
    body += mark_lines() + marks;
    for (std::size_t i = 0; i < chart_.series.size(); ++i) body += series(chart_.series[i], i);
    return framed(chart_, size_, box_.bottom + (chart_.x_label.empty() ? 26 : 46), id, body);
  }

 private:
  [[nodiscard]] std::string x_axis() const {
    std::string out = line_between(box_.left, box_.bottom, box_.right, box_.bottom, "axis");
    double free_from = 0;
    for (const double tick : x_.ticks) {
      const double x = box_.x(x_.position(tick));
      out += line_between(x, box_.bottom, x, box_.bottom + 4, "axis");
      const std::string label = x_.tick_label(tick);
      const double half = text_width(label) / 2;
      const double middle = std::min(x, size_.width - half - 1);
      if (middle - half < free_from) continue;
      out += text_at(middle, box_.bottom + 18, "tick mid", label);
      free_from = middle + half + 6;
    }
    if (chart_.x_label.empty()) return out;
    return out + text_at((box_.left + box_.right) / 2, box_.bottom + 38, "label mid",
                         fitted(chart_.x_label, box_.right - box_.left));
  }

  // Labels of marks above the plot, each in the first row where it is free; sets the top of the plot.
  std::string place_marks() {
    struct Placed {
      const Mark* mark;
      std::size_t row;
      double left;
      std::string text;
    };
    std::vector<double> free_from;
    std::vector<Placed> placed;
    for (const Mark* mark : marks_in_order()) {
      constexpr double bold = 1.12;
      std::string text = fitted(mark->label, (box_.right - box_.left) / bold);
      const double width = text_width(text) * bold;
      const double left =
          std::clamp(box_.x(x_.position(mark->x)) - width / 2, 2.0, std::max(2.0, size_.width - width - 2));
      std::size_t row = 0;
      while (row < free_from.size() && free_from[row] > left) ++row;
      if (row == free_from.size()) free_from.push_back(0);
      free_from[row] = left + width + 10;
      placed.push_back({mark, row, left, std::move(text)});
    }
    const double rows_top = chart_.y_label.empty() ? 4 : line_height + 8;
    box_.top = rows_top + line_height * static_cast<double>(free_from.size()) + 8;
    std::string out;
    for (const Placed& one : placed) {
      const double y = rows_top + line_height * static_cast<double>(one.row) + 11;
      const double x = box_.x(x_.position(one.mark->x));
      out += line_between(x, y + 4, x, box_.top, "mark");
      out += text_at(one.left, y, "mark-label", one.text);
    }
    return out;
  }

  [[nodiscard]] std::vector<const Mark*> marks_in_order() const {
    std::vector<const Mark*> marks;
    for (const Mark& mark : chart_.marks) {
      if (drawable(mark.x, chart_.x_scale)) marks.push_back(&mark);
    }
    std::stable_sort(marks.begin(), marks.end(), [](const Mark* a, const Mark* b) { return a->x < b->x; });
    return marks;
  }

  [[nodiscard]] std::string mark_lines() const {
    std::string out;
    for (const Mark* mark : marks_in_order()) {
      const double x = box_.x(x_.position(mark->x));
      out += line_between(x, box_.top, x, box_.bottom, "mark");
    }
    return out;
  }

  [[nodiscard]] std::string series(const Series& series, std::size_t index) const {
    std::string path;
    std::string dots;
    bool down = false;  // the pen
    double last_y = 0;
    constexpr std::size_t most_dots = 40;
    for (const Point& point : series.points) {
      if (!can_draw(chart_, point)) {
        down = false;
        continue;
      }
      const double x = box_.x(x_.position(point.x));
      const double y = box_.y(y_.position(point.y));
      if (down && chart_.kind == ChartKind::staircase) path += fmt::format("L{:.1f} {:.1f}", x, last_y);
      path += fmt::format("{}{:.1f} {:.1f}", down ? 'L' : 'M', x, y);
      down = true;
      last_y = y;
      if (series.points.size() > most_dots || chart_.kind == ChartKind::staircase) continue;
      dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>{}: {} at {}</title></circle>\n", x, y,
                          escaped(series.name), full_label(point.y, chart_.y_unit), full_label(point.x, chart_.x_unit));
    }
    if (path.empty()) return {};
    return fmt::format("<g class=\"{}\"><path class=\"curve\" d=\"{}\"><title>{}</title></path>\n{}</g>\n",
                       series_class(index), path, escaped(series.name), dots);
  }

  const Chart& chart_;
  const ChartSize& size_;
  Axis x_;
  Axis y_;
  Box box_{};
};

// ---- bars --------------------------------------------------------------------------------------------------------

struct Bar {
  std::size_t series = 0;
  double value = 0;
};

class BarChart {
 public:
  BarChart(const Chart& chart, const ChartSize& size) : chart_(chart), size_(size) {}

  [[nodiscard]] std::string render(std::string_view id) {
    const std::vector<double> values = values_of(chart_, &Point::y);
    if (values.empty() || chart_.categories.empty()) return {};
    axis_ = make_axis(values, chart_.y_scale, chart_.y_unit, Span::to_ticks, size_.width < 500 ? 4 : 6);
    return lying() ? render_lying(id) : render_upright(id);
  }

 private:
  // Long names want a line of their own: then the bars lie.
  [[nodiscard]] bool lying() const {
    std::size_t longest = 0;
    for (const std::string& name : chart_.categories) longest = std::max(longest, display_width(shown(name)));
    const double group = (size_.width - 80) / static_cast<double>(chart_.categories.size());
    return longest > 4 && chart_.categories.size() <= 16 && static_cast<double>(longest) * letter > group;
  }

  [[nodiscard]] std::vector<Bar> bars_of(std::size_t category) const {
    std::vector<Bar> bars;
    for (std::size_t i = 0; i < chart_.series.size(); ++i) {
      const auto& points = chart_.series[i].points;
      if (category < points.size() && can_draw(chart_, points[category])) bars.push_back({i, points[category].y});
    }
    return bars;
  }

  [[nodiscard]] double zero() const {
    return axis_.scale == Scale::logarithmic ? 0 : std::clamp(axis_.position(0), 0.0, 1.0);
  }

  [[nodiscard]] std::string tooltip(const Bar& bar, std::size_t category) const {
    const std::string& name = chart_.series[bar.series].name;
    return escaped(fmt::format("{}{}{}: {}", chart_.categories[category], name.empty() ? "" : ", ", name,
                               full_label(bar.value, chart_.y_unit)));
  }

  [[nodiscard]] std::string rectangle(const Bar& bar, std::size_t category, double x, double y, double width,
                                      double height) const {
    return fmt::format(
        "<rect class=\"{} bar\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"1.5\">"
        "<title>{}</title></rect>\n",
        series_class(bar.series), x, y, std::max(width, 0.5), std::max(height, 0.5), tooltip(bar, category));
  }

  // With three digits.
  [[nodiscard]] std::string value_label(double value) const {
    const double step = value == 0 ? 1 : std::pow(10, std::floor(std::log10(std::abs(value))) - 2);
    return short_label(value, chart_.y_unit, step);
  }

  [[nodiscard]] std::string render_upright(std::string_view id) const {
    Box box{.left = widest_label(axis_) + 14, .top = line_height + 22, .right = size_.width - 6};
    box.bottom = box.top + (size_.width < 500 ? 190 : 240);
    std::string body = y_axis(axis_, box);
    if (!chart_.y_label.empty()) body += text_at(2, line_height - 3, "label", fitted(chart_.y_label, size_.width - 4));
    const double group = (box.right - box.left) / static_cast<double>(chart_.categories.size());
    const double thick =
        std::min(64.0, group * 0.78 / static_cast<double>(std::max<std::size_t>(1, chart_.series.size())));
    const std::size_t named = every_which_fits(group);
    for (std::size_t c = 0; c < chart_.categories.size(); ++c) {
      const double middle = box.left + group * (static_cast<double>(c) + 0.5);
      body += upright_group(c, middle, thick, box);
      if (c % named != 0) continue;
      const double room = group * static_cast<double>(named) - 4;
      body += text_at(middle, box.bottom + 18, "tick mid", fitted(chart_.categories[c], room));
    }
    body += line_between(box.left, box.y(zero()), box.right, box.y(zero()), "axis");
    if (!chart_.x_label.empty()) {
      body += text_at((box.left + box.right) / 2, box.bottom + 38, "label mid",
                      fitted(chart_.x_label, box.right - box.left));
    }
    return framed(chart_, size_, box.bottom + (chart_.x_label.empty() ? 26 : 46), id, body);
  }

  // Every how-manieth name has room below its bars: 1 where the names are cut anyway.
  [[nodiscard]] std::size_t every_which_fits(double group) const {
    constexpr double short_name = 30;
    double widest = 0;
    for (const std::string& name : chart_.categories)
      widest = std::max(widest, std::min(text_width(shown(name)), short_name));
    return static_cast<std::size_t>(std::ceil((widest + 4) / group));
  }

  [[nodiscard]] std::string upright_group(std::size_t category, double middle, double thick, const Box& box) const {
    const bool values_fit = widest_short_value() <= thick;
    std::string out;
    const double first = middle - thick * static_cast<double>(chart_.series.size()) / 2;
    for (const Bar& bar : bars_of(category)) {
      const double x = first + thick * static_cast<double>(bar.series);
      const double from = box.y(zero());
      const double to = box.y(axis_.position(bar.value));
      out += rectangle(bar, category, x + 1, std::min(from, to), thick - 2, std::abs(from - to));
      if (!values_fit) continue;
      const std::string value = value_label(bar.value);
      out += text_at(x + thick / 2, bar.value < 0 ? to + 14 : to - 5, "value mid", value);
    }
    return out;
  }

  [[nodiscard]] std::string render_lying(std::string_view id) const {
    constexpr double thick = 17;
    const double room = (widest_full_value() <= size_.width / 4 ? widest_full_value() : widest_short_value()) + 8;
    const std::vector<double> values = values_of(chart_, &Point::y);
    const bool below_zero = std::any_of(values.begin(), values.end(), [](double value) { return value < 0; });
    Box box{.left = below_zero ? room : 2, .top = 6, .right = size_.width - room};
    if (!chart_.y_label.empty()) box.top += line_height + 4;
    double y = box.top;
    std::string bars;
    for (std::size_t c = 0; c < chart_.categories.size(); ++c) {
      bars += text_at(2, y + 12, "category", fitted(chart_.categories[c], size_.width - 4));
      y += line_height + 2;
      const double first = y;
      for (const Bar& bar : bars_of(c)) {
        bars += lying_bar(bar, c, y, thick, box);
        y += thick;
      }
      bars += line_between(box.x(zero()), first, box.x(zero()), y, "axis");
      y += 10;
    }
    std::string body;
    if (!chart_.y_label.empty()) body += text_at(2, line_height - 3, "label", fitted(chart_.y_label, size_.width - 4));
    return framed(chart_, size_, y, id, body + bars);
  }

  [[nodiscard]] std::string lying_bar(const Bar& bar, std::size_t category, double y, double thick,
                                      const Box& box) const {
    const double from = box.x(zero());
    const double to = box.x(axis_.position(bar.value));
    return rectangle(bar, category, std::min(from, to), y + 1, std::abs(from - to), thick - 2) +
           text_at(bar.value < 0 ? to - 5 : to + 5, y + thick - 4, bar.value < 0 ? "value end" : "value",
                   bar_label(bar.value));
  }

  [[nodiscard]] double widest_short_value() const {
    double widest = 0;
    for (const double value : values_of(chart_, &Point::y)) widest = std::max(widest, text_width(value_label(value)));
    return widest;
  }

  // The label of a lying bar, in full as long as that leaves most of the width to the bars.
  [[nodiscard]] std::string bar_label(double value) const {
    return widest_full_value() <= size_.width / 4 ? full_label(value, chart_.y_unit) : value_label(value);
  }

  [[nodiscard]] double widest_full_value() const {
    double widest = 0;
    for (const double value : values_of(chart_, &Point::y)) {
      widest = std::max(widest, text_width(full_label(value, chart_.y_unit)));
    }
    return widest;
  }

  const Chart& chart_;
  const ChartSize& size_;
  Axis axis_;
};

}  // namespace

std::string chart_svg(const Chart& chart, const ChartSize& size, std::string_view id) {
  return chart.kind == ChartKind::bars ? BarChart(chart, size).render(id) : LineChart(chart, size).render(id);
}

}  // namespace weir::plan
