// Which formats run on which cards.
#include "economics/models/formats.h"

#include <gtest/gtest.h>

#include "economics/sizing/sizing.h"

namespace weir::plan {
namespace {

TEST(formats, cards_run_what_is_known_of_them) {
  struct Row {
    std::string_view gpu;
    std::string_view format;
    Runs runs;
  };
  const Row rows[] = {
      {"t4", "bf16", Runs::no},           {"v100", "bf16", Runs::no},
      {"a10", "bf16", Runs::natively},    {"t4", "fp16", Runs::natively},
      {"v100", "fp8", Runs::no},          {"t4", "fp8", Runs::unpacked},
      {"a100", "fp8", Runs::unpacked},    {"rtx-3090", "fp8", Runs::unpacked},
      {"l4", "fp8", Runs::natively},      {"rtx-4090", "fp8", Runs::natively},
      {"h100", "fp8", Runs::natively},    {"mi300x", "fp8", Runs::natively},
      {"m4-max", "fp8", Runs::no},        {"v100", "awq", Runs::no},
      {"t4", "awq", Runs::unpacked},      {"mi300x", "awq", Runs::no},
      {"h100", "mxfp4", Runs::natively},  {"b200", "mxfp4", Runs::natively},
      {"a100", "mxfp4", Runs::unpacked},  {"v100", "mxfp4", Runs::no},
      {"v100", "q4_k_m", Runs::natively}, {"m4-max", "q8_0", Runs::natively},
      {"m4-max", "int4", Runs::unpacked}, {"t4", "int8", Runs::natively},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(runs_on(*find_gpu(row.gpu), *find_quantisation(row.format)), row.runs) << row.format << " on " << row.gpu;
  }
}

TEST(formats, what_cannot_run_is_refused_with_the_nearest_that_can) {
  const auto why = why_not_on(*find_gpu("t4"), *find_quantisation("bf16"));
  EXPECT_NE(why.find("t4 (Turing) cannot run bf16"), std::string::npos) << why;
  EXPECT_NE(why.find("8.0"), std::string::npos) << why;
  EXPECT_NE(why.find("--quant fp16"), std::string::npos) << why;
  for (const Gpu& gpu : gpus()) {
    for (const Quantisation& format : quantisations()) {
      const auto text = why_not_on(gpu, format);
      EXPECT_EQ(text.empty(), runs_on(gpu, format) != Runs::no);
      if (text.empty()) continue;
      const auto* const instead = find_quantisation(text.substr(text.rfind(' ') + 1));
      ASSERT_NE(instead, nullptr) << text;
      EXPECT_NE(runs_on(gpu, *instead), Runs::no) << text;
    }
  }
}

TEST(formats, no_list_of_cards_has_one_that_cannot_run_it) {
  for (const std::string_view format : {"bf16", "fp8", "awq", "mxfp4", "int8", "nf4"}) {
    const SizingRequest request{.shape = *shape_named("qwen3.5-9b"),
                                .quantisation = *find_quantisation(format),
                                .context = 4096,
                                .concurrency = 4};
    for (const Placement& placement : placements(request)) {
      EXPECT_NE(runs_on(placement.gpu, request.quantisation), Runs::no) << format << " on " << placement.gpu.id;
    }
  }
}

TEST(formats, unpacked_weights_are_multiplied_at_sixteen_bits) {
  const Gpu ampere = *find_gpu("a100");
  EXPECT_EQ(flops_on(ampere, *find_quantisation("fp8")), ampere.flops_16bit);
  EXPECT_EQ(flops_on(ampere, *find_quantisation("int8")), ampere.flops_8bit);
  const Gpu hopper = *find_gpu("h100");
  EXPECT_EQ(flops_on(hopper, *find_quantisation("fp8")), hopper.flops_8bit);
}

}  // namespace
}  // namespace weir::plan
