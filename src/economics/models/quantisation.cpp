#include "economics/models/quantisation.h"

#include <array>
#include <string>
#include <vector>

#include "core/nearest.h"
#include "economics/models/catalog_text.h"
#include "economics/models/model_shape.h"

namespace weir::plan {
namespace {

using enum MathRate;

// From most to least bits. GGUF types up to 8 bits are multiplied as 8-bit integers by llama.cpp.
constexpr std::array table = std::to_array<Quantisation>({
    {"fp32", 32, 32, 32, bits16, "f32 float32", "full precision"},
    {"fp16", 16, 16, 16, bits16, "f16 float16 half 16bit", "as published: fp16 or bf16"},
    {"bf16", 16, 16, 16, bits16, "bfloat16", "as published"},
    {"fp8", 8, 16, 16, bits8, "f8 fp8_e4m3 fp8_dynamic", "layers at 8 bits, embeddings at 16"},
    {"int8", 8, 8, 8, bits8, "i8 8bit w8a8", "every weight at 8 bits"},
    {"q8_0", 8.5, 8.5, 8.5, bits8, "q8", "GGUF"},
    {"q6_k", 6.5625, 6.5625, 6.5625, bits8, "q6", "GGUF"},
    {"q5_k_m", 5.651, 6.09, 6.5625, bits8, "q5 q5_k", "GGUF"},
    {"q5_k_s", 5.499, 6.11, 6.5625, bits8, "", "GGUF"},
    {"q5_1", 6.0, 6.28, 6.5625, bits8, "", "GGUF"},
    {"q5_0", 5.5, 6.03, 6.5625, bits8, "", "GGUF"},
    {"q4_1", 5.0, 5.78, 6.5625, bits8, "", "GGUF"},
    {"q4_k_m", 4.798, 5.59, 6.5625, bits8, "q4 q4_k 4bit", "GGUF, what most people run"},
    {"q4_k_s", 4.547, 5.51, 6.5625, bits8, "", "GGUF"},
    {"q4_0", 4.5, 5.53, 6.5625, bits8, "", "GGUF"},
    {"iq4_nl", 4.5, 5.53, 6.5625, bits8, "", "GGUF"},
    {"int4", 4.5, 4.5, 4.5, bits16, "i4 w4a16 mlx", "every weight at 4 bits, a 16-bit scale for 32 of them"},
    {"nf4", 4.127, 16, 16, bits16, "bnb bitsandbytes", "layers at 4 bits with double-quantised scales"},
    {"mxfp4", 4.25, 16, 16, bits8, "fp4 nvfp4", "layers at 4 bits, an 8-bit scale for 32 of them"},
    {"awq", 4.156, 16, 16, bits16, "", "layers at 4 bits in groups of 128, embeddings at 16"},
    {"gptq", 4.156, 16, 16, bits16, "gptq_int4", "layers at 4 bits in groups of 128, embeddings at 16"},
    {"iq4_xs", 4.257, 5.6, 6.5625, bits8, "", "GGUF"},
    {"q3_k_l", 4.184, 5.1, 6.5625, bits8, "", "GGUF"},
    {"q3_k_m", 3.851, 5.03, 6.5625, bits8, "q3 q3_k 3bit", "GGUF"},
    {"iq3_m", 3.579, 5.01, 6.5625, bits8, "", "GGUF"},
    {"iq3_s", 3.46, 5.01, 6.5625, bits8, "", "GGUF"},
    {"q3_k_s", 3.463, 4.86, 6.5625, bits8, "", "GGUF"},
    {"iq3_xs", 3.269, 5.08, 6.5625, bits8, "", "GGUF"},
    {"iq3_xxs", 3.073, 4.49, 5.5, bits8, "", "GGUF"},
    {"q2_k", 2.939, 4.69, 6.5625, bits8, "q2 2bit", "GGUF"},
    {"iq2_m", 2.675, 4.69, 5.5, bits8, "", "GGUF"},
    {"iq2_s", 2.455, 4.71, 5.5, bits8, "", "GGUF"},
    {"iq2_xs", 2.337, 4.35, 5.5, bits8, "", "GGUF"},
    {"iq2_xxs", 2.099, 4.33, 5.5, bits8, "", "GGUF"},
    {"iq1_m", 1.79, 4.06, 5.5, bits8, "", "GGUF"},
    {"iq1_s", 1.65, 4.06, 5.5, bits8, "", "GGUF"},
});

std::string spelt(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '-' || c == ' ') {
      out += '_';
    } else {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return out;
}

double embedding_parameters(const ModelShape& shape) {
  return static_cast<double>(shape.vocabulary) * static_cast<double>(shape.hidden);
}

}  // namespace

std::span<const Quantisation> quantisations() { return table; }

const Quantisation* find_quantisation(std::string_view name) {
  const auto wanted = spelt(name);
  if (wanted.empty()) return nullptr;
  for (const auto& entry : table) {
    if (entry.name == wanted) return &entry;
    for (auto aliases = entry.aliases; !aliases.empty();) {
      if (cut(aliases, ' ') == wanted) return &entry;
    }
  }
  return nullptr;
}

std::string_view nearest_quantisation(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& entry : table) names.push_back(entry.name);
  return nearest(spelt(name), names);
}

const Quantisation& own_format(const ModelShape& shape) {
  for (const std::string& name : {shape.quantisation, shape.published}) {
    if (const auto* known = find_quantisation(name)) return *known;
  }
  return *find_quantisation("fp16");
}

double weight_bytes(const ModelShape& shape, const Quantisation& quantisation) {
  if (shape.weight_bytes > 0) return static_cast<double>(shape.weight_bytes);
  const double matrix = embedding_parameters(shape);
  const bool tied = shape.embeddings == Embeddings::tied;
  const double embedding = tied ? matrix : 2 * matrix;
  const double all = static_cast<double>(shape.parameters);
  const double kept = embedding < all ? embedding : all;  // a shape of a file may be odd
  const double bits = tied ? quantisation.tied_bits : quantisation.embedding_bits;
  return ((all - kept) * quantisation.body_bits + kept * bits) / 8;
}

double table_bytes(const ModelShape& shape, const Quantisation& quantisation) {
  if (shape.embeddings == Embeddings::tied) return 0;
  if (shape.weight_bytes > 0) return static_cast<double>(shape.table_bytes);
  const double matrix = embedding_parameters(shape);
  // A tied matrix has the head's bits, and `embedding_bits` is the mean of head and table.
  const double bits = 2 * quantisation.embedding_bits - quantisation.tied_bits;
  return 2 * matrix <= static_cast<double>(shape.parameters) ? matrix * bits / 8 : 0;
}

}  // namespace weir::plan
