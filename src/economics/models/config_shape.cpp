// From a Hugging Face config.json to a shape. The keys are those of the transformers library.
#include <algorithm>

#include "core/json.h"
#include "economics/models/quantisation.h"
#include "economics/models/safetensors.h"

namespace weir::plan {
namespace {

// Reads numbers of one object; the first key that is wrong is remembered.
class Config {
 public:
  explicit Config(json::Object object) : object_(object) {}

  [[nodiscard]] int64_t number(std::string_view key, int64_t otherwise) const {
    int64_t value = 0;
    return object_[key].get(value) == simdjson::SUCCESS ? value : otherwise;
  }
  [[nodiscard]] int64_t first_of(std::initializer_list<std::string_view> keys, int64_t otherwise = 0) const {
    for (const auto key : keys) {
      if (const auto value = number(key, -1); value >= 0) return value;
    }
    return otherwise;
  }
  // Said to be false; absent is not.
  [[nodiscard]] bool denies(std::string_view key) const {
    bool value = true;
    return object_[key].get(value) == simdjson::SUCCESS && !value;
  }
  [[nodiscard]] std::string text(std::string_view key) const { return std::string(json::string_or(object_, key)); }
  [[nodiscard]] int64_t count_in(std::string_view key, std::string_view word) const {
    json::Array list;
    if (object_[key].get(list) != simdjson::SUCCESS) return -1;
    return std::count_if(list.begin(), list.end(), [&](const json::Element& element) {
      std::string_view value;
      return element.get(value) == simdjson::SUCCESS && value == word;
    });
  }

 private:
  json::Object object_;
};

void read_window(const Config& config, ModelShape& shape) {
  const auto window = config.number("sliding_window", 0);
  if (window <= 0 || config.denies("use_sliding_window")) return;
  auto windowed = config.count_in("layer_types", "sliding_attention");
  if (windowed < 0) {
    const auto pattern = config.number("sliding_window_pattern", 0);
    const auto type = config.text("model_type");
    if (pattern > 1) {
      windowed = shape.layers - shape.layers / pattern;
    } else if (type == "gemma2") {
      windowed = shape.layers / 2;
    } else if (type == "gemma3_text") {
      windowed = shape.layers - shape.layers / 6;
    } else {
      windowed = type == "mistral" ? shape.layers : 0;
    }
  }
  if (windowed <= 0 || windowed > shape.layers) return;
  shape.window = window;
  shape.windowed_layers = windowed;
}

void read_experts(const Config& config, const TensorTotals& totals, ModelShape& shape) {
  const auto experts = config.first_of({"num_local_experts", "num_experts", "n_routed_experts"});
  const auto used = config.first_of({"num_experts_per_tok", "experts_per_token"});
  if (experts <= 0 || used <= 0 || used > experts) return;
  const double idle =
      static_cast<double>(totals.expert_parameters) * (1 - static_cast<double>(used) / static_cast<double>(experts));
  shape.active_parameters = shape.parameters - static_cast<int64_t>(idle);
}

// The format most of the bytes are in.
std::string_view quantisation_of(const json::Element& root, const TensorTotals& totals) {
  std::string_view method;
  if (root["quantization_config"]["quant_method"].get(method) == simdjson::SUCCESS) {
    if (const auto* known = find_quantisation(method)) return known->name;
  }
  std::string_view type;
  int64_t most = -1;
  for (const auto& [name, bytes] : totals.bytes_by_type) {
    if (bytes > most) {
      most = bytes;
      type = name;
    }
  }
  if (type == "BF16") return "bf16";
  if (type == "F32") return "fp32";
  if (type.starts_with("F8")) return "fp8";
  if (type == "I8") return "int8";
  return type == "F16" ? "fp16" : "";
}

}  // namespace

Result<ModelShape> shape_of_config(std::string_view text, const TensorTotals& totals) {
  json::Document document;
  if (const auto parsed = document.parse_copy(text); !parsed) return failure(parsed.error());
  json::Object root;
  if (document.root().get(root) != simdjson::SUCCESS)
    return failure(ErrorCode::invalid_request, "it is no JSON object");
  json::Object inner = root;
  json::Object nested;
  if (root["text_config"].get(nested) == simdjson::SUCCESS) inner = nested;
  const Config config(inner);
  ModelShape shape;
  shape.source = "config.json";
  shape.layers = config.first_of({"num_hidden_layers", "n_layer", "num_layers"});
  shape.hidden = config.first_of({"hidden_size", "n_embd"});
  shape.heads = config.first_of({"num_attention_heads", "n_head"});
  const std::pair<std::string_view, int64_t> needed[] = {
      {"num_hidden_layers", shape.layers}, {"hidden_size", shape.hidden}, {"num_attention_heads", shape.heads}};
  for (const auto& [key, value] : needed) {
    if (value <= 0) return failure(ErrorCode::invalid_request, fmt::format("it has no `{}`", key));
  }
  shape.kv_heads = config.first_of({"num_key_value_heads", "multi_query_group_num"}, shape.heads);
  shape.head_dim = config.number("head_dim", shape.hidden / shape.heads);
  shape.vocabulary = config.first_of({"vocab_size", "padded_vocab_size"});
  shape.context = config.first_of({"max_position_embeddings", "n_positions", "seq_length"});
  constexpr int64_t most_latent = 1'000'000;
  if (const auto rank = config.number("kv_lora_rank", 0); rank > 0 && rank < most_latent) {
    shape.latent = rank + std::clamp<int64_t>(config.number("qk_rope_head_dim", 0), 0, most_latent);
  }
  shape.name = json::string_or(root, "_name_or_path", json::string_or(root, "model_type", "model"));
  shape.title = shape.name;
  shape.parameters = totals.parameters;
  shape.active_parameters = totals.parameters;
  read_window(config, shape);
  read_experts(config, totals, shape);
  shape.embeddings = totals.has_head ? Embeddings::untied : Embeddings::tied;
  shape.weight_bytes = totals.bytes;
  shape.table_bytes = totals.has_head ? totals.table_bytes : 0;
  shape.quantisation = quantisation_of(document.root(), totals);
  if (const auto fault = fault_of(shape)) return failure(ErrorCode::invalid_request, "its " + *fault);
  return shape;
}

}  // namespace weir::plan
