#include "economics/models/formats.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace weir::plan {
namespace {

using enum Runs;

struct Row {
  std::string_view format;
  // Volta, Turing, Ampere, Ada, Hopper, Blackwell, CDNA 3, Apple
  std::array<Runs, 8> runs;
  std::string_view begins;  // where it begins, for people
};

constexpr std::array rows = std::to_array<Row>({
    {"bf16",
     {no, no, natively, natively, natively, natively, natively, natively},
     "NVIDIA's cards can calculate with it from Ampere on (compute capability 8.0)"},
    {"fp8",
     {no, unpacked, unpacked, natively, natively, natively, natively, no},
     "it runs from Turing on (unpacked), as it is from Ada and Hopper on (compute capability 8.9), and on CDNA 3"},
    {"int8",
     {no, natively, natively, natively, natively, natively, no, unpacked},
     "it runs from Turing on, and through MLX on Apple's"},
    {"int4",
     {unpacked, unpacked, unpacked, unpacked, unpacked, unpacked, no, unpacked},
     "servers have kernels for NVIDIA's cards, and MLX for Apple's"},
    {"awq",
     {no, unpacked, unpacked, unpacked, unpacked, unpacked, no, no},
     "servers have kernels for NVIDIA's cards from Turing on"},
    {"gptq",
     {unpacked, unpacked, unpacked, unpacked, unpacked, unpacked, no, no},
     "servers have kernels for NVIDIA's cards"},
    {"nf4",
     {unpacked, unpacked, unpacked, unpacked, unpacked, unpacked, no, no},
     "bitsandbytes has kernels for NVIDIA's cards"},
    {"mxfp4", {no, unpacked, unpacked, unpacked, natively, natively, unpacked, unpacked}, "it runs from Turing on"},
});

const Row* row_of(const Quantisation& quantisation) {
  const auto* const found =
      std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.format == quantisation.name; });
  return found == rows.end() ? nullptr : found;
}

// The format that runs there with the most similar number of bits; there is one always: fp16 runs everywhere.
std::string_view nearest_that_runs(const Gpu& gpu, const Quantisation& wanted) {
  std::string_view best = "fp16";
  double distance = INFINITY;
  for (const Quantisation& other : quantisations()) {
    const double off = std::abs(other.body_bits - wanted.body_bits);
    if (runs_on(gpu, other) == no || off >= distance) continue;
    best = other.name;
    distance = off;
  }
  return best;
}

}  // namespace

Runs runs_on(const Gpu& gpu, const Quantisation& quantisation) {
  const Row* const row = row_of(quantisation);
  return row == nullptr ? natively : row->runs[static_cast<std::size_t>(gpu.architecture)];
}

double flops_on(const Gpu& gpu, const Quantisation& quantisation) {
  if (quantisation.rate != MathRate::bits8 || runs_on(gpu, quantisation) != natively) return gpu.flops_16bit;
  return std::max(gpu.flops_8bit, gpu.flops_16bit);
}

std::string why_not_on(const Gpu& gpu, const Quantisation& quantisation) {
  if (runs_on(gpu, quantisation) != no) return {};
  return fmt::format("{} ({}) cannot run {}: {}; take --quant {}", gpu.id, title_of(gpu.architecture),
                     quantisation.name, row_of(quantisation)->begins, nearest_that_runs(gpu, quantisation));
}

}  // namespace weir::plan
