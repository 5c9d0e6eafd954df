// Quantisation: how many bits a weight takes, for the formats that servers load. The matrices of the layers (`body`)
// and the embedding table and output head (`embedding`) are kept apart, because all formats keep the latter at more
// bits: in a small model with a large vocabulary that is a fifth of the file. Constant; safe from any thread.
//
// Sources: block layouts of ggml (ggml-common.h: Q8_0 = 34 bytes for 32 weights, Q4_K = 144 for 256 …); for the mixed
// types (Q4_K_M …) two unknowns solved from two published file sizes each, Llama-3-8B and Llama-3-70B of
// huggingface.co/bartowski; AWQ and GPTQ with groups of 128: 4 bits, a 16-bit scale and a 4-bit zero for each group.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::plan {

struct ModelShape;

// At which of the hardware's rates the matrices can be multiplied at best, where they run natively (formats.h).
enum class MathRate : uint8_t { bits16, bits8 };

struct Quantisation {
  std::string_view name;      // `q4_k_m`
  double body_bits = 0;       // per weight of the layers
  double embedding_bits = 0;  // per weight of embedding table and output head, their mean
  double tied_bits = 0;       // per weight of a matrix that is both
  MathRate rate = MathRate::bits16;
  std::string_view aliases;  // with blanks between them
  std::string_view note;
};

[[nodiscard]] std::span<const Quantisation> quantisations();
// By name or alias, letter case and `-` for `_` aside; nullptr when it is none.
[[nodiscard]] const Quantisation* find_quantisation(std::string_view name);
[[nodiscard]] std::string_view nearest_quantisation(std::string_view name);

// The format that a model comes in: the one its name says, else the one it was published at; 16 bits where neither.
[[nodiscard]] const Quantisation& own_format(const ModelShape& shape);

// Bytes of all weights. Exact when the shape is that of a file (then `quantisation` does not matter).
[[nodiscard]] double weight_bytes(const ModelShape& shape, const Quantisation& quantisation);
// Bytes of the input embedding table where it is a matrix of its own; 0 when tied. Decoding reads one row of it.
[[nodiscard]] double table_bytes(const ModelShape& shape, const Quantisation& quantisation);

}  // namespace weir::plan
