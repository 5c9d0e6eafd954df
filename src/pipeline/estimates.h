// What is estimated of a request, put among its facts: the same for serving and for explain. Pure; any thread.
#pragma once

#include "core/facts.h"
#include "core/request.h"
#include "routing/estimator.h"

namespace weir {

// Nothing, where there is no estimator (no rule asks), or no prompt to read.
inline void estimate_facts(const routing::Estimator* estimator, const Request& request, RequestFacts& facts) {
  if (estimator == nullptr) return;
  std::string buffer;
  const auto prompt = routing::prompt_of(request, buffer);
  if (prompt.empty()) return;
  const auto estimate = estimator->estimate(prompt);
  facts.task = estimate.task;
  facts.difficulty = estimate.difficulty;
}

}  // namespace weir
