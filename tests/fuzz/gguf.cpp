// Any bytes as a GGUF file: never a crash, every error with its place, what is asked for leads on, and a header that is
// read gives a shape that can be sized or says why not. The first byte says how much of the file is there at first.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "economics/models/gguf.h"
#include "economics/sizing/roofline.h"

namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

void size(const weir::plan::ModelShape& shape) {
  require(!weir::plan::fault_of(shape));
  const weir::plan::SizingRequest request{
      .shape = shape, .quantisation = *weir::plan::find_quantisation("fp16"), .context = 4096, .concurrency = 4};
  require(weir::plan::memory_of(request).total() > 0);
  const auto gpu = weir::plan::gpus().front();
  const auto placement = weir::plan::place(request, gpu, 2);
  require(placement.sequences >= 0 && placement.longest_context >= 0);
  require(!weir::plan::why_too_small(request, placement).empty());
  require(weir::plan::roofline(request, gpu, 2, {}).step_s >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t length) {
  if (length < 1) return 0;
  const std::span<const std::byte> file(reinterpret_cast<const std::byte*>(data) + 1, length - 1);
  std::size_t have = std::min<std::size_t>(file.size(), data[0]);
  for (;;) {
    const auto header = weir::plan::read_gguf(file.first(have), file.size());
    if (header) {
      const auto shape = weir::plan::shape_of(*header, header->totals);
      if (shape) size(*shape);
      if (!shape) require(!shape.error().message.empty());
      return 0;
    }
    const auto& error = header.error();
    require(!error.message.empty());
    if (error.fault == weir::plan::HeaderFault::invalid) return 0;
    require(error.needed > have && error.needed <= file.size());
    have = error.needed;
  }
}
