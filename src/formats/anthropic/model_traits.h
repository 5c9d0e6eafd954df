// What a model of Anthropic's takes of the format, by its name: the API answers 400 to what a model does not take, so
// it is left out, or refused as unsupported, before it is sent. Constant; any thread. Read on 2026-11-28 in the types
// of @anthropic-ai/sdk 0.137.0 and 1.14.0 and in the API's OpenAPI description of 2026-05-06.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::anthropic {

struct ModelTraits {
  bool claude = true;          // Anthropic's own: holds thoughts to their seals, and schemas to its rules
  bool sampling = true;        // temperature, top_p and top_k
  bool one_sampling = false;   // ... but not temperature and top_p together
  bool prefill = true;         // goes on with an assistant's message that stands last
  bool schemas = true;         // output_config.format, strict tools
  bool budget = true;          // thinking {enabled, budget_tokens}
  bool adaptive = false;       // thinking {adaptive}, output_config.effort
  bool top_effort = false;     // ... which may be `xhigh`
  bool later_systems = false;  // role system between the turns
  int64_t usual_output = 0;    // max_tokens where nobody says it
};

// By the name as a provider knows it: `claude-opus-4-6`, `anthropic/claude-3.5-haiku`, `claude-sonnet-4@20250514`. One
// of another maker, which a local server runs, takes everything that the format has.
[[nodiscard]] ModelTraits traits_of(std::string_view model);

}  // namespace weir::anthropic
