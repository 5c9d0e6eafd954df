// Log probabilities as Gemini gives them (`logprobsResult`: the chosen tokens in one list, the alternatives to each in
// another) and as Weir's canonical form has them (OpenAI's: `content`, each token with its `top_logprobs`). Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>

#include "core/json.h"

namespace weir::gemini {

// "" for what holds none.
[[nodiscard]] std::string logprobs_of(const json::Element& result);
// Writes `logprobsResult` and its key; nothing for what is no such JSON.
void write_logprobs(json::Writer& writer, std::string_view logprobs);

}  // namespace weir::gemini
