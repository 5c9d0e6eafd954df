// Scores answers for a comparison, 0 (useless) to 1 (nothing found against it). Whoever has a better judge gives it as
// a ScoreFunction under a name of its own. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "core/request.h"
#include "core/response.h"

namespace weir::experiments {

// `reference`: what the other model said, for judges that compare; null where an answer stands alone. nullopt: it can
// say nothing of this answer.
using ScoreFunction =
    std::function<std::optional<double>(const Request& request, const Response& answer, const Response* reference)>;

// What can be seen of an answer by itself: empty, cut off, repeating itself, a refusal, JSON or arguments that are
// none.
[[nodiscard]] std::optional<double> structural_score(const Request& request, const Response& answer);
// How much of the words two answers share (F1), and whether they call the same tools with the same arguments.
[[nodiscard]] std::optional<double> agreement_score(const Response& answer, const Response& reference);

// `structural`, `agreement`; an empty function for another name.
[[nodiscard]] ScoreFunction find_score(std::string_view name);

}  // namespace weir::experiments
