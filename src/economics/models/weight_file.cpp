#include "economics/models/weight_file.h"

namespace weir::plan {

void TensorTotals::add(const TensorTotals& part) {
  tensors += part.tensors;
  parameters += part.parameters;
  bytes += part.bytes;
  expert_parameters += part.expert_parameters;
  table_bytes += part.table_bytes;
  has_head = has_head || part.has_head;
  for (const auto& [type, size] : part.bytes_by_type) bytes_by_type[type] += size;
}

}  // namespace weir::plan
