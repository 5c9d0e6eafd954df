// Price catalogs and the data they are made of: whatever the bytes, a catalog that passes its check can be used, and
// what is converted from a source passes it in turn.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "ledger/catalog_edition.h"
#include "ledger/catalog_source.h"
#include "ledger/js_literal.h"
#include "ledger/pricing.h"

namespace {

void use(const weir::Catalog& catalog) {
  for (const auto& provider : catalog.providers()) {
    for (const auto model : catalog.models(provider.id)) {
      const auto price = catalog.find(provider.id, model);
      if (price && price->prices.known && price->prices.input < 0) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  constexpr std::string_view today = "2026-11-28";
  const std::string text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(weir::first_array(text));
  static_cast<void>(weir::parse_prices(text, today));
  static_cast<void>(weir::rule_matches(text.substr(0, size / 2), text.substr(size / 2)));
  use(weir::Catalog(text, std::string(today)));
  if (const auto edition = weir::check_edition(text, today)) use(edition->catalog(std::string(today)));
  if (const auto converted = weir::convert_prices(text, {.date = std::string(today), .name = "a test"})) {
    use(weir::Catalog(converted->text, std::string(today)));
  }
  return 0;
}
