// Money and times as text, and back.
#include <charconv>
#include <chrono>

#include "core/json.h"
#include "ledger/query.h"

namespace weir {
namespace {

constexpr int64_t micro = 1'000'000;
constexpr MicroDollars cent = 10'000;

using Days = std::chrono::sys_days;

std::chrono::sys_time<std::chrono::microseconds> point_of(int64_t time_us) {
  return std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(time_us));
}

// Names in the ledger come from configs and clients: nothing in them may steer a terminal.
std::string printable(std::string_view text) {
  std::string clean;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    clean += byte < 0x20 || byte == 0x7f ? '?' : c;
  }
  return clean;
}

// All of `text` as digits; nullopt for anything else or too large a number.
std::optional<int64_t> digits(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || text.starts_with('-')) return std::nullopt;
  return number;
}

std::optional<int64_t> parse_span(std::string_view text) {
  struct Unit {
    char letter;
    int64_t seconds;
  };
  if (text.empty()) return std::nullopt;
  for (const auto& [letter, seconds] :
       {Unit{'s', 1}, Unit{'m', 60}, Unit{'h', 3'600}, Unit{'d', 86'400}, Unit{'w', 604'800}}) {
    if (text.back() != letter) continue;
    const auto count = digits(text.substr(0, text.size() - 1));
    constexpr int64_t most_seconds = int64_t{200} * 366 * 86'400;
    if (!count || *count > most_seconds / seconds) return std::nullopt;
    return *count * seconds * micro;
  }
  return std::nullopt;
}

// `HH:MM` or `HH:MM:SS`, with or without `Z`; seconds of the day.
std::optional<int64_t> parse_clock(std::string_view text) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.size() != 5 && text.size() != 8) return std::nullopt;
  if (text[2] != ':' || (text.size() == 8 && text[5] != ':')) return std::nullopt;
  const auto hours = digits(text.substr(0, 2));
  const auto minutes = digits(text.substr(3, 2));
  const auto seconds = text.size() == 8 ? digits(text.substr(6, 2)) : 0;
  if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 59) return std::nullopt;
  return *hours * 3'600 + *minutes * 60 + *seconds;
}

std::optional<int64_t> parse_date_time(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  int64_t clock = 0;
  if (text.size() > 10) {
    const auto parsed = text[10] == 'T' ? parse_clock(text.substr(11)) : std::nullopt;
    if (!parsed) return std::nullopt;
    clock = *parsed;
  }
  return (Days(date).time_since_epoch().count() * int64_t{86'400} + clock) * micro;
}

}  // namespace

Result<int64_t> parse_since(std::string_view text, int64_t now_us) {
  if (const auto span = parse_span(text)) return now_us - *span;
  if (const auto time = parse_date_time(text)) return *time;
  return failure(ErrorCode::invalid_request,
                 fmt::format("`{}` is no time: write a span before now (30m, 24h, 7d, 2w) or a date in UTC "
                             "(2026-11-01, 2026-11-01T08:00)",
                             printable(text)));
}

std::string format_money(MicroDollars amount) {
  // The smallest number has no positive counterpart of its own type.
  const uint64_t absolute = amount < 0 ? uint64_t{0} - static_cast<uint64_t>(amount) : static_cast<uint64_t>(amount);
  const std::string_view sign = amount < 0 ? "-" : "";
  if (absolute != 0 && absolute < 10 * cent)
    return fmt::format("{}${}.{:06}", sign, absolute / micro, absolute % micro);
  const uint64_t cents = absolute / cent + (absolute % cent >= cent / 2 ? 1 : 0);
  return fmt::format("{}${}.{:02}", sign, cents / 100, cents % 100);
}

Result<MicroDollars> parse_money(std::string_view text) {
  const auto refuse = [&] {
    return failure(ErrorCode::invalid_request,
                   fmt::format("`{}` is no amount of money: write dollars, with at most six digits behind the point "
                               "(5, $5.25, 0.000001)",
                               printable(text)));
  };
  auto rest = text;
  if (rest.starts_with('$')) rest.remove_prefix(1);
  const auto point = rest.find('.');
  const auto whole = digits(rest.substr(0, point));
  constexpr int64_t most_dollars = 1'000'000'000'000;
  if (!whole || *whole > most_dollars) return refuse();
  int64_t parts = 0;
  if (point != std::string_view::npos) {
    auto fraction = std::string(rest.substr(point + 1));
    if (fraction.empty() || fraction.size() > 6) return refuse();
    fraction.resize(6, '0');
    const auto parsed = digits(fraction);
    if (!parsed) return refuse();
    parts = *parsed;
  }
  return *whole * micro + parts;
}

std::string format_time(int64_t time_us) {
  if (time_us == 0) return {};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(point_of(time_us));
  const std::chrono::hh_mm_ss clock(seconds - std::chrono::floor<std::chrono::days>(seconds));
  return fmt::format("{}T{:02}:{:02}:{:02}Z", format_date(time_us), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string format_date(int64_t time_us) {
  if (time_us == 0) return {};
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(point_of(time_us)));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

}  // namespace weir
