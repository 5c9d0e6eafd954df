// The header of a safetensors file (eight bytes of length, then JSON) and the config.json that lies beside it. Format:
// https://github.com/huggingface/safetensors#format. The file has the tensors, the config the shape: which heads there
// are cannot be told from the tensors alone. Pure; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "economics/models/model_shape.h"
#include "economics/models/weight_file.h"

namespace weir::plan {

// The most that the format allows for the header.
inline constexpr uint64_t longest_safetensors_header = 100'000'000;

// `bytes`: the file from its beginning. `file_size`: of all of it, which need not be in `bytes`.
[[nodiscard]] HeaderResult<TensorTotals> read_safetensors(std::span<const std::byte> bytes, uint64_t file_size);

// The names of the parts out of a `model.safetensors.index.json`, each once, sorted. A part that would lie in another
// folder is refused.
[[nodiscard]] Result<std::vector<std::string>> parts_of_index(std::string_view json);

// A shape out of a Hugging Face config.json (of a multimodal model, its `text_config`), with exact weight bytes out of
// `totals`. Errors name the key.
[[nodiscard]] Result<ModelShape> shape_of_config(std::string_view json, const TensorTotals& totals);

}  // namespace weir::plan
