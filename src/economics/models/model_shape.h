// ModelShape: the numbers about a language model that decide how much memory it takes and how fast it can be. They come
// from catalog/shapes.tsv (well-known open models, embedded) or from the header of a weight file (gguf.h,
// safetensors.h). Values; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::plan {

enum class Embeddings : uint8_t { untied, tied };  // tied: one matrix is input table and output head

struct ModelShape {
  std::string name;               // `llama-3-8b`
  std::string title;              // `Llama 3 8B`
  int64_t parameters = 0;         // all of them
  int64_t active_parameters = 0;  // used for one token; less than `parameters` in a mixture of experts
  int64_t layers = 0;
  int64_t hidden = 0;    // width of the residual stream
  int64_t heads = 0;     // query heads
  int64_t kv_heads = 0;  // key/value heads of a layer (the most that a layer has)
  int64_t head_dim = 0;
  int64_t vocabulary = 0;
  int64_t context = 0;  // longest, in tokens
  Embeddings embeddings = Embeddings::untied;
  int64_t window = 0;           // tokens that a windowed layer looks back; 0 = there are no such layers
  int64_t windowed_layers = 0;  // of `layers`
  int64_t latent = 0;           // latent attention (DeepSeek): cached values per token and layer; 0 = ordinary
  int64_t kv_heads_total = 0;   // over all layers; 0 = layers × kv_heads
  int64_t weight_bytes = 0;     // exact, from a file; 0 = from parameters and quantisation
  int64_t table_bytes = 0;      // exact, of the input embedding table alone (when untied); 0 = computed
  std::string quantisation;     // of the file, or named with the model; "" = not said
  std::string published;        // the format that its maker publishes it in, where that is less than 16 bits; "" = 16
  std::string source;           // where the numbers are from
  std::string note;

  [[nodiscard]] bool is_mixture() const { return active_parameters < parameters; }
};

// All of catalog/shapes.tsv.
[[nodiscard]] std::span<const ModelShape> shapes();

// By id, alias, or a name as hubs and servers write it: `meta-llama/Meta-Llama-3-8B-Instruct`, `qwen2.5:7b`,
// `llama3.1:8b-instruct-q4_K_M`. A quantisation in the name is told in `quantisation`. not_found with the nearest name.
[[nodiscard]] Result<ModelShape> shape_named(std::string_view name);

// Why a shape cannot be computed with; nullopt when it can. Numbers out of a file may be anything.
[[nodiscard]] std::optional<std::string> fault_of(const ModelShape& shape);

}  // namespace weir::plan
