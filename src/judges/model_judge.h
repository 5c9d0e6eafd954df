// What a model that judges is asked, and what its answer says. Who asks it, and whether it may be asked at all, is the
// pipeline's business. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/request.h"
#include "core/response.h"

namespace weir {

// The question for the judge: a chat request's body in OpenAI's form for the model `name`, with the end of the
// conversation and the answer in it, both marked as what is judged and not obeyed.
[[nodiscard]] std::string judge_question(const Request& request, const Response& answer, std::string_view name);
// `8`, `Score: 7/10`, `{"score": 0.8}` → 0 to 1; nullopt where the words say no number of that kind.
[[nodiscard]] std::optional<double> score_in(std::string_view opinion);

}  // namespace weir
