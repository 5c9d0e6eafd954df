// The price catalog; its format is described in catalog/README.md.
#include <algorithm>
#include <charconv>

#include "core/http.h"
#include "ledger/catalog_data.h"
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

int64_t number_of(std::string_view text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
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

bool is_date(std::string_view text) {
  constexpr std::size_t length = 8;
  return text.size() == length && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool rule_matches(std::string_view rule, std::string_view model) {
  if (rule.empty()) return false;
  const auto text = rule.substr(1);
  switch (rule.front()) {
    case '^':
      return begins(model, text);
    case '*':
      return contains(model, text);
    case '$':
      return model.size() >= text.size() && equals_ignoring_case(model.substr(model.size() - text.size()), text);
    case '@':
      return begins(model, text) && is_date(model.substr(text.size()));
    default:
      return false;
  }
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
  [[nodiscard]] bool matches(std::string_view model) const {
    for (auto rest = rules; !rest.empty();) {
      if (rule_matches(cut(rest, ' '), model)) return true;
    }
    return false;
  }
  [[nodiscard]] bool has(std::string_view flag) const {
    const auto flags_listed = list_of(flags);
    return std::find(flags_listed.begin(), flags_listed.end(), flag) != flags_listed.end();
  }
};

// `1/2/3;2026-09-01:4/5/6`: the last whose day has come.
Prices prices_on(std::string_view today, std::string_view text) {
  std::string_view current;
  while (!text.empty()) {
    auto dated = cut(text, ';');
    if (dated.find(':') != std::string_view::npos && cut(dated, ':') > today) break;
    current = dated;
  }
  Prices prices;
  prices.input = number_of(cut(current, '/'));
  prices.cached = number_of(cut(current, '/'));
  prices.output = number_of(cut(current, '/'));
  prices.known = true;
  return prices;
}

}  // namespace

Catalog::Catalog(std::string today) : Catalog(catalog_data(), std::move(today)) {}

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
  for (auto rest = section.lines; !rest.empty();) {
    const auto text = cut(rest, '\n');
    if (text.empty() || text.front() == '#') continue;
    const auto line = Line::parse(text);
    if (line.names(model)) {
      found = line;
      break;
    }
    if (!found && line.matches(model)) found = line;
  }
  if (!found) return std::nullopt;
  return CatalogPrice{.model = found->id,
                      .prices = prices_on(today_, found->prices),
                      .context_length = number_of(found->context),
                      .as_of = section.as_of,
                      .tiered = found->has("tiered"),
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
