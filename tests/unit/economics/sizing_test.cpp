#include "economics/sizing/sizing.h"

#include <gtest/gtest.h>

#include "economics/sizing/size_text.h"

namespace weir::plan {
namespace {

SizingRequest asked(std::string_view model, std::string_view quantisation, int64_t context, int64_t concurrency = 1) {
  const auto shape = shape_named(model);
  EXPECT_TRUE(shape) << model;
  return {.shape = *shape,
          .quantisation = *find_quantisation(quantisation),
          .context = context,
          .concurrency = concurrency};
}

Gpu gpu(std::string_view id) { return *find_gpu(id); }

TEST(sizing, kv_cache_by_hand) {
  struct Row {
    std::string_view model;
    double tokens;
    double bytes;
  };
  const Row rows[] = {
      {"llama-3-8b", 1, 2.0 * 32 * 8 * 128 * 2},              // 131,072: 128 KiB a token
      {"llama-3-8b", 8192, 1'073'741'824},                    // 1 GiB
      {"llama-3-70b", 1, 327'680},                            // 320 KiB a token
      {"llama-2-7b", 4096, 2'147'483'648},                    // no grouped heads: 2 GiB
      {"qwen2.5-7b", 1, 57'344},                              // 56 KiB
      {"deepseek-v3", 1, 61.0 * 576 * 2},                     // latent: 70,272
      {"gemma-3-27b", 1000, 2.0 * 62 * 16 * 128 * 2 * 1000},  // within the window all layers are alike
      {"gemma-3-27b", 32768, 2.0 * 16 * 128 * 2 * (10.0 * 32768 + 52.0 * 1024)},
      {"mistral-7b-v0.1", 32768, 2.0 * 32 * 8 * 128 * 2 * 4096},
  };
  for (const auto& row : rows) {
    EXPECT_DOUBLE_EQ(kv_cache_bytes(*shape_named(row.model), row.tokens, 2), row.bytes)
        << row.model << " " << row.tokens;
  }
  EXPECT_DOUBLE_EQ(kv_cache_bytes(*shape_named("llama-3-8b"), 8192, 1), 536'870'912);
}

TEST(sizing, memory_by_hand) {
  const auto memory = memory_of(asked("llama-3-8b", "fp16", 8192, 4));
  EXPECT_DOUBLE_EQ(memory.weights, 16'060'522'496.0);
  EXPECT_DOUBLE_EQ(memory.kv, 4.0 * 1'073'741'824);
  // 512 MiB and 512 × (4 × 128,256 + 32 × 4,096) bytes
  EXPECT_DOUBLE_EQ(memory.overhead, 536'870'912 + 512.0 * (4 * 128'256 + 32 * 4096));
  EXPECT_DOUBLE_EQ(memory.total(), memory.weights + memory.kv + memory.overhead);
}

// Which cards people are known to run these on.
TEST(sizing, cards_are_those_that_are_known_to_hold_the_model) {
  struct Row {
    std::string_view model;
    std::string_view quantisation;
    std::string_view gpu;
    int64_t cards;  // 0: not even eight
  };
  const Row rows[] = {
      {"llama-3-8b", "fp16", "rtx-4090", 1},     {"llama-3-8b", "fp16", "t4", 2},
      {"llama-3-8b", "int8", "t4", 1},           {"llama-3-8b", "q8_0", "rtx-4080", 1},
      {"llama-3-8b", "q4_k_m", "rtx-3060", 1},   {"llama-3-70b", "fp16", "a100-80gb", 2},
      {"llama-3-70b", "fp16", "h100-sxm", 2},    {"llama-3-70b", "fp16", "h200", 2},
      {"llama-3-70b", "fp16", "mi300x", 1},      {"llama-3-70b", "q4_k_m", "l40s", 1},
      {"llama-3-70b", "q4_k_m", "rtx-4090", 2},  {"llama-3-70b", "iq2_xs", "rtx-4090", 1},
      {"llama-3-70b", "iq2_xxs", "rtx-3090", 1}, {"llama-3-70b", "q2_k", "rtx-5090", 1},
      {"mixtral-8x7b", "fp16", "a100-80gb", 2},  {"mixtral-8x7b", "q4_k_m", "l40s", 1},
      {"qwen2.5-72b", "fp16", "a100-80gb", 2},   {"qwen2.5-7b", "fp16", "l4", 1},
      {"llama-3.1-405b", "fp8", "h100-sxm", 8},  {"llama-3.1-405b", "fp16", "h100-sxm", 0},
      {"deepseek-v3", "fp8", "h200", 8},         {"deepseek-v3", "fp8", "h100-sxm", 0},
      {"gpt-oss-20b", "mxfp4", "rtx-4080", 1},   {"gpt-oss-120b", "mxfp4", "h100-sxm", 1},
  };
  for (const auto& row : rows) {
    const auto placement = smallest_placement(asked(row.model, row.quantisation, 4096), gpu(row.gpu));
    EXPECT_EQ(placement ? placement->cards : 0, row.cards) << row.model << " " << row.quantisation << " on " << row.gpu;
  }
}

TEST(sizing, heads_must_divide) {
  const auto qwen = *shape_named("qwen2.5-7b");  // 28 heads, 4 for keys and values
  EXPECT_TRUE(can_split(qwen, 1));
  EXPECT_TRUE(can_split(qwen, 4));
  EXPECT_FALSE(can_split(qwen, 8));
  EXPECT_FALSE(can_split(qwen, 3));
  EXPECT_FALSE(can_split(qwen, 0));
  EXPECT_TRUE(can_split(*shape_named("llama-3-70b"), 8));
  EXPECT_TRUE(can_split(*shape_named("qwen3-30b-a3b"), 8));  // 4 KV heads, copied
  EXPECT_FALSE(can_split(*shape_named("phi-4"), 8));         // 10 KV heads
}

TEST(sizing, more_of_anything_never_takes_less_memory) {
  for (const auto& shape : shapes()) {
    for (const std::string_view quantisation : {"q4_k_m", "fp16"}) {
      double last = 0;
      for (const int64_t context : {1, 100, 1000, 4096, 32'768, 1'000'000}) {
        for (const int64_t concurrency : {1, 3, 64}) {
          const auto memory = memory_of(asked(shape.name, quantisation, context, concurrency));
          EXPECT_GE(memory.total(), memory_of(asked(shape.name, quantisation, context, 1)).total());
          if (concurrency == 1) {
            EXPECT_GE(memory.total(), last) << shape.name << " at " << context;
            last = memory.total();
          }
        }
      }
    }
  }
}

TEST(sizing, more_cards_never_hold_less) {
  for (const auto& shape : shapes()) {
    for (const auto& card : gpus()) {
      const auto request = asked(shape.name, "q4_k_m", 4096);
      int64_t last = 0;
      for (const auto cards : card_counts) {
        const auto placement = place(request, card, cards);
        EXPECT_GE(placement.sequences, last) << shape.name << " on " << cards << " " << card.id;
        last = placement.sequences;
      }
    }
  }
}

// What a placement says fits, fits; one more does not.
TEST(sizing, sequences_and_longest_context_are_exact) {
  for (const std::string_view model : {"llama-3-8b", "gemma-3-27b", "deepseek-v2-lite", "qwen2.5-7b", "gpt-oss-20b"}) {
    for (const std::string_view card : {"rtx-4090", "a100-80gb", "l40s"}) {
      for (const int64_t cards : {1, 2}) {
        auto request = asked(model, "q4_k_m", 4096, 2);
        const auto placement = place(request, gpu(card), cards);
        const double usable = static_cast<double>(placement.gpu.memory_bytes) * request.assumptions.usable_share;
        if (placement.sequences == 0) continue;
        request.concurrency = placement.sequences;
        EXPECT_LE(place(request, gpu(card), cards).used_per_card, usable * (1 + 1e-12)) << model << " on " << card;
        ++request.concurrency;
        EXPECT_GT(place(request, gpu(card), cards).used_per_card, usable) << model << " on " << card;
        request.concurrency = 2;
        request.context = placement.longest_context;
        EXPECT_LE(place(request, gpu(card), cards).used_per_card, usable) << model << " on " << card;
        if (request.context < request.shape.context) {
          ++request.context;
          EXPECT_GT(place(request, gpu(card), cards).used_per_card, usable) << model << " on " << card;
        }
      }
    }
  }
}

TEST(sizing, the_list_is_sorted_by_rent_and_holds_what_was_asked) {
  const auto all = placements(asked("llama-3-70b", "q4_k_m", 8192, 4));
  ASSERT_GT(all.size(), 10U);
  bool bought = false;
  MicroDollars last = 0;
  for (const auto& placement : all) {
    EXPECT_TRUE(placement.holds(4));
    if (placement.gpu.rent_per_hour == 0 && !bought) {
      bought = true;
      last = 0;
    }
    EXPECT_EQ(placement.gpu.rent_per_hour == 0, bought);
    const auto cost = (bought ? placement.gpu.price : placement.gpu.rent_per_hour) * placement.cards;
    EXPECT_GE(cost, last);
    last = cost;
  }
}

TEST(sizing, a_card_too_small_is_told_with_what_would_do) {
  const auto request = asked("llama-3-70b", "fp16", 4096);
  const auto text = why_too_small(request, place(request, gpu("rtx-4090"), 1));
  EXPECT_NE(text.find("needs 1"), std::string::npos) << text;
  EXPECT_NE(text.find("--cards 8"), std::string::npos) << text;
  EXPECT_NE(text.find("--quant iq2_xs"), std::string::npos) << text;
  const auto long_context = asked("llama-3.1-8b", "q8_0", 131'072);
  const auto shorter = why_too_small(long_context, place(long_context, gpu("t4"), 1));
  EXPECT_NE(shorter.find("--context "), std::string::npos) << shorter;
  const auto hopeless = asked("deepseek-v3", "fp16", 4096);
  EXPECT_NE(why_too_small(hopeless, place(hopeless, gpu("t4"), 1)).find("larger card"), std::string::npos);
}

TEST(sizing, absurd_inputs_give_numbers_and_no_crash) {
  auto request = asked("llama-3-8b", "fp16", 10'000'000'000, 1'000'000'000);
  const auto placement = place(request, gpu("b200"), 8);
  EXPECT_EQ(placement.sequences, 0);
  EXPECT_FALSE(smallest_placement(request, gpu("b200")));
  EXPECT_GT(memory_of(request).total(), 1e20);
}

TEST(size_text, numbers_as_people_read_them) {
  EXPECT_EQ(bytes_text(0), "0 bytes");
  EXPECT_EQ(bytes_text(999), "999 bytes");
  EXPECT_EQ(bytes_text(16'060'522'496.0), "16.1 GB");
  EXPECT_EQ(bytes_text(4'920'000'000.0), "4.92 GB");
  EXPECT_EQ(bytes_text(141'107'000'000.0), "141 GB");
  EXPECT_EQ(bytes_text(999'900'000), "1.00 GB");
  EXPECT_EQ(bytes_text(-5e9), "-5.00 GB");
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(131'072), "131,072");
  EXPECT_EQ(count_text(-1234), "-1,234");
  EXPECT_EQ(rate_text(8.912), "8.91");
  EXPECT_EQ(rate_text(56.74), "56.7");
  EXPECT_EQ(rate_text(1234.4), "1,234");
  EXPECT_EQ(seconds_text(0.0451), "45.1 ms");
  EXPECT_EQ(seconds_text(1.25), "1.25 s");
}

}  // namespace
}  // namespace weir::plan
