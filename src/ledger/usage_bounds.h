// What a provider can have read and written for one request at most. A number beyond that is a slip or a lie: counted
// as it stands, it would end a budget, or all sums of the ledger. Every usage that was read from a provider passes
// here, whatever its dialect. Pure; any thread.
#pragma once

#include "core/request.h"
#include "core/snapshot.h"
#include "core/usage.h"

namespace weir {

struct UsageBounds {
  int64_t input = 0;
  int64_t output = 0;
};

// The model's context with a margin, per prompt and per answer; where nobody said how long it is, more than any
// model's. What a request was estimated at is always possible, whatever the config says of the context.
[[nodiscard]] UsageBounds usage_bounds(const ModelSettings& model, const Request& request, int64_t input_estimate);
// `reported`, cut to what can be, and marked where it had to be. Where that leaves nothing, none was reported.
[[nodiscard]] Usage plausible_usage(Usage reported, const UsageBounds& bounds);
// How many answers a request makes a provider generate, and be paid for.
[[nodiscard]] int64_t answers_of(const Request& request);

// What a request asks for that is paid by something else than tokens, as Usage::units: pictures, characters to speak,
// seconds of its sound, one search. 0: nothing of that kind; -1: nobody can tell how much.
[[nodiscard]] int64_t asked_units(const Request& request);
// `usage`, with these where the provider did not say how much it was.
[[nodiscard]] Usage with_units(Usage usage, const Request& request);

}  // namespace weir
