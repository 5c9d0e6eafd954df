// Workflow: a ComfyUI graph in API format (node id → class_type and inputs) whose texts hold placeholders. A text that
// is one placeholder becomes a value of that placeholder's type: "{{seed}}" → 42; within a longer text it is put in as
// text. `{{steps|30}}` says what stands there when the request says nothing. Pure functions; any thread.
//
// Placeholders: prompt, negative_prompt, width, height, seed, n (or batch), steps, cfg_scale, sampler, strength, model,
// image, mask.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "formats/shared/picture_request.h"

namespace weir::comfyui {

struct WorkflowFault {
  std::string what;
  std::string mend;
};
// What is wrong with a file that is to be one.
[[nodiscard]] std::optional<WorkflowFault> check_workflow(std::string_view text);

// What a request says besides its own fields. The names are those under which the server keeps uploaded files.
struct Filling {
  std::string_view model;
  int64_t seed = 0;
  std::string image;
  std::string mask;
};
// The graph as JSON. unsupported, with the field, for what the workflow has no place for.
[[nodiscard]] Result<std::string> fill_workflow(std::string_view workflow, const PictureRequest& asked,
                                                const Filling& filling);
// The same without the graph: is there a place for all that is asked?
[[nodiscard]] Status has_place_for(std::string_view workflow, const PictureRequest& asked);

}  // namespace weir::comfyui
