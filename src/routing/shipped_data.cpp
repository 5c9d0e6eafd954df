// The assembler copies the files in; the build knows that this unit depends on them (src/CMakeLists.txt).
#include "routing/shipped_data.h"

#include <cstddef>

__asm__(
    ".pushsection .rodata\n"
    ".global weir_estimator_begin\n"
    ".global weir_estimator_end\n"
    ".global weir_task_prompts_begin\n"
    ".global weir_task_prompts_end\n"
    "weir_estimator_begin:\n"
    ".incbin \"" WEIR_ESTIMATOR_FILE
    "\"\n"
    "weir_estimator_end:\n"
    "weir_task_prompts_begin:\n"
    ".incbin \"" WEIR_TASK_PROMPTS_FILE
    "\"\n"
    "weir_task_prompts_end:\n"
    ".popsection\n");

extern "C" {
extern const char weir_estimator_begin[];
extern const char weir_estimator_end[];
extern const char weir_task_prompts_begin[];
extern const char weir_task_prompts_end[];
}

namespace weir::routing {

std::string_view shipped_model() {
  return {weir_estimator_begin, static_cast<std::size_t>(weir_estimator_end - weir_estimator_begin)};
}

std::string_view shipped_prompts() {
  return {weir_task_prompts_begin, static_cast<std::size_t>(weir_task_prompts_end - weir_task_prompts_begin)};
}

}  // namespace weir::routing
