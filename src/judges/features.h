// Features: what the learned judge sees of a request and its answer, as numbers. No text can be had back from them.
// Pure; any thread.
#pragma once

#include <array>
#include <string_view>

#include "core/request.h"
#include "core/response.h"

namespace weir {

inline constexpr std::array feature_names = {
    "prompt_length",  // logarithm of the words that were asked
    "answer_length",  // the same of the answer
    "turns",          // logarithm of the messages
    "structural",     // score of that judge
    "confident",      // 1 where log-probabilities came
    "mean_logprob",   // as probability; 0 without
    "lowest_logprob",
    "variety",  // share of the answer's words that are different ones
    "echo",     // share of the question's words that the answer takes up
    "hedges",   // words of doubt, per word
    "digits",   // share of words that are numbers in what was asked
    "code",     // 1 where the answer has code
    "question_marks",
    "ends_well",  // the last character ends a sentence, a list or code
    "has_tools",
};
using Features = std::array<double, feature_names.size()>;

[[nodiscard]] Features features_of(const Request& request, const Response& answer);

}  // namespace weir
