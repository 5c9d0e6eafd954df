// catalog/prices.tsv as bytes of the binary. The assembler copies the file in; the build knows that this unit depends
// on it (src/CMakeLists.txt).
#include "ledger/catalog_data.h"

#include <cstddef>

__asm__(
    ".pushsection .rodata\n"
    ".global weir_catalog_begin\n"
    ".global weir_catalog_end\n"
    "weir_catalog_begin:\n"
    ".incbin \"" WEIR_CATALOG_FILE
    "\"\n"
    "weir_catalog_end:\n"
    ".popsection\n");

extern "C" {
extern const char weir_catalog_begin[];
extern const char weir_catalog_end[];
}

namespace weir {

std::string_view catalog_data() {
  return {weir_catalog_begin, static_cast<std::size_t>(weir_catalog_end - weir_catalog_begin)};
}

}  // namespace weir
