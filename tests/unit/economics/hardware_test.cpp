#include "economics/models/hardware.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace weir::plan {
namespace {

// What data sheets say; the sources stand in catalog/gpus.tsv.
TEST(hardware, figures_are_those_of_the_data_sheets) {
  struct Row {
    std::string_view id;
    double gb;
    double gb_per_s;
    double tflops;
    int64_t watts;
  };
  const Row rows[] = {
      {"t4", 16, 320, 65, 70},           {"l4", 24, 300, 121, 72},           {"a100-80gb", 80, 2039, 312, 400},
      {"a100-40gb", 40, 1555, 312, 400}, {"h100-sxm", 80, 3350, 989.5, 700}, {"h200", 141, 4800, 989.5, 700},
      {"b200", 180, 8000, 2250, 1000},   {"mi300x", 192, 5300, 1307.4, 750}, {"rtx-4090", 24, 1008, 330.3, 450},
      {"rtx-3060", 12, 360, 51.2, 170},  {"l40s", 48, 864, 362, 350},        {"rtx-5090", 32, 1792, 419, 575},
  };
  for (const auto& row : rows) {
    const auto gpu = find_gpu(row.id);
    ASSERT_TRUE(gpu) << row.id;
    // Sold by the decimal or binary gigabyte, less ECC.
    EXPECT_GT(static_cast<double>(gpu->memory_bytes), row.gb * 1e9) << row.id;
    EXPECT_LE(static_cast<double>(gpu->memory_bytes), row.gb * 1.0738e9) << row.id;
    EXPECT_DOUBLE_EQ(gpu->memory_bytes_per_s, row.gb_per_s * 1e9) << row.id;
    EXPECT_DOUBLE_EQ(gpu->flops_16bit, row.tflops * 1e12) << row.id;
    EXPECT_EQ(gpu->watts, row.watts) << row.id;
  }
}

TEST(hardware, every_line_of_the_catalog_is_whole) {
  std::set<std::string_view> ids;
  for (const auto& gpu : gpus()) {
    EXPECT_TRUE(ids.insert(gpu.id).second) << gpu.id;
    EXPECT_FALSE(gpu.title.empty()) << gpu.id;
    EXPECT_GT(gpu.memory_bytes, 8'000'000'000) << gpu.id;
    EXPECT_GT(gpu.memory_bytes_per_s, 1e11) << gpu.id;
    EXPECT_GT(gpu.flops_16bit, 1e12) << gpu.id;
    EXPECT_TRUE(gpu.flops_8bit == 0 || gpu.flops_8bit > gpu.flops_16bit) << gpu.id;
    EXPECT_GT(gpu.watts, 50) << gpu.id;
    EXPECT_GE(gpu.rent_per_hour, 0) << gpu.id;
    EXPECT_LT(gpu.rent_per_hour, 20'000'000) << gpu.id;
    EXPECT_GE(gpu.spot_per_hour, 0) << gpu.id;
    EXPECT_TRUE(gpu.spot_per_hour == 0 || gpu.spot_per_hour < gpu.rent_per_hour) << gpu.id;
    EXPECT_GE(gpu.link_bytes_per_s, 1e9) << gpu.id;
    EXPECT_EQ(gpu.link == Link::network, gpu.architecture == Architecture::apple) << gpu.id;
    EXPECT_GE(gpu.price, 0) << gpu.id;
    EXPECT_TRUE(gpu.rent_per_hour > 0 || gpu.price > 0) << gpu.id;
    EXPECT_EQ(gpu.as_of.size(), 10U) << gpu.id;
    EXPECT_FALSE(gpu.prices_from.empty()) << gpu.id;
    EXPECT_TRUE(gpu.source.starts_with("https://")) << gpu.id;
  }
  EXPECT_GE(ids.size(), 30U);
}

// What is asked on demand, and what where the machine may be taken away: RunPod and Verda, on the days of the catalog.
TEST(hardware, rents_on_demand_and_spot_are_two_figures) {
  struct Row {
    std::string_view id;
    double on_demand;
    double spot;
  };
  const Row rows[] = {{"l4", 0.78, 0.44},        {"rtx-4090", 0.60, 0.34}, {"rtx-3090", 0.39, 0.22},
                      {"l40s", 1.40, 0.79},      {"rtx-5090", 1.22, 0.69}, {"rtx-pro-6000", 1.57, 0.89},
                      {"rtx-a6000", 0.82, 0.41}, {"h100-sxm", 3.99, 2.69}};
  for (const Row& row : rows) {
    const auto gpu = find_gpu(row.id);
    ASSERT_TRUE(gpu) << row.id;
    EXPECT_EQ(gpu->rent_per_hour, std::llround(row.on_demand * 1e6)) << row.id;
    EXPECT_EQ(gpu->spot_per_hour, std::llround(row.spot * 1e6)) << row.id;
  }
}

TEST(hardware, several_cards_are_named_with_their_link) {
  EXPECT_EQ(cards_text(*find_gpu("l4"), 1), "l4");
  EXPECT_EQ(cards_text(*find_gpu("l4"), 8), "8 × l4 over PCIe");
  EXPECT_EQ(cards_text(*find_gpu("a100"), 4), "4 × a100-80gb over NVLink");
  EXPECT_EQ(cards_text(*find_gpu("rtx-3090"), 2), "2 × rtx-3090 over an NVLink bridge");
  EXPECT_EQ(cards_text(*find_gpu("rtx-3090"), 4), "4 × rtx-3090 over NVLink in pairs and PCIe");
  EXPECT_EQ(link_note(*find_gpu("l4"), 1), "");
  EXPECT_NE(link_note(*find_gpu("m4-max"), 8).find("8 computers"), std::string::npos);
  for (const auto& gpu : gpus()) {
    for (const int64_t cards : {2, 4, 8}) {
      EXPECT_NE(link_note(gpu, cards).find("GB/s"), std::string::npos) << gpu.id;
      EXPECT_GT(send_rate(gpu, cards), 1e9) << gpu.id;
    }
  }
}

TEST(hardware, a_name_is_found_however_it_is_spelt) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"a100", "a100-80gb"},
      {"A100", "a100-80gb"},
      {"A100 40GB", "a100-40gb"},
      {"NVIDIA A100 80GB PCIe", "a100-80gb-pcie"},
      {"h100", "h100-sxm"},
      {"H100-PCIe", "h100-pcie"},
      {"RTX 4090", "rtx-4090"},
      {"4090", "rtx-4090"},
      {"NVIDIA GeForce RTX 3060 12 GB", "rtx-3060"},
      {"nvidia_l40s", "l40s"},
      {"a6000", "rtx-a6000"},
      {"RTX 6000 Ada", "rtx-6000-ada"},
      {"AMD MI300X", "mi300x"},
      {"Tesla T4", "t4"},
      {"apple m2 ultra", "m2-ultra-192gb"},
  };
  for (const auto& [name, id] : rows) {
    const auto gpu = find_gpu(name);
    ASSERT_TRUE(gpu) << name;
    EXPECT_EQ(gpu->id, id) << name;
  }
}

TEST(hardware, an_unknown_name_is_refused_with_the_nearest_one) {
  EXPECT_FALSE(find_gpu(""));
  EXPECT_FALSE(find_gpu("-"));
  EXPECT_FALSE(find_gpu("abacus"));
  EXPECT_EQ(nearest_gpu("rtx-4099"), "rtx-4090");
  EXPECT_EQ(nearest_gpu("zzzzzzzzzzzz"), "");
  const auto typo = gpu_named("a100-80bg");
  ASSERT_FALSE(typo);
  EXPECT_NE(typo.error().message.find("did you mean `a100-80gb`"), std::string::npos) << typo.error().message;
  const auto nonsense = gpu_named("zzzzzzzzzzzz");
  ASSERT_FALSE(nonsense);
  EXPECT_NE(nonsense.error().message.find("rtx-4090"), std::string::npos) << nonsense.error().message;
}

// No alias may mean two cards.
TEST(hardware, every_id_and_alias_finds_its_own_line) {
  for (const auto& gpu : gpus()) {
    EXPECT_EQ(find_gpu(gpu.id)->id, gpu.id);
    std::string_view rest = gpu.aliases;
    while (!rest.empty()) {
      const auto alias = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), alias.size() + 1));
      ASSERT_TRUE(find_gpu(alias)) << alias;
      EXPECT_EQ(find_gpu(alias)->id, gpu.id) << alias;
    }
  }
}

}  // namespace
}  // namespace weir::plan
