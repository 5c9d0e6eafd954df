// Sound files that claim anything.
#include <cstdlib>

#include "core/sound_length.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const auto ms = weir::sound_length_ms({reinterpret_cast<const char*>(data), size});
  if (ms < 0 || ms > 7LL * 24 * 3600 * 1000) abort();
  return 0;
}
