#include "economics/models/model_shape.h"

#include <gtest/gtest.h>

#include <set>

#include "economics/models/quantisation.h"

namespace weir::plan {
namespace {

const ModelShape& named(std::string_view name) {
  static ModelShape shape;
  const auto found = shape_named(name);
  EXPECT_TRUE(found) << name;
  shape = found.value_or(ModelShape{});
  return shape;
}

// Parameter counts of the model cards.
TEST(model_shape, parameters_are_the_published_ones) {
  const std::pair<std::string_view, double> rows[] = {
      {"llama-3-8b", 8.03e9}, {"llama-3-70b", 70.55e9}, {"llama-3.1-405b", 405.9e9},  {"llama-3.2-1b", 1.24e9},
      {"llama-2-7b", 6.74e9}, {"mistral-7b", 7.25e9},   {"mixtral-8x7b", 46.7e9},     {"mixtral-8x22b", 140.6e9},
      {"qwen2.5-7b", 7.62e9}, {"qwen2.5-72b", 72.7e9},  {"qwen3-8b", 8.19e9},         {"qwen3-30b-a3b", 30.5e9},
      {"gemma-2-9b", 9.24e9}, {"gemma-3-27b", 27.0e9},  {"phi-3-mini", 3.82e9},       {"phi-4", 14.7e9},
      {"deepseek-v3", 671e9}, {"gpt-oss-20b", 20.9e9},  {"gpt-oss-120b", 116.8e9},    {"llama-3.3-70b", 70.55e9},
      {"qwen3.5-9b", 8.95e9}, {"qwen3.6-27b", 26.9e9},  {"qwen3.5-122b-a10b", 122e9},
  };
  for (const auto& [name, parameters] : rows) {
    EXPECT_NEAR(static_cast<double>(named(name).parameters), parameters, parameters * 0.005) << name;
  }
  EXPECT_NEAR(static_cast<double>(named("mixtral-8x7b").active_parameters), 12.9e9, 0.1e9);
  EXPECT_NEAR(static_cast<double>(named("deepseek-v3").active_parameters), 37e9, 1e9);
  EXPECT_NEAR(static_cast<double>(named("gpt-oss-120b").active_parameters), 5.1e9, 0.1e9);
}

TEST(model_shape, a_name_is_found_as_hubs_and_servers_write_it) {
  struct Row {
    std::string_view name;
    std::string_view id;
    std::string_view quantisation;
  };
  const Row rows[] = {
      {"llama-3-8b", "llama-3-8b", ""},
      {"Llama 3 8B", "llama-3-8b", ""},
      {"llama3", "llama-3-8b", ""},
      {"llama3:70b", "llama-3-70b", ""},
      {"meta-llama/Meta-Llama-3-8B-Instruct", "llama-3-8b", ""},
      {"meta-llama/Llama-3.1-8B", "llama-3.1-8b", ""},
      {"llama3.1:8b-instruct-q4_K_M", "llama-3.1-8b", "q4_k_m"},
      {"qwen2.5:7b", "qwen2.5-7b", ""},
      {"Qwen/Qwen2.5-72B-Instruct-AWQ", "qwen2.5-72b", "awq"},
      {"Qwen/Qwen2.5-Coder-32B-Instruct", "qwen2.5-32b", ""},
      {"mistralai/Mixtral-8x7B-Instruct-v0.1", "mixtral-8x7b", ""},
      {"mistralai/Mistral-7B-Instruct-v0.3", "mistral-7b", ""},
      {"mistralai/Mistral-7B-v0.1", "mistral-7b-v0.1", ""},
      {"google/gemma-3-27b-it", "gemma-3-27b", ""},
      {"gemma3:27b", "gemma-3-27b", ""},
      {"microsoft/phi-4", "phi-4", ""},
      {"microsoft/Phi-3-mini-4k-instruct", "phi-3-mini", ""},
      {"deepseek-ai/DeepSeek-R1", "deepseek-v3", ""},
      {"deepseek-r1:70b", "llama-3.1-70b", ""},
      {"openai/gpt-oss-20b", "gpt-oss-20b", ""},
      {"unsloth/Llama-3.3-70B-Instruct-GGUF", "llama-3.3-70b", ""},
      {"Qwen/Qwen3-30B-A3B-FP8", "qwen3-30b-a3b", "fp8"},
      {"Qwen/Qwen3.6-27B-FP8", "qwen3.6-27b", "fp8"},
      {"unsloth/Qwen3.5-9B-bnb-4bit", "qwen3.5-9b", "nf4"},
      {"mlx-community/Qwen3.6-35B-A3B-4bit", "qwen3.6-35b-a3b", "q4_k_m"},
      {"moonshotai/Kimi-K2-Thinking", "kimi-k2-thinking", ""},
  };
  for (const auto& row : rows) {
    const auto shape = shape_named(row.name);
    ASSERT_TRUE(shape) << row.name << ": " << shape.error().message;
    EXPECT_EQ(shape->name, row.id) << row.name;
    EXPECT_EQ(shape->quantisation, row.quantisation) << row.name;
  }
}

TEST(model_shape, an_unknown_name_is_refused_with_the_nearest_one) {
  const std::pair<std::string_view, std::string_view> rows[] = {{"lama-3-8b", "did you mean `llama-3-8b`?"},
                                                                {"mixtral-8x7", "did you mean `mixtral-8x7b`?"},
                                                                {"qwen2.5-7bb", "did you mean `qwen2.5-7b`?"},
                                                                {"gpt-oss-21b", "did you mean `gpt-oss-20b`?"},
                                                                {"", "no model ``"},
                                                                {"/", "no model `/`"},
                                                                {"::::", "no model"}};
  for (const auto& [name, part] : rows) {
    const auto shape = shape_named(name);
    ASSERT_FALSE(shape) << name;
    EXPECT_EQ(shape.error().code, ErrorCode::not_found);
    EXPECT_NE(shape.error().message.find(part), std::string::npos) << shape.error().message;
  }
}

TEST(model_shape, every_line_of_the_catalog_is_whole_and_found_by_its_name) {
  std::set<std::string> names;
  for (const auto& shape : shapes()) {
    EXPECT_TRUE(names.insert(shape.name).second) << shape.name;
    EXPECT_FALSE(fault_of(shape)) << shape.name << ": " << fault_of(shape).value_or("");
    EXPECT_TRUE(shape.source.starts_with("https://huggingface.co/")) << shape.name;
    EXPECT_GE(shape.context, 2048) << shape.name;
    EXPECT_GT(shape.vocabulary, 30'000) << shape.name;
    EXPECT_EQ(shape.window > 0, shape.windowed_layers > 0) << shape.name;
    const auto found = shape_named(shape.name);
    ASSERT_TRUE(found) << shape.name;
    EXPECT_EQ(found->name, shape.name);
    const auto titled = shape_named(shape.title);
    if (shape.title.find('/') == std::string::npos) {
      ASSERT_TRUE(titled) << shape.title;
      EXPECT_EQ(titled->name, shape.name);
    }
  }
  EXPECT_GE(names.size(), 50U);
}

TEST(model_shape, numbers_that_make_no_sense_are_named) {
  auto shape = named("llama-3-8b");
  EXPECT_FALSE(fault_of(shape));
  shape.kv_heads = 64;
  EXPECT_NE(fault_of(shape).value_or("").find("key/value heads of 64"), std::string::npos);
  shape = named("llama-3-8b");
  shape.layers = -1;
  EXPECT_NE(fault_of(shape).value_or("").find("layers of -1"), std::string::npos);
}

// Sizes of files on Hugging Face (bartowski and the makers' own), in GB.
TEST(quantisation, weights_are_within_ten_percent_of_published_files) {
  struct Row {
    std::string_view model;
    std::string_view quantisation;
    double gb;
  };
  const Row rows[] = {
      {"llama-3-8b", "fp16", 16.07},     {"llama-3-8b", "q8_0", 8.54},     {"llama-3-8b", "q6_k", 6.60},
      {"llama-3-8b", "q5_k_m", 5.73},    {"llama-3-8b", "q4_k_m", 4.92},   {"llama-3-8b", "q4_0", 4.66},
      {"llama-3-8b", "q3_k_m", 4.02},    {"llama-3-8b", "q2_k", 3.18},     {"llama-3-8b", "iq2_xs", 2.61},
      {"llama-3-8b", "iq1_s", 2.02},     {"llama-3-8b", "awq", 5.73},      {"llama-3-8b", "fp8", 9.08},
      {"llama-3-8b", "int8", 8.03},      {"llama-3-70b", "fp16", 141.1},   {"llama-3-70b", "q8_0", 74.98},
      {"llama-3-70b", "q4_k_m", 42.52},  {"llama-3-70b", "q2_k", 26.38},   {"llama-3-70b", "iq2_xxs", 19.10},
      {"llama-3-70b", "iq2_xs", 21.14},  {"llama-3-70b", "awq", 39.8},     {"mixtral-8x7b", "fp16", 93.4},
      {"mixtral-8x7b", "q4_k_m", 26.44}, {"mixtral-8x7b", "q8_0", 49.62},  {"mixtral-8x7b", "q5_k_m", 32.23},
      {"qwen2.5-7b", "fp16", 15.23},     {"qwen2.5-7b", "q4_k_m", 4.68},   {"qwen2.5-7b", "q8_0", 8.10},
      {"qwen2.5-72b", "fp16", 145.4},    {"qwen2.5-72b", "q4_k_m", 47.42}, {"qwen2.5-72b", "q8_0", 77.26},
      {"gemma-2-9b", "q4_k_m", 5.76},    {"phi-4", "q4_k_m", 9.05},        {"llama-3.2-3b", "q4_k_m", 2.02},
      {"llama-3.2-1b", "q4_k_m", 0.808}, {"mistral-7b", "q4_k_m", 4.37},   {"gpt-oss-20b", "mxfp4", 13.76},
      {"gpt-oss-120b", "mxfp4", 65.3},   {"llama-3.1-405b", "fp8", 410},   {"deepseek-v3", "q4_k_m", 404.4},
      {"qwen3-30b-a3b", "q4_k_m", 18.6},
  };
  for (const auto& row : rows) {
    const auto* quantisation = find_quantisation(row.quantisation);
    ASSERT_NE(quantisation, nullptr) << row.quantisation;
    EXPECT_NEAR(weight_bytes(named(row.model), *quantisation) / 1e9, row.gb, row.gb * 0.1)
        << row.model << " " << row.quantisation;
  }
}

TEST(quantisation, weights_by_hand) {
  // 8,030,261,248 parameters × 2 bytes.
  EXPECT_DOUBLE_EQ(weight_bytes(named("llama-3-8b"), *find_quantisation("fp16")), 16'060'522'496.0);
  // Table of 128,256 × 4,096 at 16 bits.
  EXPECT_DOUBLE_EQ(table_bytes(named("llama-3-8b"), *find_quantisation("fp16")), 1'050'673'152.0);
  EXPECT_DOUBLE_EQ(table_bytes(named("gemma-2-9b"), *find_quantisation("fp16")), 0);  // tied
}

TEST(quantisation, more_bits_never_take_less_memory) {
  for (const auto& shape : shapes()) {
    for (const auto& a : quantisations()) {
      for (const auto& b : quantisations()) {
        if (a.body_bits <= b.body_bits && a.embedding_bits <= b.embedding_bits && a.tied_bits <= b.tied_bits) {
          EXPECT_LE(weight_bytes(shape, a), weight_bytes(shape, b)) << shape.name << " " << a.name << " " << b.name;
        }
      }
      EXPECT_LE(table_bytes(shape, a), weight_bytes(shape, a) / 2) << shape.name << " " << a.name;
      EXPECT_GE(table_bytes(shape, a), 0) << shape.name << " " << a.name;
    }
  }
}

TEST(quantisation, a_name_is_found_however_it_is_spelt) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"Q4_K_M", "q4_k_m"}, {"q4-k-m", "q4_k_m"}, {"4bit", "q4_k_m"}, {"F16", "fp16"},     {"BF16", "bf16"},
      {"INT8", "int8"},     {"8bit", "int8"},     {"AWQ", "awq"},     {"IQ2_XS", "iq2_xs"}};
  for (const auto& [name, known] : rows) {
    const auto* found = find_quantisation(name);
    ASSERT_NE(found, nullptr) << name;
    EXPECT_EQ(found->name, known);
  }
  EXPECT_EQ(find_quantisation(""), nullptr);
  EXPECT_EQ(find_quantisation("q9_z"), nullptr);
  EXPECT_EQ(nearest_quantisation("q4_k_n"), "q4_k_m");
}

}  // namespace
}  // namespace weir::plan
