#include "ledger/pricing.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/saturating.h"

namespace weir {
namespace {

constexpr int64_t unknown_output = 4'096;  // where neither the caller nor the model says where an answer ends

const ProviderSettings& provider_of(const Snapshot& snapshot, uint32_t model) {
  return snapshot.providers[snapshot.models[model].provider];
}

// Of one answer. No model writes more than its context holds, whatever was asked for.
int64_t most_output(const ModelSettings& model, int64_t asked) {
  const auto longest = model.max_output > 0 ? model.max_output : model.context_length;
  if (asked > 0) return longest > 0 ? std::min(asked, longest) : asked;
  return model.max_output > 0 ? model.max_output : unknown_output;
}

int64_t minute_of(int64_t time_us) {
  constexpr int64_t us_per_minute = 60'000'000;
  constexpr int64_t minutes_per_day = 1'440;
  return time_us > 0 ? time_us / us_per_minute % minutes_per_day : -1;
}

PriceMarks source_of(const ModelSettings& model) {
  if (model.prices_as_of.empty()) return price_configured;
  return model.price_by_rule ? price_by_rule : price_catalog;
}

// A tier that nobody priced is counted as it stands, or, where people pay for being served first, twice: budgets hold.
int64_t percent_of(const Prices& prices, ServiceTier tier, Cost& cost) {
  constexpr int64_t standard = 100;
  if (tier == ServiceTier::standard) return standard;
  const auto said = prices.tier_percent[static_cast<std::size_t>(tier)];
  cost.marks |= said >= 0 ? price_of_tier : price_tier_unknown;
  if (said >= 0) return said;
  cost.known = false;
  return tier == ServiceTier::priority ? 2 * standard : standard;
}

MicroDollars share(MicroDollars amount, int64_t percent) {
  constexpr auto most = std::numeric_limits<MicroDollars>::max();
  __extension__ using Wide = __int128;
  const Wide part = (static_cast<Wide>(amount) * percent + 50) / 100;
  return part > most ? most : static_cast<MicroDollars>(part);
}

// By the picture, the second …, and by the tokens too where those have a price beside it.
Cost cost_of_units(const ModelSettings& model, const Usage& usage, int64_t time_us) {
  const auto& prices = model.prices;
  Cost cost{.known = usage.units > 0, .marks = source_of(model)};
  if (prices.known) cost.amount = token_cost(prices, usage, minute_of(time_us));
  const auto units = std::max<int64_t>(usage.units, 0);
  __extension__ using Wide = __int128;
  const Wide whole = (static_cast<Wide>(units) * prices.unit + 500) / 1'000;
  constexpr auto most = std::numeric_limits<MicroDollars>::max();
  cost.amount = saturating_add(cost.amount, whole > most ? most : static_cast<MicroDollars>(whole));
  cost.amount = share(cost.amount, percent_of(prices, usage.tier, cost));
  if (!cost.known) cost.marks |= price_of_media;
  return cost;
}

Cost cost_of_tokens(const ModelSettings& model, const Usage& usage, int64_t time_us) {
  const auto& prices = model.prices;
  if (usage.known && usage.input == 0 && usage.output == 0 && usage.media == 0 && usage.units == 0)
    return {.known = true};
  if (prices.unit >= 0 && usage.units != 0) return cost_of_units(model, usage, time_us);
  if (!prices.known) return {};
  Cost cost{.known = true, .marks = source_of(model)};
  const auto minute = minute_of(time_us);
  cost.amount = share(token_cost(prices, usage, minute), percent_of(prices, usage.tier, cost));
  const bool long_prompt = prices.long_above > 0 && usage.input > prices.long_above;
  if (long_prompt) cost.marks |= price_long_prompt;
  if (usage.media > 0 || (!prices.output_known && usage.output > 0)) {
    cost.known = false;
    cost.marks |= price_of_media;
  }
  return cost;
}

// A cost of nothing beside a known price is no discount but a provider that does not count.
bool is_believed(const Usage& usage, const Cost& computed) {
  constexpr MicroDollars most_stated = 10'000'000'000;  // $10,000 for one answer
  if (usage.stated < 0 || usage.stated > most_stated) return false;
  return usage.stated > 0 || !computed.known || computed.amount == 0;
}

struct MarkName {
  PriceMarks mark;
  std::string_view source;
};
constexpr std::array sources = {MarkName{price_stated, "stated"}, MarkName{price_by_time, "machine"},
                                MarkName{price_configured, "configured"}, MarkName{price_by_rule, "catalog_rule"},
                                MarkName{price_catalog, "catalog"}};

struct MarkNote {
  PriceMarks mark;
  std::string_view note;
};
constexpr std::array notes = {
    MarkNote{price_stated, "the provider itself said what it cost"},
    MarkNote{price_by_rule, "the catalog does not list this name; a rule for names like it gave the price"},
    MarkNote{price_of_tier, "at the price of its service tier"},
    MarkNote{price_tier_unknown, "its service tier has no known price: the cost is an estimate"},
    MarkNote{price_of_media, "sound, images or video have no known price: the cost is only that of text"},
    MarkNote{price_long_prompt, "at the price of long prompts"}};

}  // namespace

Cost attempt_cost(const Snapshot& snapshot, uint32_t model, const Usage& usage, int64_t busy_us, int64_t time_us) {
  const auto& provider = provider_of(snapshot, model);
  if (provider.cost_per_hour > 0) {
    return {
        .amount = machine_cost(provider.cost_per_hour, provider.slots, busy_us), .known = true, .marks = price_by_time};
  }
  const auto computed = cost_of_tokens(snapshot.models[model], usage, time_us);
  if (!is_believed(usage, computed)) return computed;
  return {.amount = usage.stated, .known = true, .marks = price_stated};
}

Cost baseline_cost(const Snapshot& snapshot, uint32_t baseline, const Usage& usage, int64_t time_us) {
  auto standard = usage;
  standard.tier = ServiceTier::standard;
  return cost_of_tokens(snapshot.models[baseline], standard, time_us);
}

MicroDollars reservation_cost(const Snapshot& snapshot, const std::vector<uint32_t>& models, const MostUsed& used) {
  MicroDollars dearest = 0;
  for (const auto model : models) {
    const auto each = most_output(snapshot.models[model], used.output_tokens);
    const Usage usage{
        .input = used.input_tokens, .output = saturating_multiply(each, used.answers), .units = used.units};
    dearest = std::max(dearest, attempt_cost(snapshot, model, usage, used.busy_us).amount);
  }
  return dearest;
}

Usage estimated_usage(int64_t input_tokens, std::size_t output_bytes) {
  const auto tenths = static_cast<int64_t>(output_bytes) * 10;
  return {.input = input_tokens, .output = (tenths + 35) / 36, .estimated = true};
}

Usage believed_usage(Usage reported, int64_t input_tokens, std::size_t output_bytes) {
  const auto estimate = estimated_usage(input_tokens, output_bytes);
  auto usage = reported;
  if (!reported.known) {
    usage.input = estimate.input;
    usage.output = estimate.output;
  } else if (reported.total_only) {
    usage.input = std::min(input_tokens, reported.output - std::min(estimate.output, reported.output));
    usage.output = reported.output - usage.input;
  } else {
    if (reported.input == 0) usage.input = estimate.input;
    if (reported.output == 0) usage.output = estimate.output;
  }
  usage.total_only = false;
  if (usage.input == reported.input && usage.output == reported.output && reported.known) return usage;
  usage.known = false;
  usage.estimated = true;
  return usage;
}

std::string_view price_source(PriceMarks marks) {
  for (const auto& [mark, source] : sources) {
    if ((marks & mark) != 0) return source;
  }
  return {};
}

std::string price_note(PriceMarks marks) {
  std::string text;
  for (const auto& [mark, note] : notes) {
    if ((marks & mark) != 0) text.append(text.empty() ? "" : "; ").append(note);
  }
  return text;
}

}  // namespace weir
