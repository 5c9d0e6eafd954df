#include "economics/sizing/size_text.h"

#include <cmath>
#include <string_view>

namespace weir::plan {
namespace {

std::string three_digits(double value) {
  if (value >= 99.95) return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}f}", value, value >= 9.995 ? 1 : 2);
}

}  // namespace

std::string bytes_text(double bytes) {
  constexpr std::string_view units[] = {"bytes", "KB", "MB", "GB", "TB", "PB", "EB"};
  if (bytes < 0) return "-" + bytes_text(-bytes);
  std::size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < std::size(units)) {
    bytes /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} bytes", bytes) : fmt::format("{} {}", three_digits(bytes), units[unit]);
}

std::string count_text(int64_t count) {
  auto text = std::to_string(count);
  const std::size_t first = count < 0 ? 1 : 0;
  for (auto at = text.size(); at > first + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string rate_text(double rate) {
  if (rate < 99.95) return three_digits(rate);
  if (rate > 1e15) return fmt::format("{:.3g}", rate);
  return count_text(std::llround(rate));
}

std::string seconds_text(double seconds) {
  if (seconds < 0.9995) return fmt::format("{} ms", three_digits(seconds * 1000));
  if (seconds < 119.5) return fmt::format("{} s", three_digits(seconds));
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{} h", three_digits(seconds / 3600));
}

}  // namespace weir::plan
