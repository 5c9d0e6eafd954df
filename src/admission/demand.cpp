#include "admission/demand.h"

#include "core/saturating.h"
#include "ledger/pricing.h"
#include "ledger/usage_bounds.h"

namespace weir {
namespace {

constexpr int64_t assumed_busy_us = 30'000'000;   // of a local slot
constexpr int64_t assumed_output_tokens = 1'024;  // of one answer, where the caller set no limit

}  // namespace

Demand demand_of(const Request& request, const RequestFacts& facts, const Snapshot& snapshot,
                 const std::vector<uint32_t>& models) {
  const auto answers = answers_of(request);
  const auto each = facts.output_tokens > 0 ? facts.output_tokens : assumed_output_tokens;
  return {.tokens = saturating_add(facts.input_tokens, saturating_multiply(each, answers)),
          .cost = reservation_cost(snapshot, models,
                                   {.input_tokens = facts.input_tokens,
                                    .output_tokens = facts.output_tokens,
                                    .answers = answers,
                                    .busy_us = assumed_busy_us,
                                    .units = asked_units(request)})};
}

}  // namespace weir
