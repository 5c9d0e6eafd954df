// Prices of cloud models by name.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/nearest.h"
#include "economics/document/document.h"

namespace weir::plan {
namespace {

// Providers that publish a batch price of half the list price for input and output. See docs/economics.md, "Batches".
constexpr std::array<std::string_view, 6> half_price_batches = {"openai", "azure",   "anthropic",
                                                                "google", "mistral", "aws"};
constexpr int64_t half = 500'000;

std::string ticked(std::string_view name) { return "`" + std::string(name.substr(0, 80)) + "`"; }

ModelPrice unknown_provider(std::string_view provider, std::string_view name, const Catalog& catalog) {
  std::vector<std::string_view> ids;
  std::string all;
  for (const auto& one : catalog.providers()) {
    ids.push_back(one.id);
    all += (all.empty() ? "" : ", ") + std::string(one.id);
  }
  const auto near = nearest(provider, ids);
  return {.problem = fmt::format("`model`: the price catalog has no provider {}", ticked(provider)),
          .mend = near.empty() ? "its providers are " + all + "; or give the prices yourself"
                               : fmt::format("did you mean `{}/{}`? Or give the prices yourself", near,
                                             name.substr(provider.size() + 1, 80))};
}

ModelPrice no_provider(std::string_view name, const Catalog& catalog) {
  std::string meant;
  for (const auto& provider : catalog.providers()) {
    if (meant.empty() && catalog.find(provider.id, name))
      meant = fmt::format("did you mean `{}/{}`?", provider.id, name);
  }
  return {.problem = fmt::format("`model`: {} does not say whose model it is", ticked(name)),
          .mend = meant.empty() ? "write it as provider/model, as in model: openai/gpt-4o" : meant};
}

}  // namespace

ModelPrice price_of(std::string_view name, const Catalog& catalog) {
  const auto slash = name.find('/');
  if (slash == std::string_view::npos) return no_provider(name, catalog);
  const auto provider = name.substr(0, slash);
  const auto model = name.substr(slash + 1);
  const auto found = model.empty() ? std::nullopt : catalog.find(provider, model);
  if (found && !found->prices.known) {
    return {.problem = fmt::format("`model`: {} is not priced by tokens", ticked(name)),
            .mend = "give input_per_million and output_per_million"};
  }
  if (found) {
    std::string source = fmt::format("{}: {} input, ", name, dollars(found->prices.input));
    if (found->prices.cached != found->prices.input) source += dollars(found->prices.cached) + " cached, ";
    source +=
        fmt::format("{} output per million tokens; price catalog of {}", dollars(found->prices.output), found->as_of);
    if (found->age_days > old_price_days)
      source += fmt::format(", {} days old (`weir catalog update`)", found->age_days);
    if (found->by_rule) source += fmt::format("; that of {}: the catalog does not list this name itself", found->model);
    if (found->prices.long_above > 0) {
      source += fmt::format("; prompts of more than {} tokens cost more", found->prices.long_above);
    }
    if (found->prices.cheap_hours[0] != DayWindow{}) source += "; less at some hours of the day";
    if (!found->prices.output_known) source += "; the price of its answers is not known";
    if (found->deprecated) source += "; its provider is about to end it";
    return {.price = found, .source = source};
  }
  const auto names = catalog.models(provider);
  if (names.empty()) return unknown_provider(provider, name, catalog);
  // The nearest few: the nearest, then the nearest of the rest.
  std::string near;
  auto left = names;
  constexpr int few = 3;
  for (int i = 0; i < few; ++i) {
    const auto one = nearest(model, left);
    if (one.empty()) break;
    near += fmt::format("{}`{}/{}`", near.empty() ? "" : ", ", provider, one);
    left.erase(std::find(left.begin(), left.end(), one));
  }
  return {.problem = fmt::format("`model`: the price catalog has no model {} of {}", ticked(model), provider),
          .mend = near.empty() ? "see `weir models` for names; or give input_per_million and output_per_million"
                               : "the nearest are " + near + "; or give input_per_million and output_per_million"};
}

std::optional<int64_t> batch_discount_of(std::string_view provider) {
  const bool known =
      std::find(half_price_batches.begin(), half_price_batches.end(), provider) != half_price_batches.end();
  return known ? std::optional(half) : std::nullopt;
}

}  // namespace weir::plan
