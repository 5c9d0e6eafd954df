// Charts as inline SVG, without scripts: colours and dashes are classes that the page's style defines
// (report_html.cpp), so that a chart follows light and dark. A number on a percent axis is in percent (80, not 0.8).
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "report/html_text.h"
#include "report/report.h"

namespace weir::plan {

inline constexpr std::size_t series_styles = 8;  // classes s0 … s7, then again from s0

struct ChartSize {
  double width = 0;  // in CSS pixels; the height follows from the chart
  std::string_view css_class;
};

// "" when there is nothing to draw. `id` is unique within the page.
[[nodiscard]] std::string chart_svg(const Chart& chart, const ChartSize& size, std::string_view id);

using report::escaped;

}  // namespace weir::plan
