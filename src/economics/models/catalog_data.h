// The texts of catalog/gpus.tsv and catalog/shapes.tsv, embedded. Constant; safe from any thread.
#pragma once

#include <string_view>

namespace weir::plan {

[[nodiscard]] std::string_view gpus_data();
[[nodiscard]] std::string_view shapes_data();

}  // namespace weir::plan
