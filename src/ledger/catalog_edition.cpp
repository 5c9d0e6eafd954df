#include "ledger/catalog_edition.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "ledger/catalog_data.h"

namespace weir {
namespace {

constexpr std::size_t most_bytes = 8 * 1024 * 1024;
constexpr MicroDollars dearest = 10'000'000'000;  // $10,000 per million tokens
constexpr std::size_t fewest_models = 50;

std::string_view cut(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto piece = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return piece;
}

std::optional<std::chrono::sys_days> day_of(std::string_view text) {
  const auto digits = [](std::string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = text.substr(0, 4);
  const auto month = text.substr(5, 2);
  const auto day = text.substr(8, 2);
  if (!digits(year) || !digits(month) || !digits(day)) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(std::stoi(std::string(year))),
                                         std::chrono::month(static_cast<unsigned>(std::stoi(std::string(month)))),
                                         std::chrono::day(static_cast<unsigned>(std::stoi(std::string(day)))));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

bool is_dear(const TokenRates& rates) {
  return std::max({rates.input, rates.cached, rates.output, rates.written, rates.written_long}) > dearest;
}

// Reads a text line by line; the first fault ends it.
class Checker {
 public:
  explicit Checker(std::string_view today) : today_(today) {}

  Result<CatalogEdition> check(std::string text) {
    if (text.size() > most_bytes) return wrong("it is larger than 8 MiB");
    std::string_view rest = text;
    while (!rest.empty()) {
      ++number_;
      if (auto taken = take(cut(rest, '\n')); !taken) return failure(std::move(taken.error()));
    }
    number_ = 0;
    if (edition_.models < fewest_models) {
      return wrong(fmt::format("it has {} models; a catalog has {} at least", edition_.models, fewest_models));
    }
    edition_.text = std::make_shared<const std::string>(std::move(text));
    return std::move(edition_);
  }

 private:
  [[nodiscard]] tl::unexpected<Error> wrong(std::string_view what) const {
    return failure(ErrorCode::invalid_request,
                   number_ == 0 ? fmt::format("This is no price catalog that can be used: {}", what)
                                : fmt::format("This is no price catalog that can be used: line {}: {}", number_, what));
  }

  Status take(std::string_view line) {
    constexpr std::string_view source = "# Source: ";
    if (std::any_of(line.begin(), line.end(), [](char c) { return c >= 0 && c < ' ' && c != '\t'; })) {
      return wrong("it holds control characters");
    }
    if (line.starts_with(source) && edition_.source.empty()) edition_.source = line.substr(source.size());
    if (line.empty() || line.front() == '#') return {};
    const auto fields = static_cast<std::size_t>(std::count(line.begin(), line.end(), '\t')) + 1;
    if (line.starts_with("@\t")) return provider(line, fields);
    return model(line, fields);
  }

  Status provider(std::string_view line, std::size_t fields) {
    if (fields != 6) return wrong("a provider has six fields: @, id, title, date, aliases, whose models it resells");
    for (int skipped = 0; skipped < 3; ++skipped) static_cast<void>(cut(line, '\t'));
    const auto date = cut(line, '\t');
    if (!day_of(date)) return wrong(fmt::format("`{}` is no date", date.substr(0, 40)));
    if (days_between(today_, date) > 2) return wrong(fmt::format("its date is in the future: {}", date));
    edition_.date = std::max(edition_.date, std::string(date));
    ++edition_.providers;
    return {};
  }

  Status model(std::string_view line, std::size_t fields) {
    if (edition_.providers == 0) return wrong("a model stands before any provider");
    if (fields != 5) return wrong("a model has five fields: id, context length, prices, flags, rules");
    const auto id = cut(line, '\t');
    const auto context = cut(line, '\t');
    const auto text = cut(line, '\t');
    if (id.empty() || !std::all_of(context.begin(), context.end(), [](char c) { return c >= '0' && c <= '9'; })) {
      return wrong("its id or its context length cannot be read");
    }
    // On all days of its announced changes.
    const auto prices = parse_prices(text, "9999-12-31");
    if (!prices || !parse_prices(text, today_)) return wrong("its prices cannot be read");
    const TokenRates base{prices->input, prices->cached, prices->output, prices->written, prices->written_long};
    if (is_dear(base) || is_dear(prices->long_prompt) || is_dear(prices->cheap)) {
      return wrong("its price is absurd: more than $10,000 per million tokens");
    }
    ++edition_.models;
    return {};
  }

  std::string_view today_;
  std::size_t number_ = 0;
  CatalogEdition edition_;
};

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace

Catalog CatalogEdition::catalog(std::string today) const {
  return text ? Catalog(text, std::move(today)) : Catalog(std::move(today));
}

CatalogEdition embedded_edition() {
  CatalogEdition edition;
  for (auto rest = catalog_data(); !rest.empty();) {
    auto line = cut(rest, '\n');
    constexpr std::string_view source = "# Source: ";
    if (line.starts_with(source)) edition.source = line.substr(source.size());
    if (line.empty() || line.front() == '#') continue;
    if (!line.starts_with("@\t")) {
      ++edition.models;
      continue;
    }
    ++edition.providers;
    for (int skipped = 0; skipped < 3; ++skipped) static_cast<void>(cut(line, '\t'));
    edition.date = std::max(edition.date, std::string(cut(line, '\t')));
  }
  return edition;
}

CatalogEdition current_edition(const std::string& data_folder, std::string_view today) {
  auto embedded = embedded_edition();
  if (data_folder.empty()) return embedded;
  const auto path = (std::filesystem::path(data_folder) / catalog_file_name).string();
  auto text = read_file(path);
  if (!text) return embedded;
  auto given = check_edition(std::move(*text), today);
  if (!given) {
    embedded.trouble = fmt::format("{}: {}", path, given.error().message);
    return embedded;
  }
  if (given->date < embedded.date) {
    embedded.trouble = fmt::format("{} is of {}, older than what this version of Weir brings", path, given->date);
    return embedded;
  }
  given->file = path;
  return std::move(*given);
}

Result<CatalogEdition> check_edition(std::string text, std::string_view today) {
  return Checker(today).check(std::move(text));
}

Status near_to_known(const CatalogEdition& edition, std::string_view today) {
  constexpr MicroDollars factor = 20;
  const Catalog known{std::string(today)};
  const auto fresh = edition.catalog(std::string(today));
  std::size_t shared = 0;
  std::size_t far = 0;
  for (const auto& provider : known.providers()) {
    for (const auto name : known.models(provider.id)) {
      const auto before = known.find(provider.id, name);
      const auto now = fresh.find(provider.id, name);
      if (!before || !now || before->prices.input == 0 || now->by_rule) continue;
      ++shared;
      far += now->prices.input > before->prices.input * factor || now->prices.input * factor < before->prices.input;
    }
  }
  if (far * 2 <= shared) return {};
  return failure(
      ErrorCode::invalid_request,
      "Most of its prices are far (twenty times and more) from those that were known: is its unit another one?");
}

int64_t days_between(std::string_view first, std::string_view second) {
  const auto from = day_of(first);
  const auto to = day_of(second);
  if (!from || !to) return 0;
  return (*to - *from).count();
}

std::string age_note(std::string_view as_of, std::string_view today) {
  const auto days = days_between(as_of, today);
  if (days <= old_price_days) return {};
  return fmt::format("The catalog's prices are of {}, {} days old: `weir catalog update` takes in newer ones.", as_of,
                     days);
}

}  // namespace weir
