#include "core/version.h"

namespace weir {

std::string_view version() {
  return WEIR_VERSION;
}  // given by CMake to this file alone, so that a new one rebuilds only it

}  // namespace weir
