// The shape of a model out of its files: one GGUF or safetensors file, all parts of a split one, or a folder. Reads
// headers only. Blocking; main thread.
#pragma once

#include <string>

#include "core/result.h"
#include "economics/models/model_shape.h"

namespace weir {

// Whether `name` means a file or folder rather than a model of the catalog: it exists, or is spelt like a weight file.
[[nodiscard]] bool names_weight_file(const std::string& name);
// Errors name the file, what is wrong with it (with the offset in bytes) and the mend.
[[nodiscard]] Result<plan::ModelShape> shape_of_files(const std::string& path);

}  // namespace weir
