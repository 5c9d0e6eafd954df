// Workflows of ComfyUI: read and checked with the config, so that a reload takes a changed file and refuses a wrong
// one.
#include "config/build.h"
#include "formats/comfyui/workflow.h"

namespace weir::config {

std::shared_ptr<const std::string> Builder::workflow(const Text& file, std::string_view adapter) {
  if (!file) return nullptr;
  if (adapter != "comfyui") {
    reading_.error(file.at, "only providers of the kind `comfyui` run a `workflow`", "remove it");
    return nullptr;
  }
  auto text = surroundings_.read_file ? surroundings_.read_file(beside_config(file.value)) : std::nullopt;
  if (!text) {
    reading_.error(
        file.at, "the file of `workflow` cannot be read",
        "check that it is there (paths are relative to the config) and that the user who runs Weir may read it");
    return nullptr;
  }
  if (const auto fault = comfyui::check_workflow(*text)) {
    reading_.error(file.at, "`" + file.value + "` is no workflow to be filled in: " + fault->what, fault->mend);
    return nullptr;
  }
  return std::make_shared<const std::string>(std::move(*text));
}

void Builder::model_workflow(const ModelDoc& doc, ModelSettings& out) {
  const auto& provider = snapshot_.providers[out.provider];
  out.workflow = workflow(doc.workflow, provider.adapter);
  if (provider.adapter != "comfyui" || doc.workflow || document_.providers[out.provider].workflow) return;
  reading_.error(doc.at, "`" + out.id + "` has no `workflow`, and neither has its provider",
                 "add workflow: FILE, with a workflow in API format that holds {{prompt}}");
}

}  // namespace weir::config
