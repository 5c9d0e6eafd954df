// What a finished batch or prediction took, which its provider says to everybody who asks for it. A method of Relay.
#include <algorithm>

#include "core/id.h"
#include "pipeline/relay.h"

namespace weir {
namespace {

constexpr int64_t most_tokens = 1'000'000'000'000;  // of one batch: beyond it somebody lies

void bound(Usage& usage) {
  for (auto* const count : {&usage.input, &usage.cached, &usage.written, &usage.output, &usage.reasoning, &usage.units})
    *count = std::clamp<int64_t>(*count, 0, most_tokens);
}

}  // namespace

std::string Relay::bill_once(uint32_t keeper, Response& response, std::size_t place) {
  auto& usage = response.usage;
  const bool finished = !response.id.empty() && (usage.input > 0 || usage.output > 0 || usage.units > 0);
  if (!finished) {
    usage = {.known = true};
    return {};
  }
  const auto& provider = context_.provider_of(keeper);
  const auto ended_us = response.created * 1'000'000;
  auto id = to_request_id(request_key_of(provider.id + "/" + response.id, ended_us));
  if (!context_.worker.ledger.first_time(id)) {
    usage = {.known = true};
    return {};
  }
  context_.entry.time_us = ended_us;
  bound(usage);
  if (context_.request.operation == Operation::batch) usage.tier = ServiceTier::batch;
  const auto& models = context_.snapshot().models;
  const auto same = std::find_if(models.begin(), models.end(), [&](const ModelSettings& model) {
    return model.name == response.model && model.provider == models[keeper].provider;
  });
  if (same != models.end()) {
    priced_as_ = static_cast<uint32_t>(same - models.begin());
    context_.entry.attempts[place].model = same->id;
  }
  return id;
}

}  // namespace weir
