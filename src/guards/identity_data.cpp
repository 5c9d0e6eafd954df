// tools/identity/model.bin as bytes of the binary. The assembler copies the file in; the build knows that this unit
// depends on it (src/CMakeLists.txt).
#include "guards/identity_data.h"

#include <cstddef>

__asm__(
    ".pushsection .rodata\n"
    ".global weir_identity_begin\n"
    ".global weir_identity_end\n"
    "weir_identity_begin:\n"
    ".incbin \"" WEIR_IDENTITY_FILE
    "\"\n"
    "weir_identity_end:\n"
    ".popsection\n");

extern "C" {
extern const char weir_identity_begin[];
extern const char weir_identity_end[];
}

namespace weir::guards {

std::string_view identity_data() {
  return {weir_identity_begin, static_cast<std::size_t>(weir_identity_end - weir_identity_begin)};
}

}  // namespace weir::guards
