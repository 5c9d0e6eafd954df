#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "formats/shared/errors.h"

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

// `30s`, `2m59.56s`, `1h2m`, `500ms`: a number and its unit, one behind the other; milliseconds.
std::optional<double> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view name;
    double ms;
  };
  constexpr std::array units = {Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"m", 60'000}, Unit{"h", 3'600'000},
                                Unit{"d", 86'400'000}};
  double total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const auto digits_end = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = parse_number(text.substr(0, digits_end));
    text.remove_prefix(digits_end);
    const auto name = text.substr(0, text.find_first_of("0123456789."));
    const auto* const unit =
        std::find_if(units.begin(), units.end(), [&](const Unit& one) { return one.name == name; });
    if (!number || unit == units.end()) return std::nullopt;
    total += *number * unit->ms;
    text.remove_prefix(name.size());
  }
  return total;
}

int64_t bounded(double ms) {
  return ms >= static_cast<double>(longest_ms) ? longest_ms : static_cast<int64_t>(std::ceil(ms));
}

// When what is used up is there again, of those that say so in place of Retry-After (OpenAI, Groq, Together: a span or
// seconds). The longest of those with nothing left.
int64_t reset_ms(const Headers& headers) {
  int64_t longest = 0;
  for (const std::string_view what : {"-requests", "-tokens", ""}) {
    const auto left = parse_number(headers.get(fmt::format("x-ratelimit-remaining{}", what)));
    const auto reset = headers.get(fmt::format("x-ratelimit-reset{}", what));
    if (!left || *left > 0 || reset.empty()) continue;
    constexpr double no_span = 1e8;  // seconds: a point in time, for which there is no clock here
    const auto seconds = parse_number(reset);
    const auto ms = seconds && *seconds < no_span ? std::optional(*seconds * 1000) : parse_duration(reset);
    if (ms) longest = std::max(longest, bounded(*ms));
  }
  return longest;
}

}  // namespace

int64_t retry_after_ms(const Headers& headers) {
  if (const auto ms = parse_number(headers.get("retry-after-ms"))) return bounded(*ms);
  const auto text = headers.get("retry-after");
  if (const auto seconds = parse_number(text)) return bounded(*seconds * 1000);
  if (const auto ms = parse_duration(text)) return bounded(*ms);
  if (const auto until = parse_http_date(text)) {
    const auto now = parse_http_date(headers.get("date"));
    return now && *until > *now ? bounded(static_cast<double>(*until - *now) * 1000) : 0;
  }
  return text.empty() ? reset_ms(headers) : 0;
}

int64_t retry_delay_ms(std::string_view text) {
  const auto ms = parse_duration(text);
  return ms ? bounded(*ms) : 0;
}

}  // namespace weir
