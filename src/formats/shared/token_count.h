// Reads a number of tokens that a provider reports, in whatever form it comes: as an integer, as a real, in a string,
// beyond what an integer holds. Shared by all readers of usage; safe from any thread.
#pragma once

#include <cstdint>

#include "core/json.h"

namespace weir {

struct TokenCount {
  int64_t value = 0;      // never negative
  bool doubtful = false;  // it was negative, fractional, too large or no number: `value` is the nearest count
};

// null counts as 0 and is nothing to doubt.
[[nodiscard]] TokenCount read_token_count(const json::Element& element);

// How often the provider searched the web for the answer, in thousandths as Usage::units, by its `usage` object:
// Anthropic and OpenRouter, Perplexity, xAI. 0 = it does not say.
[[nodiscard]] int64_t read_searches(const json::Object& usage);

}  // namespace weir
