#include "economics/sizing/roofline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace weir::plan {
namespace {

SizingRequest asked(std::string_view model, std::string_view quantisation, int64_t concurrency = 1) {
  return {.shape = *shape_named(model),
          .quantisation = *find_quantisation(quantisation),
          .context = 4096,
          .concurrency = concurrency};
}

TEST(roofline, decoding_one_stream_by_hand) {
  // Llama 3 8B at fp16 on an RTX 4090: (16,060,522,496 − 1,050,673,152) bytes of weights, 131,072 × (500 + 250) of
  // cache, at 1,008 GB/s.
  const auto speed = roofline(asked("llama-3-8b", "fp16"), *find_gpu("rtx-4090"), 1, {.prompt = 500, .output = 500});
  const double step = (16'060'522'496.0 - 1'050'673'152.0 + 131'072.0 * 750) / 1.008e12;
  EXPECT_DOUBLE_EQ(speed.step_s, step);
  EXPECT_DOUBLE_EQ(speed.tokens_per_s, 1 / step);
  EXPECT_NEAR(speed.tokens_per_s, 66.7, 0.1);
  EXPECT_EQ(speed.decode_limit, Bottleneck::bandwidth);
}

TEST(roofline, a_prompt_by_hand) {
  // 2 × (8,030,261,248 − 2 × 525,336,576) × 500 and 2 × 32 × 4,096 × 500² operations at 330.3 TFLOPS.
  const auto speed = roofline(asked("llama-3-8b", "fp16"), *find_gpu("rtx-4090"), 1, {.prompt = 500, .output = 500});
  const double flops = 2 * (8'030'261'248.0 - 2 * 525'336'576.0) * 500 + 2.0 * 32 * 4096 * 500 * 500;
  EXPECT_DOUBLE_EQ(speed.prefill_s, flops / 330.3e12);
  EXPECT_EQ(speed.prefill_limit, Bottleneck::compute);
  EXPECT_DOUBLE_EQ(speed.ttft_s, speed.prefill_s + speed.step_s);
  EXPECT_DOUBLE_EQ(speed.requests_per_hour, 3600 / (speed.prefill_s + 500 * speed.step_s));
}

TEST(roofline, experts_touched_by_hand) {
  const auto shape = *shape_named("mixtral-8x7b");
  const auto fp16 = *find_quantisation("fp16");
  const double read = weight_bytes(shape, fp16) - table_bytes(shape, fp16);
  const double used = static_cast<double>(shape.active_parameters) / static_cast<double>(shape.parameters);
  EXPECT_NEAR(weights_read(shape, fp16, 1), read * used, 1);
  EXPECT_NEAR(weights_read(shape, fp16, 2), read * (1 - (1 - used) * (1 - used)), 1);
  EXPECT_NEAR(weights_read(shape, fp16, 1000), read, 1);
}

// Published measurements: none may be above the bound. One stream: llama.cpp, github.com/XiongjieDai/
// GPU-Benchmarks-on-LLM-Inference (1,024 tokens). Batches: TensorRT-LLM 0.5, docs/source/performance.md: weights and
// cache at FP8 on H100.
TEST(roofline, no_published_measurement_is_above_the_bound) {
  struct Row {
    std::string_view model;
    std::string_view quantisation;
    std::string_view gpu;
    int64_t cards;
    double tokens_per_s;
    int64_t batch = 1;
    TokenMix mix = {.prompt = 1, .output = 1024};
  };
  const Row rows[] = {
      {"llama-3-8b", "q4_k_m", "rtx-4080", 1, 106.22},
      {"llama-3-8b", "q4_k_m", "rtx-3090", 1, 111.74},
      {"llama-3-8b", "fp16", "rtx-3090", 1, 46.51},
      {"llama-3-8b", "q4_k_m", "rtx-4090", 1, 127.74},
      {"llama-3-8b", "fp16", "rtx-4090", 1, 54.34},
      {"llama-3-8b", "q4_k_m", "rtx-a6000", 1, 102.22},
      {"llama-3-8b", "q4_k_m", "rtx-6000-ada", 1, 130.99},
      {"llama-3-8b", "q4_k_m", "a40", 1, 88.95},
      {"llama-3-8b", "fp16", "l40s", 1, 43.42},
      {"llama-3-8b", "fp16", "a100-80gb-pcie", 1, 54.56},
      {"llama-3-8b", "fp16", "a100-80gb", 1, 53.18},
      {"llama-3-70b", "q4_k_m", "rtx-3090", 2, 16.29},
      {"llama-3-70b", "q4_k_m", "rtx-4090", 2, 19.06},
      {"llama-3-70b", "q4_k_m", "l40s", 1, 15.31},
      {"llama-3-70b", "q4_k_m", "a100-80gb-pcie", 1, 22.11},
      {"llama-3-70b", "q4_k_m", "a100-80gb", 1, 24.33},
      {"llama-2-7b", "fp8", "h100-sxm", 1, 9193, 64, {.prompt = 128, .output = 128}},
      {"llama-2-7b", "fp8", "h100-sxm", 1, 5367, 64, {.prompt = 128, .output = 2048}},
      {"llama-2-70b", "fp8", "h100-sxm", 4, 3317, 64, {.prompt = 128, .output = 128}},
      {"llama-2-70b", "fp8", "h100-sxm", 4, 2616, 64, {.prompt = 128, .output = 2048}},
  };
  for (const auto& row : rows) {
    auto request = asked(row.model, row.quantisation, row.batch);
    request.kv_bytes = row.quantisation == "fp8" ? 1 : 2;
    const auto bound = roofline(request, *find_gpu(row.gpu), row.cards, row.mix);
    EXPECT_GE(bound.tokens_per_s, row.tokens_per_s) << row.model << " " << row.quantisation << " on " << row.gpu;
    EXPECT_LE(bound.tokens_per_s, row.tokens_per_s * 5) << "of no use: " << row.model << " on " << row.gpu;
  }
}

TEST(roofline, the_bound_is_never_below_a_measurement) {
  for (const double measured : {0.001, 1.0, 50.0, 66.6, 66.8, 1000.0, 1e9}) {
    for (const int64_t concurrency : {1, 7, 64}) {
      const TokenMix mix{.prompt = 500, .output = 500};
      const auto plain = roofline(asked("llama-3-8b", "fp16", concurrency), *find_gpu("rtx-4090"), 1, mix);
      const auto held = roofline(asked("llama-3-8b", "fp16", concurrency), *find_gpu("rtx-4090"), 1, mix, measured);
      EXPECT_GE(held.tokens_per_s, measured);
      EXPECT_EQ(held.raised, measured > plain.tokens_per_s);
      EXPECT_EQ(held.tokens_per_s, std::max(measured, plain.tokens_per_s));
      EXPECT_GE(held.requests_per_hour, plain.requests_per_hour);
    }
  }
}

TEST(roofline, more_load_or_less_hardware_is_never_faster) {
  const TokenMix mix{.prompt = 700, .output = 300};
  for (const auto& shape : shapes()) {
    for (const auto& gpu : gpus()) {
      double last_total = 0;
      double last_stream = INFINITY;
      for (const int64_t batch : {1, 2, 8, 64, 512}) {
        const auto speed = roofline(asked(shape.name, "q4_k_m", batch), gpu, 1, mix);
        EXPECT_GE(speed.tokens_per_s, last_total * (1 - 1e-12)) << shape.name << " on " << gpu.id;
        EXPECT_LE(speed.tokens_per_s_per_stream, last_stream * (1 + 1e-12)) << shape.name << " on " << gpu.id;
        last_total = speed.tokens_per_s;
        last_stream = speed.tokens_per_s_per_stream;
        EXPECT_GE(roofline(asked(shape.name, "q4_k_m", batch), gpu, 2, mix).tokens_per_s, speed.tokens_per_s);
      }
      const auto one = roofline(asked(shape.name, "q4_k_m"), gpu, 1, mix);
      EXPECT_LE(one.ttft_s, roofline(asked(shape.name, "q4_k_m"), gpu, 1, {.prompt = 1400, .output = 300}).ttft_s);
      EXPECT_GE(one.tokens_per_s, roofline(asked(shape.name, "fp16"), gpu, 1, mix).tokens_per_s) << shape.name;
    }
  }
}

TEST(roofline, a_large_batch_is_bound_by_compute) {
  const auto speed = roofline(asked("llama-3-8b", "fp16", 4096), *find_gpu("t4"), 1, {.prompt = 1, .output = 1});
  EXPECT_EQ(speed.decode_limit, Bottleneck::compute);
}

}  // namespace
}  // namespace weir::plan
