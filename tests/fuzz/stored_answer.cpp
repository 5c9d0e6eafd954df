// Bytes of a cache file → an answer, or none; and what it is comes back from its own bytes.
#include <cstdlib>

#include "answers/stored_answer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const auto answer = weir::stored_answer_of({reinterpret_cast<const char*>(data), size});
  if (!answer) return 0;
  if (!weir::can_be_kept(answer->response)) std::abort();
  const auto bytes = weir::to_bytes(*answer);
  const auto again = weir::stored_answer_of(bytes);
  if (!again || weir::to_bytes(*again) != bytes) std::abort();
  return 0;
}
