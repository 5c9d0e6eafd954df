// Pricing: what a model costs. The Catalog is price data in the format of catalog/prices.tsv (the edition in the
// binary, or a newer one: catalog_edition.h), read where it lies: making one costs microseconds, a lookup reads the
// lines of one provider. Meant for config load, not for the request path (there, prices are in the Snapshot).
// Immutable; safe from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/snapshot.h"
#include "core/usage.h"
#include "ledger/entry.h"

namespace weir {

// Prices older than this are old news: whoever shows them says so.
inline constexpr int64_t old_price_days = 90;

struct CatalogPrice {
  std::string_view model;      // the catalog's own id of it
  Prices prices;               // not known where it is listed, but not priced by tokens
  int64_t context_length = 0;  // 0 = not known
  int64_t age_days = 0;        // of the data, today
  std::string_view as_of;      // date of the data: `2026-08-21`
  bool by_rule = false;        // not listed by this name: a rule for names like it fits
  bool deprecated = false;     // by its provider
};

struct CatalogProvider {
  std::string_view id;
  std::string_view title;
  std::size_t models = 0;
};

class Catalog {
 public:
  // The embedded data, with the prices that hold on `today` (`2026-11-23`, UTC): announced changes come into force.
  explicit Catalog(std::string today);
  // Data of the same format; `text` outlives the Catalog.
  Catalog(std::string_view text, std::string today);
  Catalog(std::shared_ptr<const std::string> text, std::string today);

  // `provider`: an id of the catalog or an alias (`xai` for `x-ai`). `model`: the name as the provider knows it. An
  // exact name wins, then the closest rule that matches, then the providers whose models this one resells (azure:
  // openai). Letter case does not matter.
  [[nodiscard]] std::optional<CatalogPrice> find(std::string_view provider, std::string_view model) const;
  [[nodiscard]] std::vector<CatalogProvider> providers() const;
  // The ids of a provider's own models, in the order of the data; for "did you mean". Views of the catalog's text.
  [[nodiscard]] std::vector<std::string_view> models(std::string_view provider) const;

 private:
  struct Section {
    std::string_view id;
    std::string_view title;
    std::string_view as_of;
    std::vector<std::string_view> aliases;
    std::vector<std::string_view> resells;
    std::string_view lines;
  };
  [[nodiscard]] const Section* section(std::string_view provider) const;
  [[nodiscard]] std::optional<CatalogPrice> find_in(const Section& section, std::string_view model) const;

  std::shared_ptr<const std::string> owned_;
  std::string today_;
  std::vector<Section> sections_;
};

// The prices that hold on `today` of `1/2/3/4/5;>200000:…;@0100-0400:…;2026-09-01:…` (catalog/README.md); nullopt for
// what is no such text.
[[nodiscard]] std::optional<Prices> parse_prices(std::string_view text, std::string_view today);
// Does a model's name fit a rule of the catalog (`^claude-`, `~gpt-6-####-##-##` …)?
[[nodiscard]] bool rule_matches(std::string_view rule, std::string_view model);

struct Cost {
  MicroDollars amount = 0;
  bool known = false;    // false: what it really cost is not known; `amount` is an estimate, or 0
  PriceMarks marks = 0;  // where it comes from
};

// What one attempt cost that was asked at `time_us` (since the Unix epoch; 0 = in the dearest hours of a day). What the
// provider itself said wins. A provider with `cost_per_hour` is paid by time: `busy_us` of one slot; all others by
// tokens, at the price of the tier that served it.
[[nodiscard]] Cost attempt_cost(const Snapshot& snapshot, uint32_t model, const Usage& usage, int64_t busy_us,
                                int64_t time_us = 0);
// What the baseline model would have cost for the same usage, by its token prices at the standard tier; unknown where
// it has none.
[[nodiscard]] Cost baseline_cost(const Snapshot& snapshot, uint32_t baseline, const Usage& usage, int64_t time_us = 0);
// What a request may use at most.
struct MostUsed {
  int64_t input_tokens = 0;
  int64_t output_tokens = 0;  // of one answer; 0 = the caller set no limit: the model's max_output, or 4,096
  int64_t answers = 1;        // choices of all prompts
  int64_t busy_us = 0;        // of a provider that is paid by time
  int64_t units = 0;          // as Usage::units
};
// The most that a request can cost: to reserve from a budget. The dearest of `models`.
[[nodiscard]] MicroDollars reservation_cost(const Snapshot& snapshot, const std::vector<uint32_t>& models,
                                            const MostUsed& used);
// Usage for an answer whose provider reported none: `input_tokens` as estimated from the request, output by its text
// (bytes / 3.6, rounded up). Marked as estimated.
[[nodiscard]] Usage estimated_usage(int64_t input_tokens, std::size_t output_bytes);
// What to count: `reported`, but for what cannot be true of an answer with `output_bytes` of text. A part that is 0
// where there was something, or that was not told apart, is estimated; then all of it is marked so.
[[nodiscard]] Usage believed_usage(Usage reported, int64_t input_tokens, std::size_t output_bytes);

// `configured`, `catalog`, `catalog_rule`, `stated`, `machine`; "" for none.
[[nodiscard]] std::string_view price_source(PriceMarks marks);
// A sentence for what is to be known of a price with these marks; "" where there is nothing.
[[nodiscard]] std::string price_note(PriceMarks marks);

}  // namespace weir
