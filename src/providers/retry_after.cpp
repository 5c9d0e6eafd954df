#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "providers/errors.h"

namespace weir {
namespace {

constexpr int64_t longest_ms = 3'600'000;

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || !(number >= 0)) return std::nullopt;
  return number;
}

// Days since 1970-01-01 of a Gregorian date (H. Hinnant, "chrono-compatible low-level date algorithms").
int64_t days_from_civil(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = year / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

std::optional<int64_t> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int64_t value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7), seconds since the epoch. The two obsolete forms are not read.
std::optional<int64_t> parse_http_date(std::string_view text) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto month = months.find(text.substr(8, 3));
  const auto day = digits(text, 5, 2);
  const auto year = digits(text, 12, 4);
  const auto hour = digits(text, 17, 2);
  const auto minute = digits(text, 20, 2);
  const auto second = digits(text, 23, 2);
  if (month == std::string_view::npos || month % 3 != 0 || !day || !year || !hour || !minute || !second)
    return std::nullopt;
  return days_from_civil(*year, static_cast<int64_t>(month / 3) + 1, *day) * 86400 + *hour * 3600 + *minute * 60 +
         *second;
}

int64_t bounded(double ms) {
  return ms >= static_cast<double>(longest_ms) ? longest_ms : static_cast<int64_t>(std::ceil(ms));
}

}  // namespace

int64_t retry_after_ms(const Headers& headers) {
  if (const auto ms = parse_number(headers.get("retry-after-ms"))) return bounded(*ms);
  const auto text = headers.get("retry-after");
  if (const auto seconds = parse_number(text)) return bounded(*seconds * 1000);
  const auto until = parse_http_date(text);
  const auto now = parse_http_date(headers.get("date"));
  if (!until || !now || *until <= *now) return 0;
  return bounded(static_cast<double>(*until - *now) * 1000);
}

}  // namespace weir
