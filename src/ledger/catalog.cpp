// The price catalog; its format is described in catalog/README.md.
#include <algorithm>
#include <charconv>

#include "core/http.h"
#include "ledger/catalog_data.h"
#include "ledger/catalog_edition.h"
#include "ledger/pricing.h"

namespace weir {
namespace {

constexpr std::string_view nothing = "-";

// Cuts off and returns what comes before `separator`; all of it when there is none.
std::string_view cut(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto piece = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return piece;
}

std::vector<std::string_view> list_of(std::string_view text) {
  std::vector<std::string_view> items;
  if (text == nothing) return items;
  while (!text.empty()) items.push_back(cut(text, ','));
  return items;
}

// Digits only.
std::optional<int64_t> whole_number(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool begins(std::string_view text, std::string_view with) {
  return equals_ignoring_case(text.substr(0, with.size()), with);
}

bool contains(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

// `#` is a digit, `*` any text; all else itself. Without recursion: on a mismatch the last `*` takes one more.
bool fits(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t in = 0;
  std::optional<std::size_t> star;
  std::size_t taken = 0;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  while (in < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      taken = in;
    } else if (at < pattern.size() &&
               (pattern[at] == '#' ? is_digit(text[in]) : lower(pattern[at]) == lower(text[in]))) {
      ++at;
      ++in;
    } else if (star) {
      at = *star + 1;
      in = ++taken;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

struct Line {
  std::string_view id;
  std::string_view context;
  std::string_view prices;
  std::string_view flags;
  std::string_view rules;

  static Line parse(std::string_view text) {
    Line line;
    for (auto* field : {&line.id, &line.context, &line.prices, &line.flags, &line.rules}) *field = cut(text, '\t');
    return line;
  }
  [[nodiscard]] bool names(std::string_view model) const {
    if (equals_ignoring_case(id, model)) return true;
    for (auto rest = rules; !rest.empty();) {
      const auto rule = cut(rest, ' ');
      if (rule.starts_with('=') && equals_ignoring_case(rule.substr(1), model)) return true;
    }
    return false;
  }
  // How closely the rules fit the name: 0 not at all; the most where they leave only digits open, as of a date.
  [[nodiscard]] std::size_t closeness(std::string_view model) const {
    std::size_t closest = 0;
    for (auto rest = rules; !rest.empty();) {
      const auto rule = cut(rest, ' ');
      if (!rule_matches(rule, model)) continue;
      const bool only_digits_open = rule.starts_with('~') && rule.find('*') == std::string_view::npos;
      closest = std::max(closest, only_digits_open ? exact : rule.size());
    }
    return closest;
  }
  static constexpr std::size_t exact = std::string_view::npos;

  [[nodiscard]] bool has(std::string_view flag) const {
    const auto flags_listed = list_of(flags);
    return std::find(flags_listed.begin(), flags_listed.end(), flag) != flags_listed.end();
  }
};

// `1/2/3`, and maybe what writing to a cache costs: `/4/5`. `-` for an output that is not priced by tokens.
std::optional<TokenRates> parse_rates(std::string_view text, bool& output_known) {
  TokenRates rates;
  const auto input = whole_number(cut(text, '/'));
  const auto cached = whole_number(cut(text, '/'));
  const auto output = cut(text, '/');
  output_known = output != nothing;
  const auto output_price = output_known ? whole_number(output) : 0;
  if (!input || !cached || !output_price) return std::nullopt;
  rates = {.input = *input, .cached = *cached, .output = *output_price};
  for (auto* field : {&rates.written, &rates.written_long}) {
    if (text.empty()) break;
    const auto price = whole_number(cut(text, '/'));
    if (!price) return std::nullopt;
    *field = *price;
  }
  if (!text.empty()) return std::nullopt;
  return rates;
}

// `0130`, in minutes.
std::optional<int32_t> parse_minute(std::string_view text) {
  const auto number = whole_number(text);
  if (text.size() != 4 || !number || *number % 100 > 59 || *number / 100 > 24) return std::nullopt;
  return static_cast<int32_t>(*number / 100 * 60 + *number % 100);
}

void set_base(Prices& prices, const TokenRates& rates) {
  prices.input = rates.input;
  prices.cached = rates.cached;
  prices.output = rates.output;
  prices.written = rates.written;
  prices.written_long = rates.written_long;
}

TokenRates base_of(const Prices& prices) {
  return {.input = prices.input,
          .cached = prices.cached,
          .output = prices.output,
          .written = prices.written,
          .written_long = prices.written_long};
}

// Data may give the dear hours or the cheap ones; Prices keeps the cheap ones.
void turn_hours(Prices& prices) {
  auto& hours = prices.cheap_hours;
  if (hours[0] == DayWindow{} || prices.cheap.input + prices.cheap.output < prices.input + prices.output) return;
  const auto base = base_of(prices);
  set_base(prices, prices.cheap);
  prices.cheap = base;
  if (hours[1] == DayWindow{}) {
    hours[0] = {.from = hours[0].until, .until = hours[0].from};
  } else {
    hours = {DayWindow{.from = hours[0].until, .until = hours[1].from},
             DayWindow{.from = hours[1].until, .until = hours[0].from}};
  }
}

// One condition and its rates, onto the prices so far.
bool add_condition(std::string_view condition, const TokenRates& rates, Prices& prices) {
  if (condition.front() == '>') {
    const auto above = whole_number(condition.substr(1));
    if (!above || *above == 0 || prices.long_above != 0) return false;
    prices.long_above = *above;
    prices.long_prompt = rates;
    return true;
  }
  auto hours = condition.substr(1);
  const auto from = parse_minute(cut(hours, '-'));
  const auto until = parse_minute(hours);
  auto& windows = prices.cheap_hours;
  const std::size_t place = windows[0] == DayWindow{} ? 0 : 1;
  if (!from || !until || *from == *until || windows[place] != DayWindow{}) return false;
  if (place == 1 && (!(prices.cheap == rates) || *from < windows[0].until)) return false;
  windows[place] = {.from = *from, .until = *until};
  prices.cheap = rates;
  return true;
}

}  // namespace

Catalog::Catalog(std::string today) : Catalog(catalog_data(), std::move(today)) {}

bool rule_matches(std::string_view rule, std::string_view model) {
  if (rule.empty()) return false;
  auto text = rule.substr(1);
  if (const auto but = text.find('!'); but != std::string_view::npos) {
    if (contains(model, text.substr(but + 1))) return false;
    text = text.substr(0, but);
  }
  switch (rule.front()) {
    case '^':
      return begins(model, text);
    case '*':
      return contains(model, text);
    case '$':
      return model.size() >= text.size() && equals_ignoring_case(model.substr(model.size() - text.size()), text);
    case '~':
      return fits(text, model);
    default:
      return false;
  }
}

std::optional<Prices> parse_prices(std::string_view text, std::string_view today) {
  Prices prices;
  if (text == nothing) return prices;
  for (bool first = true; !text.empty() || first; first = false) {
    auto dated = cut(text, ';');
    const auto colon = dated.find(':');
    const auto condition = colon == std::string_view::npos ? std::string_view() : cut(dated, ':');
    bool output_known = true;
    const auto rates = parse_rates(dated, output_known);
    if (!rates || (first && colon != std::string_view::npos && condition.empty())) return std::nullopt;
    const bool modifies = condition.starts_with('>') || condition.starts_with('@');
    if (modifies) {
      if (!add_condition(condition, *rates, prices)) return std::nullopt;
      continue;
    }
    if (!condition.empty() && condition > today) break;
    prices = Prices{.known = true, .output_known = output_known};
    set_base(prices, *rates);
  }
  turn_hours(prices);
  return prices;
}

Catalog::Catalog(std::shared_ptr<const std::string> text, std::string today)
    : Catalog(std::string_view(*text), std::move(today)) {
  owned_ = std::move(text);
}

Catalog::Catalog(std::string_view text, std::string today) : today_(std::move(today)) {
  while (!text.empty()) {
    auto line = cut(text, '\n');
    if (line.starts_with("@\t")) {
      static_cast<void>(cut(line, '\t'));
      Section& section = sections_.emplace_back();
      section.id = cut(line, '\t');
      section.title = cut(line, '\t');
      section.as_of = cut(line, '\t');
      section.aliases = list_of(cut(line, '\t'));
      section.resells = list_of(cut(line, '\t'));
      section.lines = text.substr(0, 0);  // grows line by line
    } else if (!sections_.empty()) {
      auto& lines = sections_.back().lines;
      lines = {lines.data(), static_cast<std::size_t>(text.data() - lines.data())};
    }
  }
}

const Catalog::Section* Catalog::section(std::string_view provider) const {
  for (const auto& section : sections_) {
    if (equals_ignoring_case(section.id, provider)) return &section;
    for (const auto alias : section.aliases) {
      if (equals_ignoring_case(alias, provider)) return &section;
    }
  }
  return nullptr;
}

std::optional<CatalogPrice> Catalog::find(std::string_view provider, std::string_view model) const {
  const auto* own = section(provider);
  if (own == nullptr) return std::nullopt;
  if (auto found = find_in(*own, model)) return found;
  for (const auto resold : own->resells) {
    if (const auto* other = section(resold)) {
      if (auto found = find_in(*other, model)) return found;
    }
  }
  return std::nullopt;
}

std::optional<CatalogPrice> Catalog::find_in(const Section& section, std::string_view model) const {
  std::optional<Line> found;
  std::size_t closest = 0;
  for (auto rest = section.lines; !rest.empty();) {
    const auto text = cut(rest, '\n');
    if (text.empty() || text.front() == '#') continue;
    const auto line = Line::parse(text);
    if (line.names(model)) {
      found = line;
      closest = Line::exact;
      break;
    }
    if (const auto close = line.closeness(model); close > closest) {
      found = line;
      closest = close;
    }
  }
  if (!found) return std::nullopt;
  return CatalogPrice{.model = found->id,
                      .prices = parse_prices(found->prices, today_).value_or(Prices{}),
                      .context_length = whole_number(found->context).value_or(0),
                      .age_days = days_between(section.as_of, today_),
                      .as_of = section.as_of,
                      .by_rule = closest != Line::exact,
                      .deprecated = found->has("deprecated")};
}

std::vector<std::string_view> Catalog::models(std::string_view provider) const {
  std::vector<std::string_view> all;
  const auto* own = section(provider);
  if (own == nullptr) return all;
  for (auto rest = own->lines; !rest.empty();) {
    auto line = cut(rest, '\n');
    if (!line.empty() && line.front() != '#') all.push_back(cut(line, '\t'));
  }
  return all;
}

std::vector<CatalogProvider> Catalog::providers() const {
  std::vector<CatalogProvider> all;
  for (const auto& section : sections_) {
    std::size_t models = 0;
    for (auto rest = section.lines; !rest.empty();) {
      const auto line = cut(rest, '\n');
      models += line.empty() || line.front() == '#' ? 0U : 1U;
    }
    all.push_back({.id = section.id, .title = section.title, .models = models});
  }
  return all;
}

}  // namespace weir
