// The number formats of ggml: block layouts (ggml-common.h) and the names of whole-file mixtures (`llama_ftype` of
// llama.h). Constant; safe from any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::plan {

struct GgmlType {
  uint32_t id = 0;
  std::string_view name;
  int64_t block = 1;  // weights
  int64_t bytes = 0;  // of one block
};

[[nodiscard]] const GgmlType* ggml_type(uint32_t id);  // nullptr when unknown
// `q4_k_m` for general.file_type 15; "" when unknown.
[[nodiscard]] std::string_view file_type_name(int64_t id);

}  // namespace weir::plan
