// catalog/gpus.tsv and catalog/shapes.tsv as bytes of the binary. The assembler copies the files in; the build knows
// that this unit depends on them (src/CMakeLists.txt).
#include "economics/models/catalog_data.h"

#include <cstddef>

__asm__(
    ".pushsection .rodata\n"
    ".global weir_gpus_begin\n"
    ".global weir_gpus_end\n"
    ".global weir_shapes_begin\n"
    ".global weir_shapes_end\n"
    "weir_gpus_begin:\n"
    ".incbin \"" WEIR_GPUS_FILE
    "\"\n"
    "weir_gpus_end:\n"
    "weir_shapes_begin:\n"
    ".incbin \"" WEIR_SHAPES_FILE
    "\"\n"
    "weir_shapes_end:\n"
    ".popsection\n");

extern "C" {
extern const char weir_gpus_begin[];
extern const char weir_gpus_end[];
extern const char weir_shapes_begin[];
extern const char weir_shapes_end[];
}

namespace weir::plan {

std::string_view gpus_data() { return {weir_gpus_begin, static_cast<std::size_t>(weir_gpus_end - weir_gpus_begin)}; }

std::string_view shapes_data() {
  return {weir_shapes_begin, static_cast<std::size_t>(weir_shapes_end - weir_shapes_begin)};
}

}  // namespace weir::plan
