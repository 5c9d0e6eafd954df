// TaskPrompts: prompts of known task, made of templates of our own, to train and to test the estimate of the task. The
// file is catalog/task_prompts.tsv: `task TAB language TAB template`, and `= TAB language TAB name TAB phrases with |
// between` for what stands in braces. Templates behind a line `test` are kept apart: nothing is trained on them, and
// their phrases are others too. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "routing/labelled_row.h"

namespace weir::routing {

enum class PromptSet : uint8_t { training, test };

// `each`: prompts of a template. The same on every machine. Errors say the line.
[[nodiscard]] Result<std::vector<LabelledRow>> task_prompts(std::string_view file, PromptSet set, std::size_t each);

}  // namespace weir::routing
