// The text of catalog/prices.tsv, embedded. Constant; safe from any thread.
#pragma once

#include <string_view>

namespace weir {

[[nodiscard]] std::string_view catalog_data();

}  // namespace weir
