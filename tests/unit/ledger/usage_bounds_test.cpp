#include "ledger/usage_bounds.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

Usage reported(int64_t input, int64_t output) { return {.input = input, .output = output, .known = true}; }

TEST(UsageBounds, what_fits_the_context_with_a_margin_is_left_as_it_is) {
  ModelSettings model;
  model.context_length = 8'000;
  Request request;
  const auto bounds = usage_bounds(model, request, 10);
  for (const auto& usage : {reported(0, 0), reported(20, 12), reported(8'000, 8'000), reported(9'500, 9'500)}) {
    EXPECT_EQ(plausible_usage(usage, bounds), usage);
  }
}

TEST(UsageBounds, what_cannot_be_is_cut_and_marked) {
  ModelSettings model;
  model.context_length = 8'000;
  const auto bounds = usage_bounds(model, {}, 10);
  for (const int64_t most : {INT64_MAX, int64_t{500'000}}) {
    const auto cut = plausible_usage(reported(most, most), bounds);
    EXPECT_TRUE(cut.implausible);
    EXPECT_LT(cut.input, 12'000);
    EXPECT_LT(cut.output, 12'000);
  }
  const auto negative =
      plausible_usage({.input = 3, .cached = 7, .output = INT64_MIN, .reasoning = 9, .known = true}, bounds);
  EXPECT_EQ(negative, (Usage{.input = 3, .cached = 3, .known = true, .implausible = true}));
  EXPECT_EQ(plausible_usage(reported(-5, INT64_MIN), bounds), Usage{}) << "nothing is left to go by";
  EXPECT_TRUE(plausible_usage({.input = 1, .known = true, .implausible = true}, bounds).implausible) << "stays marked";
}

TEST(UsageBounds, prompts_answers_and_the_estimate_widen_them) {
  ModelSettings model;
  model.context_length = 1'000;
  Request request;
  request.operation = Operation::completion;
  request.prompts = 10;
  request.n = 2;
  EXPECT_FALSE(plausible_usage(reported(10'000, 20'000), usage_bounds(model, request, 10)).implausible);
  EXPECT_TRUE(plausible_usage(reported(50'000, 1), usage_bounds(model, request, 10)).implausible);
  EXPECT_FALSE(plausible_usage(reported(50'000, 1), usage_bounds(model, request, 40'000)).implausible)
      << "the config says less of the context than the request proves";
  EXPECT_EQ(usage_bounds(model, request, INT64_MAX).input, INT64_MAX);
}

TEST(UsageBounds, without_a_known_context_any_models_usage_is_possible) {
  EXPECT_FALSE(plausible_usage(reported(10'000'000, 1'000'000), usage_bounds({}, {}, 10)).implausible);
  const auto cut = plausible_usage(reported(INT64_MAX, INT64_MAX), usage_bounds({}, {}, 10));
  EXPECT_TRUE(cut.implausible);
  EXPECT_LT(cut.input, 100'000'000);
}

TEST(UsageBounds, searches_beside_an_answer_are_counted_by_the_provider_alone) {
  Request request;
  EXPECT_EQ(with_units({.units = 2'000}, request).units, 2'000);
  EXPECT_EQ(with_units({}, request).units, 0);
  EXPECT_EQ(with_units({.units = -1}, request).units, 0);
  EXPECT_EQ(with_units({.units = std::numeric_limits<int64_t>::max()}, request).units, 1'000'000'000'000);
  request.operation = Operation::embedding;
  EXPECT_EQ(with_units({.units = 2'000}, request).units, 0);
}

TEST(UsageBounds, an_estimate_of_ours_is_not_judged) {
  const Usage estimated{.input = 1'000'000'000, .estimated = true};
  EXPECT_EQ(plausible_usage(estimated, {.input = 1, .output = 1}), estimated);
}

}  // namespace
}  // namespace weir
