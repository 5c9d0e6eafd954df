// Pricing: what a model costs. The Catalog is the price data of catalog/prices.tsv, embedded in the binary and read
// where it lies: making one costs microseconds, a lookup reads the lines of one provider. Meant for config load, not
// for the request path (there, prices are in the Snapshot). Immutable; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/snapshot.h"
#include "core/usage.h"

namespace weir {

struct CatalogPrice {
  std::string_view model;      // the catalog's own id of it
  Prices prices;               // the base tier; where it varies by time of day: the dearer one
  int64_t context_length = 0;  // 0 = not known
  std::string_view as_of;      // date of the data: `2026-08-21`
  bool tiered = false;         // long prompts (or other hours) have another price than `prices` says
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
  // Data of the same format; `text` outlives the Catalog. For tests.
  Catalog(std::string_view text, std::string today);

  // `provider`: an id of the catalog or an alias (`xai` for `x-ai`). `model`: the name as the provider knows it. An
  // exact name wins, then the first rule that matches, then the providers whose models this one resells (azure:
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

  std::string today_;
  std::vector<Section> sections_;
};

struct Cost {
  MicroDollars amount = 0;
  bool known = false;  // false: nobody said what this model costs; `amount` is 0
};

// What one attempt cost. A provider with `cost_per_hour` is paid by time: `busy_us` of one slot; all others by tokens.
[[nodiscard]] Cost attempt_cost(const Snapshot& snapshot, uint32_t model, const Usage& usage, int64_t busy_us);
// What the baseline model would have cost for the same usage, by its token prices; unknown where it has none.
[[nodiscard]] Cost baseline_cost(const Snapshot& snapshot, uint32_t baseline, const Usage& usage);
// The most that a request can cost: to reserve from a budget. `output_tokens` 0 = the caller set no limit: then the
// model's max_output counts, or 4,096 where that is unknown. The dearest of `models`; time-priced ones at `busy_us`.
[[nodiscard]] MicroDollars reservation_cost(const Snapshot& snapshot, const std::vector<uint32_t>& models,
                                            int64_t input_tokens, int64_t output_tokens, int64_t busy_us);
// Usage for an answer whose provider reported none: `input_tokens` as estimated from the request, output by its text
// (bytes / 3.6, rounded up). Marked as estimated.
[[nodiscard]] Usage estimated_usage(int64_t input_tokens, std::size_t output_bytes);

}  // namespace weir
