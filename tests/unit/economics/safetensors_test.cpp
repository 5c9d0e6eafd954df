#include "economics/models/safetensors.h"

#include <gtest/gtest.h>

#include <bit>

#include "economics/sizing/sizing.h"

namespace weir::plan {
namespace {

std::string file_of(std::string_view header, std::size_t data) {
  const auto length = std::bit_cast<std::array<char, 8>>(uint64_t{header.size()});
  return std::string(length.data(), length.size()) + std::string(header) + std::string(data, '\0');
}

HeaderResult<TensorTotals> read(std::string_view text, uint64_t file_size = 0) {
  return read_safetensors(std::as_bytes(std::span(text.data(), text.size())), file_size == 0 ? text.size() : file_size);
}

constexpr std::string_view small = R"({"__metadata__":{"format":"pt"},
  "model.embed_tokens.weight":{"dtype":"BF16","shape":[10,8],"data_offsets":[0,160]},
  "lm_head.weight":{"dtype":"F16","shape":[10,8],"data_offsets":[160,320]},
  "model.layers.0.mlp.experts.3.up_proj.weight":{"dtype":"F8_E4M3","shape":[4,8],"data_offsets":[320,352]},
  "model.layers.0.self_attn.q_proj.qweight":{"dtype":"I32","shape":[2,2],"data_offsets":[352,368]},
  "model.layers.0.self_attn.q_proj.scales":{"dtype":"F16","shape":[2],"data_offsets":[368,372]}})";

TEST(safetensors, a_small_file_by_hand) {
  const auto totals = read(file_of(small, 372));
  ASSERT_TRUE(totals) << totals.error().message;
  EXPECT_EQ(totals->tensors, 5);
  EXPECT_EQ(totals->bytes, 372);
  EXPECT_EQ(totals->parameters, 80 + 80 + 32 + 4 * 8);  // eight weights packed in each I32, scales are none
  EXPECT_EQ(totals->expert_parameters, 32);
  EXPECT_EQ(totals->table_bytes, 160);
  EXPECT_TRUE(totals->has_head);
}

TEST(safetensors, a_part_of_a_file_asks_for_more) {
  const auto file = file_of(small, 372);
  const auto none = read(std::string_view(), file.size());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, HeaderFault::incomplete);
  EXPECT_EQ(none.error().needed, 8U);
  const auto length_only = read(std::string_view(file).substr(0, 20), file.size());
  ASSERT_FALSE(length_only);
  EXPECT_EQ(length_only.error().needed, 8 + small.size());
  EXPECT_TRUE(read(std::string_view(file).substr(0, 8 + small.size()), file.size()));
}

TEST(safetensors, a_truncated_file_is_told_with_the_place) {
  const auto file = file_of(small, 372);
  for (std::size_t size = 0; size < file.size(); ++size) {
    const auto totals = read(std::string_view(file).substr(0, size));
    ASSERT_FALSE(totals) << size;
    EXPECT_EQ(totals.error().fault, HeaderFault::invalid);
    EXPECT_NE(totals.error().message.find("truncated"), std::string::npos) << size << ": " << totals.error().message;
    EXPECT_NE(totals.error().message.find("at byte "), std::string::npos);
  }
}

TEST(safetensors, hostile_headers_are_refused_with_the_place) {
  const auto tensor = [](std::string_view fields) { return file_of(fmt::format(R"({{"t":{{{}}}}})", fields), 64); };
  const std::pair<std::string, std::string_view> rows[] = {
      {std::string(8, '\xff') + "{}", "announces a header of 18446744073709551615 bytes"},
      {std::string(8, '\0') + "{}", "announces a header of 0 bytes"},
      {file_of("GGUF", 10), "does not begin with `{`"},
      {file_of("{\"t\":", 10), "no JSON"},
      {file_of("{\"a\":" + std::string(5000, '[') + std::string(5000, ']') + "}", 0), "no JSON"},
      {tensor(R"("shape":[1],"data_offsets":[0,4])"), "no `dtype`"},
      {tensor(R"("dtype":"F32","data_offsets":[0,4])"), "no `shape`"},
      {tensor(R"("dtype":"F32","shape":[1])"), "no `data_offsets`"},
      {tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0])"), "no `data_offsets`"},
      {tensor(R"("dtype":"Q7","shape":[1],"data_offsets":[0,4])"), "unknown dtype `Q7`"},
      {tensor(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])"), "dimensions that make no sense"},
      {tensor(R"("dtype":"F32","shape":[9223372036854775807,4],"data_offsets":[0,4])"),
       "dimensions that make no sense"},
      {tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"), "offsets that make no sense"},
      {tensor(R"("dtype":"F32","shape":[1],"data_offsets":[-4,0])"), "offsets that make no sense"},
      {tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])"), "has 4 bytes"},
      {tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"), "begins at 4 of the data; 0 is due"},
      {tensor(R"("dtype":"F32","shape":[1000],"data_offsets":[0,4000])"), "truncated"},
      {file_of(
           R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})",
           64),
       "`b` begins at 2 of the data; 4 is due"},
      {file_of(
           R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})",
           64),
       "comes twice"},
  };
  for (const auto& [text, part] : rows) {
    const auto totals = read(text);
    ASSERT_FALSE(totals) << part;
    EXPECT_EQ(totals.error().fault, HeaderFault::invalid);
    EXPECT_NE(totals.error().message.find(part), std::string::npos) << totals.error().message;
    EXPECT_NE(totals.error().message.find("at byte "), std::string::npos) << totals.error().message;
  }
}

TEST(safetensors, parts_of_an_index) {
  const auto parts = parts_of_index(
      R"({"metadata":{"total_size":1},"weight_map":{"a":"m-2.safetensors","b":"m-1.safetensors","c":"m-2.safetensors"}})");
  ASSERT_TRUE(parts);
  EXPECT_EQ(*parts, (std::vector<std::string>{"m-1.safetensors", "m-2.safetensors"}));
  for (const std::string_view bad :
       {R"({})", R"([])", R"({"weight_map":{}})", R"({"weight_map":{"a":1}})", R"({"weight_map":{"a":"../x"}})",
        R"({"weight_map":{"a":"/etc/passwd"}})", R"({"weight_map":{"a":".."}})", "x"}) {
    EXPECT_FALSE(parts_of_index(bad)) << bad;
  }
}

// The published config.json of Llama 3 8B, shortened; totals of its four files.
TEST(safetensors, a_config_gives_the_shape_of_the_catalog) {
  const TensorTotals totals{.tensors = 291,
                            .parameters = 8'030'261'248,
                            .bytes = 16'060'522'496,
                            .table_bytes = 1'050'673'152,
                            .has_head = true,
                            .bytes_by_type = {{"BF16", 16'060'522'496}}};
  const auto shape = shape_of_config(
      R"({"architectures":["LlamaForCausalLM"],"hidden_size":4096,"max_position_embeddings":8192,"model_type":"llama",
          "num_attention_heads":32,"num_hidden_layers":32,"num_key_value_heads":8,"vocab_size":128256,"sliding_window":null})",
      totals);
  ASSERT_TRUE(shape) << shape.error().message;
  const auto known = *shape_named("llama-3-8b");
  EXPECT_EQ(shape->layers, known.layers);
  EXPECT_EQ(shape->kv_heads, known.kv_heads);
  EXPECT_EQ(shape->head_dim, known.head_dim);
  EXPECT_EQ(shape->context, known.context);
  EXPECT_EQ(shape->parameters, known.parameters);
  EXPECT_EQ(shape->weight_bytes, 16'060'522'496);
  EXPECT_EQ(shape->quantisation, "bf16");
  EXPECT_DOUBLE_EQ(kv_cache_bytes(*shape, 8192, 2), kv_cache_bytes(known, 8192, 2));
}

TEST(safetensors, configs_of_other_kinds) {
  const TensorTotals totals{.tensors = 2, .parameters = 1'000'000, .bytes = 2'000'000, .expert_parameters = 800'000};
  const auto experts = shape_of_config(
      R"({"hidden_size":64,"num_attention_heads":4,"num_hidden_layers":2,"num_local_experts":8,"num_experts_per_tok":2,
          "quantization_config":{"quant_method":"awq"}})",
      totals);
  ASSERT_TRUE(experts);
  EXPECT_EQ(experts->active_parameters, 1'000'000 - 600'000);
  EXPECT_EQ(experts->kv_heads, 4);
  EXPECT_EQ(experts->quantisation, "awq");
  EXPECT_EQ(experts->embeddings, Embeddings::tied);
  const auto nested = shape_of_config(
      R"({"model_type":"gemma3","text_config":{"model_type":"gemma3_text","hidden_size":64,"num_attention_heads":4,
          "num_hidden_layers":12,"head_dim":32,"sliding_window":128}})",
      totals);
  ASSERT_TRUE(nested);
  EXPECT_EQ(nested->windowed_layers, 10);
  const auto latent = shape_of_config(
      R"({"hidden_size":64,"num_attention_heads":4,"num_hidden_layers":2,"kv_lora_rank":512,"qk_rope_head_dim":64})",
      totals);
  ASSERT_TRUE(latent);
  EXPECT_EQ(latent->latent, 576);
  const auto off = shape_of_config(
      R"({"hidden_size":64,"num_attention_heads":4,"num_hidden_layers":2,"sliding_window":128,"use_sliding_window":false})",
      totals);
  ASSERT_TRUE(off);
  EXPECT_EQ(off->window, 0);
}

TEST(safetensors, a_config_that_is_wrong_names_the_key) {
  const TensorTotals totals{.tensors = 1, .parameters = 10, .bytes = 20};
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"{", "JSON"},
      {"[]", "no JSON object"},
      {"{}", "`num_hidden_layers`"},
      {R"({"num_hidden_layers":2})", "`hidden_size`"},
      {R"({"num_hidden_layers":2,"hidden_size":8})", "`num_attention_heads`"},
      {R"({"num_hidden_layers":99999999999,"hidden_size":8,"num_attention_heads":2})", "layers of 99999999999"},
      {R"({"num_hidden_layers":2,"hidden_size":8,"num_attention_heads":16})", "head dimension of 0"}};
  for (const auto& [text, part] : rows) {
    const auto shape = shape_of_config(text, totals);
    ASSERT_FALSE(shape) << text;
    EXPECT_NE(shape.error().message.find(part), std::string::npos) << shape.error().message;
  }
}

}  // namespace
}  // namespace weir::plan
