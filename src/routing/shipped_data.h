// catalog/estimator.model and catalog/task_prompts.tsv as bytes of the binary.
#pragma once

#include <string_view>

namespace weir::routing {

[[nodiscard]] std::string_view shipped_model();
[[nodiscard]] std::string_view shipped_prompts();

}  // namespace weir::routing
