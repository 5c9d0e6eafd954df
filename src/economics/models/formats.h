// Formats: which number formats which accelerators can run. A format that the tensor cores multiply as it is, is
// native; one whose weights are unpacked to 16 bits on the way (Marlin and its like) saves memory and bandwidth, and
// calculates at the 16-bit rate; some cannot run at all. Pure; safe from any thread.
//
// Sources: the hardware table of vLLM's documentation (features/quantization, v0.14); FP8 needs compute capability 8.9
// as it is, 7.5 unpacked (features/quantization/fp8); bfloat16 begins with compute capability 8.0 (CUDA C++ programming
// guide, arithmetic of bfloat16); MXFP4 has kernels for Hopper and Blackwell, Marlin for Ampere and Ada, and llama.cpp
// elsewhere. GGUF types run wherever llama.cpp does. On Apple's, llama.cpp and MLX are what runs.
#pragma once

#include <string>

#include "economics/models/hardware.h"
#include "economics/models/quantisation.h"

namespace weir::plan {

enum class Runs : uint8_t { no, unpacked, natively };

[[nodiscard]] Runs runs_on(const Gpu& gpu, const Quantisation& quantisation);
// Operations a second at best, of one card.
[[nodiscard]] double flops_on(const Gpu& gpu, const Quantisation& quantisation);
// Why it cannot run there, and the nearest format that can; "" when it runs.
[[nodiscard]] std::string why_not_on(const Gpu& gpu, const Quantisation& quantisation);

}  // namespace weir::plan
