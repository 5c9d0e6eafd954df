// From the metadata of a GGUF header to a shape. The keys are those of llama.cpp (gguf-py/gguf/constants.py).
#include <algorithm>
#include <numeric>

#include "economics/models/ggml_types.h"
#include "economics/models/gguf.h"
#include "economics/models/quantisation.h"

namespace weir::plan {
namespace {

// How many layers out of how many look back only over a window, where llama.cpp knows it by the architecture.
struct WindowPattern {
  std::string_view architecture;
  int64_t windowed;
  int64_t of;
};
constexpr WindowPattern patterns[] = {{"gemma2", 1, 2}, {"gemma3", 5, 6}, {"gpt-oss", 1, 2}, {"cohere2", 3, 4}};

class Metadata {
 public:
  explicit Metadata(const GgufHeader& header) : header_(header), architecture_(header.text("general.architecture")) {}

  [[nodiscard]] const std::string& architecture() const { return architecture_; }
  [[nodiscard]] int64_t number(std::string_view key, int64_t otherwise = 0) const {
    return header_.number(full(key), otherwise);
  }
  // A number for all layers, or one for each.
  [[nodiscard]] const std::vector<int64_t>* per_layer(std::string_view key) const {
    const auto found = header_.metadata.find(full(key));
    if (found == header_.metadata.end()) return nullptr;
    const auto* const array = std::get_if<GgufArray>(&found->second);
    return array == nullptr || array->numbers.empty() ? nullptr : &array->numbers;
  }
  [[nodiscard]] int64_t most(std::string_view key, int64_t otherwise) const {
    const auto* const each = per_layer(key);
    return each == nullptr ? number(key, otherwise) : *std::max_element(each->begin(), each->end());
  }
  [[nodiscard]] int64_t vocabulary() const {
    if (const auto found = header_.metadata.find("tokenizer.ggml.tokens"); found != header_.metadata.end()) {
      if (const auto* tokens = std::get_if<GgufArray>(&found->second)) return static_cast<int64_t>(tokens->length);
    }
    return number("vocab_size");
  }

 private:
  [[nodiscard]] std::string full(std::string_view key) const { return fmt::format("{}.{}", architecture_, key); }

  const GgufHeader& header_;
  std::string architecture_;
};

void read_attention(const Metadata& metadata, ModelShape& shape) {
  shape.heads = metadata.most("attention.head_count", 0);
  shape.kv_heads = metadata.most("attention.head_count_kv", shape.heads);
  if (const auto* each = metadata.per_layer("attention.head_count_kv")) {
    const bool sane =
        std::all_of(each->begin(), each->end(), [](int64_t heads) { return heads >= 0 && heads < 1'000'000; });
    if (sane) shape.kv_heads_total = std::accumulate(each->begin(), each->end(), int64_t{0});
  }
  const auto usual = shape.heads > 0 ? shape.hidden / shape.heads : 0;
  const auto key = metadata.number("attention.key_length", usual);
  const auto value = metadata.number("attention.value_length", key);
  constexpr int64_t most = 10'000'000;
  shape.head_dim = key < most && value < most && key > 0 && value > 0 ? (key + value + 1) / 2 : 0;
  const auto rank = metadata.number("attention.kv_lora_rank");
  if (rank > 0 && rank < most)
    shape.latent = rank + std::clamp<int64_t>(metadata.number("rope.dimension_count"), 0, most);
}

void read_window(const Metadata& metadata, ModelShape& shape) {
  const auto window = metadata.number("attention.sliding_window");
  if (window <= 0) return;
  int64_t windowed = 0;
  if (const auto* each = metadata.per_layer("attention.sliding_window_pattern")) {
    windowed = std::count_if(each->begin(), each->end(), [](int64_t flag) { return flag != 0; });
  } else {
    for (const auto& pattern : patterns) {
      if (pattern.architecture == metadata.architecture())
        windowed =
            shape.layers / pattern.of * pattern.windowed + shape.layers % pattern.of * pattern.windowed / pattern.of;
    }
  }
  if (windowed <= 0 || windowed > shape.layers) return;  // not known: all layers keep everything, which is no less
  shape.window = window;
  shape.windowed_layers = windowed;
}

}  // namespace

Result<ModelShape> shape_of(const GgufHeader& header, const TensorTotals& totals) {
  const Metadata metadata(header);
  if (metadata.architecture().empty()) {
    return failure(ErrorCode::invalid_request, "the header has no `general.architecture`: it is no language model's");
  }
  if (totals.tensors == 0) return failure(ErrorCode::invalid_request, "the file has no tensors: only a vocabulary?");
  ModelShape shape;
  shape.name = header.text("general.name").empty() ? metadata.architecture() : std::string(header.text("general.name"));
  shape.title = shape.name;
  shape.source = "the GGUF header";
  shape.layers = metadata.number("block_count");
  shape.hidden = metadata.number("embedding_length");
  shape.context = metadata.number("context_length");
  shape.vocabulary = metadata.vocabulary();
  if (shape.layers < 1 || shape.hidden < 1) {
    return failure(
        ErrorCode::invalid_request,
        fmt::format("the header lacks `{0}.block_count` or `{0}.embedding_length`", metadata.architecture()));
  }
  read_attention(metadata, shape);
  read_window(metadata, shape);
  shape.parameters = totals.parameters;
  shape.active_parameters = totals.parameters;
  const auto experts = metadata.number("expert_count");
  const auto used = metadata.number("expert_used_count");
  if (experts > 0 && used > 0 && used <= experts) {
    const double idle =
        static_cast<double>(totals.expert_parameters) * (1 - static_cast<double>(used) / static_cast<double>(experts));
    shape.active_parameters = totals.parameters - static_cast<int64_t>(idle);
  }
  shape.embeddings = totals.has_head ? Embeddings::untied : Embeddings::tied;
  shape.weight_bytes = totals.bytes;
  shape.table_bytes = totals.has_head ? totals.table_bytes : 0;
  shape.quantisation = file_type_name(header.number("general.file_type", -1));
  if (const auto fault = fault_of(shape)) return failure(ErrorCode::invalid_request, "the header's " + *fault);
  return shape;
}

}  // namespace weir::plan
