// Axis: which part of the numbers a chart shows, where its ticks are, and how they are written. Pure; any thread.
#pragma once

#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"

namespace weir::plan {

// What can be drawn: a finite number that is not absurdly large; on a logarithmic axis, above zero.
[[nodiscard]] bool drawable(double value, Scale scale);

struct Axis {
  double low = 0;
  double high = 1;  // > low
  Scale scale = Scale::linear;
  Unit unit = Unit::count;
  std::vector<double> ticks;  // rising, within [low, high]
  double step = 0;            // between ticks of a linear axis; 0 = they are not evenly spaced

  // 0 at `low`, 1 at `high`.
  [[nodiscard]] double position(double value) const;
  [[nodiscard]] std::string tick_label(double tick) const;
};

enum class Span : uint8_t {
  as_data,   // ends where the data ends: the x axis of lines
  to_ticks,  // begins at zero (or below), ends at a tick: amounts
};

// `values`: drawable ones, at least one. `most_ticks` ≥ 2 is aimed at. Ticks are 1, 2, 2.5 or 5 times a power of ten.
[[nodiscard]] Axis make_axis(std::span<const double> values, Scale scale, Unit unit, Span span, int most_ticks);

// `$45k`, `1.5M`, `80 %`, `250 ms`: short. `step` is what it must differ by from its neighbours.
[[nodiscard]] std::string short_label(double value, Unit unit, double step);
// `$7,820`, `$0.045`, `1,000,000`: with every digit that matters (six, or all before the point).
[[nodiscard]] std::string full_label(double value, Unit unit);

}  // namespace weir::plan
