// Scores of answers for a comparison of two models, 0 (useless) to 1 (nothing found against it): by what judges see of
// one answer, or by how much two say the same. Pure; any thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "judges/judge.h"

namespace weir {

// The names of `compare_by`: what can be said of an answer that nobody prepared to be judged.
[[nodiscard]] std::vector<std::string_view> comparisons();

// `structural`: that judge's score. `learned`: the score of the judge that learned from feedback (`weights`).
// `agreement`: how much `answer` says the same as `reference`; an answer alone is scored as by `structural`.
// nullopt: nothing can be said of this answer, or the name is none of these.
[[nodiscard]] std::optional<double> compare_by(std::string_view name, const Request& request, const Response& answer,
                                               const Response* reference, const JudgeWeights* weights);

}  // namespace weir
