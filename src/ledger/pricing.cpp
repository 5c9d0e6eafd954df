#include "ledger/pricing.h"

#include <algorithm>

namespace weir {
namespace {

constexpr int64_t unknown_output = 4'096;  // where neither the caller nor the model says where an answer ends

const ProviderSettings& provider_of(const Snapshot& snapshot, uint32_t model) {
  return snapshot.providers[snapshot.models[model].provider];
}

int64_t most_output(const ModelSettings& model, int64_t asked) {
  if (asked > 0) return model.max_output > 0 ? std::min(asked, model.max_output) : asked;
  return model.max_output > 0 ? model.max_output : unknown_output;
}

}  // namespace

Cost attempt_cost(const Snapshot& snapshot, uint32_t model, const Usage& usage, int64_t busy_us) {
  const auto& provider = provider_of(snapshot, model);
  if (provider.cost_per_hour > 0) {
    return {.amount = machine_cost(provider.cost_per_hour, provider.slots, busy_us), .known = true};
  }
  return baseline_cost(snapshot, model, usage);
}

Cost baseline_cost(const Snapshot& snapshot, uint32_t baseline, const Usage& usage) {
  const auto& prices = snapshot.models[baseline].prices;
  if (!prices.known) return {};
  return {.amount = token_cost(prices, usage), .known = true};
}

MicroDollars reservation_cost(const Snapshot& snapshot, const std::vector<uint32_t>& models, int64_t input_tokens,
                              int64_t output_tokens, int64_t busy_us) {
  MicroDollars dearest = 0;
  for (const auto model : models) {
    const Usage usage{.input = input_tokens, .output = most_output(snapshot.models[model], output_tokens)};
    dearest = std::max(dearest, attempt_cost(snapshot, model, usage, busy_us).amount);
  }
  return dearest;
}

Usage estimated_usage(int64_t input_tokens, std::size_t output_bytes) {
  const auto tenths = static_cast<int64_t>(output_bytes) * 10;
  return {.input = input_tokens, .output = (tenths + 35) / 36, .estimated = true};
}

}  // namespace weir
