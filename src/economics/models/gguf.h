// The header of a GGUF file, versions 2 and 3: metadata and the table of tensors. Format:
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Pure; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.h"
#include "economics/models/model_shape.h"
#include "economics/models/weight_file.h"

namespace weir::plan {

// Of an array only its length is kept, and its numbers when they are few integers (heads of each layer).
struct GgufArray {
  uint64_t length = 0;
  std::vector<int64_t> numbers;
};
using GgufValue = std::variant<int64_t, double, std::string, GgufArray>;

struct GgufHeader {
  uint32_t version = 0;
  std::map<std::string, GgufValue, std::less<>> metadata;
  TensorTotals totals;
  uint64_t data_offset = 0;  // of the first tensor's bytes

  [[nodiscard]] std::string_view text(std::string_view key) const;                  // "" when absent
  [[nodiscard]] int64_t number(std::string_view key, int64_t otherwise = 0) const;  // also of bool and whole floats
};

inline constexpr std::string_view gguf_magic = "GGUF";

// `bytes`: the file from its beginning. `file_size`: of all of it, which need not be in `bytes`.
[[nodiscard]] HeaderResult<GgufHeader> read_gguf(std::span<const std::byte> bytes, uint64_t file_size);

// The shape that the header describes, with exact weight bytes; `totals` of all parts where the model is split.
// Errors: what is missing or makes no sense.
[[nodiscard]] Result<ModelShape> shape_of(const GgufHeader& header, const TensorTotals& totals);

}  // namespace weir::plan
