// Any bytes as a safetensors file, and as the JSON beside one: never a crash, every error with its place, and a config
// that is read gives a shape that makes sense. The first byte chooses.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "economics/models/safetensors.h"

namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

void read_file(std::span<const std::byte> file, std::size_t have) {
  for (;;) {
    const auto totals = weir::plan::read_safetensors(file.first(have), file.size());
    if (totals) {
      require(totals->bytes >= 0 && totals->parameters >= 0 && totals->expert_parameters <= totals->parameters);
      require(static_cast<uint64_t>(totals->bytes) <= file.size());
      return;
    }
    require(!totals.error().message.empty());
    if (totals.error().fault == weir::plan::HeaderFault::invalid) return;
    require(totals.error().needed > have && totals.error().needed <= file.size());
    have = totals.error().needed;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t length) {
  if (length < 1) return 0;
  const std::span<const std::byte> file(reinterpret_cast<const std::byte*>(data) + 1, length - 1);
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (data[0] % 3 == 0) {
    const auto parts = weir::plan::parts_of_index(text);
    if (parts) {
      for (const auto& part : *parts) require(part.find('/') == std::string::npos);
    }
  } else if (data[0] % 3 == 1) {
    const weir::plan::TensorTotals totals{
        .tensors = 1, .parameters = 1'000'000, .bytes = 2'000'000, .expert_parameters = 500'000};
    const auto shape = weir::plan::shape_of_config(text, totals);
    if (shape) require(!weir::plan::fault_of(*shape));
  } else {
    read_file(file, std::min<std::size_t>(file.size(), data[0]));
  }
  return 0;
}
