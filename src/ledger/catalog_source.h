// The data of pydantic/genai-prices (MIT), as catalog/prices.tsv has them: catalog/README.md. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace weir {

struct CatalogSource {
  std::string date;  // of the data: YYYY-MM-DD
  std::string name;  // for the catalog's line `# Source:`
};

struct ConvertedCatalog {
  std::string text;
  std::vector<std::string> left_out;  // `provider/model: why`: what the catalog's format cannot say
};

// Is this such data, rather than a catalog? By its first bytes.
[[nodiscard]] bool is_price_source(std::string_view text);
// `text`: the project's data.json, or the head of dist/index.js of its npm package, whose first array is the same.
// invalid_request where it is neither, or more than a twentieth of it would be left out.
[[nodiscard]] Result<ConvertedCatalog> convert_prices(std::string_view text, const CatalogSource& source);

}  // namespace weir
