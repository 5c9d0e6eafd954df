// Comparisons for tests of the cost model: small ones by hand, and any number of random ones by seed.
#pragma once

#include <random>
#include <string>

#include "economics/cost/cost_model.h"
#include "economics/document/document.h"
#include "economics/models/hardware.h"

namespace weir::plan {

inline PriceBook test_book() { return {.models = Catalog("2026-11-25"), .gpu = find_gpu, .nearest_gpu = nearest_gpu}; }

inline PlanRead read_test_plan(const std::string& text) { return read_plan(text, "plan.yaml", test_book()); }

inline Comparison comparison_of_text(const std::string& text) {
  const auto read = read_test_plan(text);
  EXPECT_TRUE(read.comparison) << render_problems(read.problems, text);
  return read.comparison.value_or(Comparison{});
}

// A random plan: two clouds, two locals of which the second may spill, a hybrid. The same for the same seed.
class RandomComparison {
 public:
  explicit RandomComparison(uint32_t seed) : random_(seed) {}

  Comparison make() {
    Comparison out{.name = "random", .days = between(28, 31)};
    out.workload.requests = between(1, 2'000'000);
    const auto input = between(0, 3000);
    out.workload.tokens = {.input = out.workload.requests * input, .output = out.workload.requests * between(1, 2000)};
    out.workload.tokens.cached = scaled(out.workload.tokens.input, between(0, 100), 100);
    if (maybe()) out.workload.hours = hours_with_peak(static_cast<double>(between(100, 900)) / 100);
    if (maybe()) out.batch_share = between(0, whole_share);
    out.options = {{.name = "cloud", .what = cloud()},
                   {.name = "other cloud", .what = cloud()},
                   {.name = "local", .what = local()},
                   {.name = "other local", .what = local()},
                   {.name = "hybrid", .what = hybrid()}};
    if (maybe()) std::get<LocalOption>(out.options[3].what).spill = 0;
    std::swap(out.options[0], out.options[static_cast<std::size_t>(between(0, 1))]);
    return out;
  }

  int64_t between(int64_t least, int64_t most) { return std::uniform_int_distribution<int64_t>(least, most)(random_); }
  bool maybe() { return between(0, 1) == 1; }

 private:
  CloudOption cloud() {
    CloudOption out;
    out.prices = {.input = between(0, 30'000'000), .output = between(0, 60'000'000), .known = true};
    out.prices.cached = between(0, out.prices.input);
    out.batch_discount = between(0, whole_share);
    if (maybe()) out.pico_per_request = between(0, 10'000'000'000);
    if (maybe()) out.fee_per_month = between(0, 100'000'000);
    return out;
  }

  LocalOption local() {
    LocalOption out;
    if (maybe()) {
      out.machine.rent_per_hour = between(100'000, 10'000'000);
    } else {
      out.machine.owned = Owned{.price = between(1'000'000, 50'000'000'000),
                                .life_months = between(1, 60),
                                .watts = between(50, 10'000),
                                .dollars_per_kwh = between(10'000, 500'000),
                                .pue = between(1'000'000, 2'000'000)};
    }
    out.machines = between(1, 4);
    if (maybe()) {
      out.capacity.requests_per_month = between(1, 500'000);
    } else {
      out.capacity = {.output_rate = between(10'000, 5'000'000),
                      .prompt_rate = between(0, 1) * between(100'000, 50'000'000),
                      .utilisation = between(10'000, whole_share)};
    }
    out.staff = between(0, 5'000'000'000);
    out.monitoring = between(0, 300'000'000);
    return out;
  }

  HybridOption hybrid() {
    const auto first = between(0, whole_share);
    const auto second = between(0, whole_share - first);
    return {{{.option = 2, .share = first},
             {.option = 0, .share = second},
             {.option = 1, .share = whole_share - first - second}}};
  }

  std::mt19937 random_;
};

}  // namespace weir::plan
