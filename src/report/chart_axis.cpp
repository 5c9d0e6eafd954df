#include "report/chart_axis.h"

#include <algorithm>
#include <array>

namespace weir::plan {
namespace {

struct Magnitude {
  double size;
  std::string_view suffix;
};
constexpr std::array<Magnitude, 5> magnitudes = {{{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e3, "k"}, {1, ""}}};

// The step of 1, 2, 2.5 or 5 times a power of ten that cuts `range` into at most `most` pieces.
double nice_step(double range, int most) {
  const double rough = range / most;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double times : {1.0, 2.0, 2.5, 5.0}) {
    if (times * power >= rough * (1 - 1e-9)) return times * power;
  }
  return 10 * power;
}

void add_even_ticks(Axis& axis, double step) {
  axis.step = step;
  const double slack = axis.step * 1e-6;
  for (double at = std::ceil((axis.low - slack) / axis.step); at * axis.step <= axis.high + slack; ++at) {
    axis.ticks.push_back(at == 0 ? 0 : at * axis.step);
  }
}

// Powers of ten; with their doubles and fives where those are few; thinned out where they are many.
void add_decades(Axis& axis, int most_ticks) {
  const int first = static_cast<int>(std::floor(std::log10(axis.low) + 1e-9));
  const int last = static_cast<int>(std::ceil(std::log10(axis.high) - 1e-9));
  const int decades = std::max(1, last - first);
  const int stride = (decades + most_ticks - 1) / most_ticks;
  const std::vector<double> times = 3 * decades <= most_ticks ? std::vector<double>{1, 2, 5} : std::vector<double>{1};
  for (int power = first; power <= last; power += stride) {
    for (const double factor : times) {
      const double tick = factor * std::pow(10, power);
      if (tick >= axis.low * (1 - 1e-9) && tick <= axis.high * (1 + 1e-9)) axis.ticks.push_back(tick);
    }
  }
}

void fit_linear(Axis& axis, Span span, int most_ticks) {
  const bool near_zero = axis.low > 0 && axis.low < 0.4 * axis.high;
  if (span == Span::to_ticks || near_zero) axis.low = std::min(axis.low, 0.0);
  if (span == Span::to_ticks) axis.high = std::max(axis.high, 0.0);
  if (axis.low == axis.high) axis.high = axis.low + (axis.low == 0 ? 1 : std::abs(axis.low));
  const double step = nice_step(axis.high - axis.low, most_ticks);
  if (span == Span::to_ticks) {
    axis.low = std::floor(axis.low / step + 1e-9) * step;
    axis.high = std::ceil(axis.high / step - 1e-9) * step;
  }
  add_even_ticks(axis, step);
}

void fit_logarithmic(Axis& axis, Span span, int most_ticks) {
  if (span == Span::to_ticks || axis.low == axis.high) {
    axis.low = std::pow(10, std::floor(std::log10(axis.low) + 1e-9));
    axis.high = std::pow(10, std::ceil(std::log10(axis.high) - 1e-9));
    if (axis.low >= axis.high) axis.high = axis.low * 10;
  }
  add_decades(axis, most_ticks);
  if (axis.ticks.size() >= 2) return;
  axis.ticks.clear();
  add_even_ticks(axis, nice_step(axis.high - axis.low, most_ticks));
}

std::string with_unit(std::string number, Unit unit) {
  const bool below_zero = number.starts_with('-');
  if (unit == Unit::dollars) return below_zero ? "-$" + number.substr(1) : "$" + number;
  if (unit == Unit::percent) return number + " %";
  if (unit == Unit::milliseconds) return number + " ms";
  if (unit == Unit::hours) return number + " h";
  return number;
}

// As few decimals as tell `value` from value + step; at most six.
int decimals_for(double step) {
  double scaled_step = std::abs(step);
  int decimals = 0;
  while (decimals < 6 && scaled_step > 0 && std::abs(scaled_step - std::round(scaled_step)) > 1e-6 * scaled_step) {
    scaled_step *= 10;
    ++decimals;
  }
  return decimals;
}

std::string without_zeros(std::string number) {
  if (number.find('.') == std::string::npos) return number;
  number.erase(number.find_last_not_of('0') + 1);
  if (number.ends_with('.')) number.pop_back();
  return number == "-0" ? "0" : number;
}

std::string grouped(std::string number) {
  const std::size_t point = std::min(number.find('.'), number.size());
  const std::size_t digits = number.starts_with('-') ? 1 : 0;
  for (std::size_t at = point; at > digits + 3; at -= 3) number.insert(at - 3, 1, ',');
  return number;
}

}  // namespace

bool drawable(double value, Scale scale) {
  constexpr double most = 1e100;
  return std::isfinite(value) && std::abs(value) < most && (scale == Scale::linear || value > 1 / most);
}

double Axis::position(double value) const {
  if (scale == Scale::linear) return (value - low) / (high - low);
  return (std::log10(value) - std::log10(low)) / (std::log10(high) - std::log10(low));
}

std::string Axis::tick_label(double tick) const { return short_label(tick, unit, step > 0 ? step : tick); }

Axis make_axis(std::span<const double> values, Scale scale, Unit unit, Span span, int most_ticks) {
  const auto ends = std::minmax_element(values.begin(), values.end());
  Axis axis{.low = *ends.first, .high = *ends.second, .scale = scale, .unit = unit};
  if (scale == Scale::linear) {
    fit_linear(axis, span, most_ticks);
  } else {
    fit_logarithmic(axis, span, most_ticks);
  }
  return axis;
}

std::string short_label(double value, Unit unit, double step) {
  constexpr double past_words = 1e15;
  if (std::abs(value) >= past_words) return with_unit(fmt::format("{:.3g}", value), unit);
  const bool seconds = unit == Unit::milliseconds && std::abs(value) >= 1000;
  if (seconds) {
    value /= 1000;
    step /= 1000;
  }
  const auto* const size = std::find_if(magnitudes.begin(), magnitudes.end() - 1,
                                        [&](const Magnitude& one) { return std::abs(value) >= one.size; });
  const std::string digits = without_zeros(fmt::format("{:.{}f}", value / size->size, decimals_for(step / size->size)));
  const std::string number = grouped(digits) + std::string(size->suffix);
  return seconds ? number + " s" : with_unit(number, unit);
}

std::string full_label(double value, Unit unit) {
  if (!std::isfinite(value)) return "-";
  const double size = std::abs(value);
  if (size >= 1e15) return with_unit(fmt::format("{:.3g}", value), unit);
  const int before_point = size < 1 ? 0 : static_cast<int>(std::floor(std::log10(size))) + 1;
  return with_unit(grouped(without_zeros(fmt::format("{:.{}f}", value, std::clamp(6 - before_point, 0, 6)))), unit);
}

}  // namespace weir::plan
