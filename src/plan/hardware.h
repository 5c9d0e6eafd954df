// Hardware: the accelerators that can hold a model, with what decides about speed and cost. The data is
// catalog/gpus.tsv, dated and sourced line by line, embedded in the binary. Immutable; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/usage.h"

namespace weir::plan {

struct Gpu {
  std::string_view id;     // `a100-80gb`, `rtx-4090`
  std::string_view title;  // `NVIDIA A100 80 GB`
  int64_t memory_bytes = 0;
  double memory_bytes_per_s = 0;   // peak of the data sheet
  double flops_16bit = 0;          // dense tensor FLOP/s at fp16/bf16, of the data sheet
  double flops_8bit = 0;           // dense tensor OP/s at fp8/int8; 0 = no faster than 16 bit
  int64_t watts = 0;               // board power limit
  MicroDollars rent_per_hour = 0;  // on demand, typical; 0 = hardly rented
  MicroDollars price = 0;          // of buying one, typical; 0 = hardly sold alone
  std::string_view as_of;          // date of the two prices
  std::string_view source;
};

[[nodiscard]] std::span<const Gpu> gpus();
// By id, letter case aside; nullopt when it is none. `nearest_gpu` is for the error message then.
[[nodiscard]] std::optional<Gpu> find_gpu(std::string_view id);
[[nodiscard]] std::string_view nearest_gpu(std::string_view id);

}  // namespace weir::plan
