// The plan file: its keys, once each, for reading and describing (as config/document.h), and what becomes of it: a
// Comparison, or every problem with line, column and mend. Reads text, not files. Safe from any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"
#include "economics/cost/comparison.h"
#include "economics/models/hardware.h"
#include "ledger/pricing.h"

namespace weir::plan {

// What a plan may look up. `gpu` and `nearest_gpu` may be empty: no GPU is known then.
struct PriceBook {
  Catalog models;
  std::function<std::optional<Gpu>(std::string_view id)> gpu;
  std::function<std::string_view(std::string_view id)> nearest_gpu;
};

struct PlanRead {
  std::optional<Comparison> comparison;  // nullopt when there are errors
  std::vector<Problem> problems;
};

// `file`: its name, for messages. `measured`: replaces the file's `workload`, which may then be missing.
[[nodiscard]] PlanRead read_plan(std::string_view text, const std::string& file, const PriceBook& book,
                                 const std::optional<Workload>& measured = std::nullopt);

// `250000`, `10k`, `1.5M`, `2G` → requests a month; nullopt for what is no number from 1 to most_requests.
[[nodiscard]] std::optional<int64_t> parse_count(std::string_view text);

// `openai/gpt-4o` → its prices; or what to say when there is none.
struct ModelPrice {
  std::optional<CatalogPrice> price;
  std::string source;  // `openai/gpt-4o: $2.50, cached $1.25, output $10 a million tokens; catalog of 2026-08-21`
  std::string problem;
  std::string mend;
};
[[nodiscard]] ModelPrice price_of(std::string_view name, const Catalog& catalog);
// What providers take off their list prices for batches; nullopt where we know of none. Sources: docs/economics.md.
[[nodiscard]] std::optional<int64_t> batch_discount_of(std::string_view provider);

// Markdown tables of all keys, for docs/plans.md; and the JSON Schema.
[[nodiscard]] std::string plan_reference();
[[nodiscard]] std::string plan_schema();

}  // namespace weir::plan
