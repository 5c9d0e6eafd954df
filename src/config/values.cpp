#include "config/values.h"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace weir {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

// A decimal number without sign or exponent, and the unit after it.
struct Quantity {
  double amount = 0;
  std::string_view unit;
};

std::optional<Quantity> split(std::string_view text) {
  const auto digits = text.find_first_not_of("0123456789.");
  const auto number = text.substr(0, digits);
  Quantity out;
  const auto* end = number.data() + number.size();
  const auto result = std::from_chars(number.data(), end, out.amount);
  if (number.empty() || result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  if (digits != std::string_view::npos) out.unit = text.substr(digits);
  if (!out.unit.empty() && out.unit.front() == ' ') out.unit.remove_prefix(1);
  return out;
}

template <std::size_t N>
std::optional<int64_t> scaled(std::string_view text, const std::array<Unit, N>& units, double most) {
  const auto quantity = split(text);
  if (!quantity) return std::nullopt;
  for (const auto& unit : units) {
    if (unit.name != quantity->unit) continue;
    const double value = quantity->amount * unit.factor;
    if (value > most) return std::nullopt;
    return static_cast<int64_t>(std::llround(value));
  }
  return std::nullopt;
}

// `k`, `M`, `G` at the end, which is taken off: powers of ten.
int powers_of(std::string_view& text) {
  if (text.empty()) return 0;
  const char last = text.back();
  const int powers = last == 'k' || last == 'K' ? 3 : last == 'M' ? 6 : last == 'G' ? 9 : 0;
  if (powers == 0) return 0;
  text.remove_suffix(1);
  if (text.ends_with(' ')) text.remove_suffix(1);
  return powers;
}

constexpr std::array durations = {Unit{"ms", 1}, Unit{"s", 1e3}, Unit{"m", 6e4}, Unit{"h", 3.6e6}, Unit{"d", 8.64e7}};
constexpr std::array sizes = {
    Unit{"", 1},     Unit{"B", 1},    Unit{"KiB", 1024.0}, Unit{"MiB", 1048576.0}, Unit{"GiB", 1073741824.0},
    Unit{"KB", 1e3}, Unit{"MB", 1e6}, Unit{"GB", 1e9}};
constexpr std::array money = {Unit{"", 1e6}};
constexpr double ten_years_ms = 10.0 * 366 * 24 * 3.6e6;

bool is_name(std::string_view name) {
  return !name.empty() && (name[0] < '0' || name[0] > '9') &&
         name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
             std::string_view::npos;
}

}  // namespace

std::optional<int64_t> parse_duration(std::string_view text) { return scaled(text, durations, ten_years_ms); }

std::optional<int64_t> parse_size(std::string_view text) { return scaled(text, sizes, 1e15); }

std::optional<MicroDollars> parse_dollars(std::string_view text) {
  if (text.starts_with('$')) text.remove_prefix(1);
  return scaled(text, money, 1e15);
}

std::optional<int64_t> parse_integer(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto value = parse_decimal(negative ? text.substr(1) : text, 0);
  return value && negative ? std::optional(-*value) : value;
}

std::optional<int64_t> parse_per_month(std::string_view text) {
  struct Time {
    std::string_view name;
    int64_t times;  // in a month of 30 days
  };
  constexpr std::array times = {Time{"hour", 720}, Time{"h", 720}, Time{"day", 30}, Time{"d", 30}, Time{"month", 1}};
  const auto slash = text.find('/');
  auto amount = text.substr(0, slash);
  while (amount.ends_with(' ')) amount.remove_suffix(1);
  const auto count = parse_integer(amount);
  if (slash == std::string_view::npos || !count) return count;
  auto unit = text.substr(slash + 1);
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const auto& [name, each] : times) {
    int64_t product = 0;
    if (unit == name && !__builtin_mul_overflow(*count, each, &product)) return product;
  }
  return std::nullopt;
}

std::optional<int64_t> parse_decimal(std::string_view text, int digits) {
  int places = digits + powers_of(text);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  auto decimals = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && decimals.empty())) return std::nullopt;
  while (decimals.ends_with('0')) decimals.remove_suffix(1);
  if (decimals.size() > static_cast<std::size_t>(places)) return std::nullopt;
  std::string all(whole);
  all += decimals;
  all.append(static_cast<std::size_t>(places) - decimals.size(), '0');
  if (all.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  int64_t value = 0;
  const auto* end = all.data() + all.size();
  const auto result = std::from_chars(all.data(), end, value);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return value;
}

std::optional<int64_t> parse_share(std::string_view text) {
  constexpr int64_t all = 1'000'000;
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  if (percent && text.ends_with(' ')) text.remove_suffix(1);
  const auto value = parse_decimal(text, percent ? 4 : 6);
  return value && (*value < all || (percent && *value == all)) ? value : std::nullopt;
}

std::optional<bool> parse_flag(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::string duration_text(int64_t ms) {
  if (ms == 0 || ms % 1000 != 0) return fmt::format("{}ms", ms);
  const auto seconds = ms / 1000;
  if (seconds % 86'400 == 0) return fmt::format("{}d", seconds / 86'400);
  if (seconds % 3600 == 0) return fmt::format("{}h", seconds / 3600);
  if (seconds % 60 == 0) return fmt::format("{}m", seconds / 60);
  return fmt::format("{}s", seconds);
}

std::string size_text(int64_t bytes) {
  constexpr int64_t kib = 1024, mib = kib * 1024, gib = mib * 1024;
  if (bytes != 0 && bytes % gib == 0) return fmt::format("{}GiB", bytes / gib);
  if (bytes != 0 && bytes % mib == 0) return fmt::format("{}MiB", bytes / mib);
  if (bytes != 0 && bytes % kib == 0) return fmt::format("{}KiB", bytes / kib);
  return fmt::format("{}", bytes);
}

std::string dollars_text(MicroDollars amount) {
  auto text = fmt::format("{}.{:06}", amount / 1'000'000, amount % 1'000'000);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string decimal_text(int64_t value, int digits) {
  int64_t one = 1;
  for (int i = 0; i < digits; ++i) one *= 10;
  auto text = fmt::format("{}", value / one);
  if (value % one == 0) return text;
  text += fmt::format(".{:0{}}", value % one, digits);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

Expanded expand(std::string_view text, const Environment& environment) {
  Expanded out;
  while (!text.empty()) {
    const auto dollar = text.find('$');
    out.text += text.substr(0, dollar);
    if (dollar == std::string_view::npos) break;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('$')) {
      out.text += '$';
      text.remove_prefix(1);
      continue;
    }
    if (!text.starts_with('{')) {
      out.text += '$';
      continue;
    }
    const auto close = text.find('}');
    if (close == std::string_view::npos) {
      out.fault = "`${` without its `}`";
      return out;
    }
    const auto inside = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    const auto colon = inside.find(":-");
    const auto name = inside.substr(0, colon);
    if (!is_name(name)) {
      out.fault = "`${" + std::string(inside.substr(0, 40)) + "}` is no variable";
      return out;
    }
    const auto value = environment ? environment(name) : std::nullopt;
    out.changed = true;
    if (value && (colon == std::string_view::npos || !value->empty())) {
      out.text += *value;
    } else if (colon != std::string_view::npos) {
      out.text += inside.substr(colon + 2);
    } else {
      out.missing.emplace_back(name);
    }
  }
  return out;
}

}  // namespace weir
