// How sure a model was of what it said: the log-probabilities of its tokens. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir {

struct Confidences {
  double mean = 0;    // of the tokens' log-probabilities; natural logarithm
  double lowest = 0;  // of any token
  int64_t tokens = 0;
};

// `logprobs`: as Choice::logprobs, `{"content": [{"logprob": -0.1, …}, …]}`, or as completions have it,
// `{"token_logprobs": [-0.1, …]}`. nullopt: nothing of that kind.
[[nodiscard]] std::optional<Confidences> confidences_of(std::string_view logprobs);

}  // namespace weir
