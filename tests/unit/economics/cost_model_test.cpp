#include "economics/cost/cost_model.h"

#include <gtest/gtest.h>

#include <numeric>

#include "comparisons.h"

namespace weir::plan {
namespace {

constexpr MicroDollars dollar = 1'000'000;

TEST(money, a_rate_is_exact_for_any_volume) {
  // 7 requests with 10 tokens together at $3 a million: 30 micro-dollars for 7, rounded once for what they are asked.
  const auto rate = Rate::of(10, 7, 3 * dollar);
  EXPECT_EQ(rate.times(7 * one_request), 30);
  EXPECT_EQ(rate.times(one_request), 4);  // 4.2857
  EXPECT_EQ(rate.times(7 * one_request / 2), 15);
  // Half up: 0.5 micro-dollars a request.
  EXPECT_EQ(Rate::of(1, 1, 500'000).times(one_request), 1);
  EXPECT_EQ(Rate::of(1, 1, 499'999).times(one_request), 0);
}

TEST(money, the_largest_inputs_stay_within_128_bits_and_are_capped) {
  const auto rate = Rate::of(10'000'000, 1, 10'000'000'000);  // $100,000 a request
  EXPECT_EQ(rate.times(one_request), 100'000 * dollar);
  EXPECT_EQ(rate.times(most_requests * one_request), most_money);
}

TEST(money, amounts_are_written_for_people) {
  EXPECT_EQ(dollars(45'000 * dollar), "$45,000");
  EXPECT_EQ(dollars(9'775'035'000), "$9,775.04");
  EXPECT_EQ(dollars(23'250'000), "$23.25");
  EXPECT_EQ(dollars(1'000), "$0.001");
  EXPECT_EQ(dollars(7'820), "$0.00782");
  EXPECT_EQ(dollars(-6'820 * dollar), "-$6,820");
  EXPECT_EQ(dollars(0), "$0");
  EXPECT_EQ(grouped(1'000'000), "1,000,000");
  EXPECT_EQ(grouped(-12'345), "-12,345");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(percent(826), "82.6 %");
  EXPECT_EQ(percent(-5), "-0.5 %");
}

Comparison with(const std::string& option, const std::string& workload) {
  return comparison_of_text(
      "workload: " + workload + "\noptions:\n  - name: it\n    " + option +
      "\n  - {name: cloud, cloud: {input_per_million: 1, output_per_million: 2, batch_discount: 0%, "
      "usd_per_request: 0}}\n");
}

// What the one option `it` costs at the workload's volume.
Quote cost(const std::string& option, const std::string& workload) {
  const auto comparison = with(option, workload);
  return CostModel(comparison).quote(0, comparison.workload.requests * one_request);
}

TEST(cloud_cost, input_cached_output_and_batch_by_hand) {
  // 1,000 requests of 1,000 + 500 tokens; 40 % of input cached; $2.50, $1.25 and $10 a million.
  const auto quote = cost("cloud: {input_per_million: 2.50, cached_per_million: 1.25, output_per_million: 10}",
                          "{requests: 1000, input_tokens: 1000, output_tokens: 500, cached_share: 40%}");
  EXPECT_EQ(quote.of(Item::input), 1'500'000);       // 600,000 × $2.50
  EXPECT_EQ(quote.of(Item::cached_input), 500'000);  // 400,000 × $1.25
  EXPECT_EQ(quote.of(Item::output), 5'000'000);      // 500,000 × $10
  EXPECT_EQ(quote.total(), 7 * dollar);

  // A quarter goes as a batch at half price, without the discount for cached tokens.
  const auto batched =
      cost("cloud: {input_per_million: 2.50, cached_per_million: 1.25, output_per_million: 10, batch_discount: 50%}",
           "{requests: 1000, input_tokens: 1000, output_tokens: 500, cached_share: 40%, batch_share: 25%}");
  EXPECT_EQ(batched.of(Item::input), 1'125'000);
  EXPECT_EQ(batched.of(Item::cached_input), 375'000);
  EXPECT_EQ(batched.of(Item::output), 3'750'000);
  EXPECT_EQ(batched.of(Item::batch), 312'500 + 625'000);  // 250 × 1,000 × $1.25 + 250 × 500 × $5
}

TEST(cloud_cost, a_batch_is_half_price_where_the_provider_publishes_that) {
  const std::string workload = "{requests: 1000000, input_tokens: 100, output_tokens: 0, batch_share: 100%}";
  EXPECT_EQ(cost("cloud: {model: openai/gpt-4o}", workload).of(Item::batch), 125 * dollar);
  EXPECT_EQ(cost("cloud: {model: openai/gpt-4o, batch_discount: 20%}", workload).of(Item::batch), 200 * dollar);
}

TEST(cloud_cost, per_thousand_and_per_million_are_the_same_price) {
  const std::string workload = "{requests: 1000000, input_tokens: 500, output_tokens: 500}";
  EXPECT_EQ(cost("cloud: {input_per_1k: 0.03, output_per_1k: 0.06}", workload).lines,
            cost("cloud: {input_per_million: 30, output_per_million: 60}", workload).lines);
  // $0.0000375 a thousand is $0.0375 a million: nothing is lost below the micro-dollar.
  EXPECT_EQ(cost("cloud: {input_per_1k: 0.0000375, output_per_1k: 0}", workload).total(), 18'750'000);
}

TEST(cloud_cost, a_price_in_the_plan_wins_over_the_catalog) {
  const auto quote = cost("cloud: {model: openai/gpt-4o, output_per_million: 20}",
                          "{requests: 1000, input_tokens: 1000, output_tokens: 1000}");
  EXPECT_EQ(quote.of(Item::input), 2'500'000);
  EXPECT_EQ(quote.of(Item::output), 20'000'000);
}

TEST(local_cost, rented_gpus_by_the_hour) {
  const auto quote =
      cost("local: {machine: {gpus: 2, rent_per_hour: 3}, staff_per_month: 3000, infrastructure_per_month: 500}",
           "{requests: 1}");
  EXPECT_EQ(quote.of(Item::machines), 4320 * dollar);  // 2 × $3 × 24 × 30
  EXPECT_EQ(quote.total(), 7820 * dollar);
  EXPECT_EQ(quote.machines, 1);
}

TEST(local_cost, rent_and_power_come_from_the_gpu_catalog) {
  const auto gpu = find_gpu("l4");
  ASSERT_TRUE(gpu);
  EXPECT_EQ(cost("local: {machine: {gpu: l4, gpus: 3}}", "{requests: 1}").total(), gpu->rent_per_hour * 3 * 720);
  const auto owned =
      cost("local: {machine: {gpu: l4, owned: {life: 10 months, electricity_per_kwh: 1}}}", "{requests: 1}");
  EXPECT_EQ(owned.of(Item::amortisation), gpu->price / 10);
  EXPECT_EQ(owned.of(Item::electricity), gpu->watts * 720 * dollar / 1000);
}

TEST(local_cost, an_owned_machine_is_written_off_in_equal_parts_and_draws_power) {
  const auto quote = cost(
      "local: {machine: {owned: {price: 3200, residual: 500, life: 3 years, watts: 250, electricity_per_kwh: 0.20, "
      "pue: 1.5}}, staff: {people: 0.01, usd_per_year: 90000}}",
      "{requests: 1}");
  EXPECT_EQ(quote.of(Item::amortisation), 75 * dollar);  // ($3,200 − $500) / 36
  EXPECT_EQ(quote.of(Item::electricity), 54 * dollar);   // 0.25 kW × 720 h × 1.5 × $0.20
  EXPECT_EQ(quote.of(Item::staff), 75 * dollar);         // 0.01 × $90,000 / 12
  EXPECT_EQ(quote.total(), 204 * dollar);
}

TEST(local_cost, machines_are_whole) {
  const auto comparison =
      with("local: {machine: {usd_per_month: 1000}, capacity: {requests_per_month: 300}}", "{requests: 1}");
  const CostModel model(comparison);
  for (const auto& [requests, machines] :
       std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {300, 1}, {301, 2}, {600, 2}, {601, 3}, {1'000'000, 3334}}) {
    const auto quote = model.quote(0, requests * one_request);
    EXPECT_EQ(quote.machines, machines) << requests;
    EXPECT_EQ(quote.total(), machines * 1000 * dollar) << requests;
  }
}

TEST(local_cost, capacity_follows_from_tokens_per_second_and_the_busiest_hour) {
  // 2,400 tokens/s at 70 % for 500 tokens: 3.36 requests/s, in 30 days 8,709,120; a third of that at peak 3.
  const std::string machine =
      "local: {machine: {usd_per_month: 1}, capacity: {tokens_per_second: 2400, utilisation: 70%}}";
  const auto takes = [&](const std::string& option, const std::string& workload) {
    const auto comparison = with(option, workload);
    return CostModel(comparison).machine_takes(0) / one_request;
  };
  EXPECT_EQ(takes(machine, "{requests: 1000, input_tokens: 800, output_tokens: 500}"), 8'709'120);
  EXPECT_EQ(takes(machine, "{requests: 1000, input_tokens: 800, output_tokens: 500, peak: 3}"), 2'903'040);
  // Reading 1,000 prompt tokens, of which half are cached, at 2,400/s takes as long as writing 500.
  EXPECT_EQ(takes("local: {machine: {usd_per_month: 1}, capacity: {tokens_per_second: 2400, prompt_tokens_per_second: "
                  "2400, utilisation: 70%}}",
                  "{requests: 1000, input_tokens: 1000, output_tokens: 500, cached_share: 50%}"),
            4'354'560);
  const auto comparison = with(machine, "{requests: 8709120, input_tokens: 800, output_tokens: 500}");
  EXPECT_EQ(CostModel(comparison).quote(0, 8'709'120 * one_request).machines, 1);
  EXPECT_EQ(CostModel(comparison).quote(0, 8'709'121 * one_request).machines, 2);
}

TEST(local_cost, what_the_machines_cannot_take_spills_hour_by_hour) {
  // Three quarters of the day's requests come in one hour, a quarter in another; a machine takes 100 in its hour.
  std::string hours = "[75, 25";
  for (int h = 2; h < 24; ++h) hours += ", 0";
  const auto comparison =
      with("local: {machine: {usd_per_month: 10}, capacity: {requests_per_month: 400}, spill: cloud}",
           "{requests: 1000, input_tokens: 1000000, output_tokens: 0, hours: " + hours + "]}");
  const CostModel model(comparison);
  // At 400 a month the busiest hour has 300: so many it takes in any hour.
  EXPECT_EQ(model.quote(0, 400 * one_request).spilled, 0);
  const auto busy = model.quote(0, 1000 * one_request);
  EXPECT_EQ(busy.spilled, 450 * one_request);  // 750 − 300; the 250 of the other hour fit
  EXPECT_EQ(busy.machines, 1);
  EXPECT_EQ(busy.of(Item::input), 450 * dollar);  // a million tokens at $1
  EXPECT_EQ(busy.total(), 460 * dollar);
  EXPECT_EQ(model.quote(0, 2000 * one_request).spilled, (1200 + 200) * one_request);
}

TEST(hybrid_cost, parts_get_their_shares_and_sum_to_the_total) {
  const auto comparison = comparison_of_text(
      "workload: {requests: 1000, input_tokens: 1000, output_tokens: 0}\n"
      "options:\n"
      "  - {name: a, cloud: {input_per_million: 1, output_per_million: 1}}\n"
      "  - {name: b, local: {machine: {usd_per_month: 7}}}\n"
      "  - {name: mix, parts: [{share: 12.5%, option: a}, {share: 87.5%, option: b}]}\n");
  const CostModel model(comparison);
  const auto parts = model.parts(2, 1000 * one_request);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].volume, 125 * one_request);
  EXPECT_EQ(parts[0].quote.total(), 125'000);
  EXPECT_EQ(parts[1].volume, 875 * one_request);
  EXPECT_EQ(model.quote(2, 1000 * one_request).total(), 7'125'000);
}

TEST(peaks, the_curve_has_the_peak_asked_for_and_sums_to_a_day) {
  for (const double peak : {1.0, 1.5, 3.0, 8.0, 23.0}) {
    const auto hours = hours_with_peak(peak);
    EXPECT_NEAR(std::accumulate(hours.begin(), hours.end(), 0.0), 1, 1e-12);
    EXPECT_NEAR(*std::max_element(hours.begin(), hours.end()) * 24, peak, 1e-6) << peak;
    EXPECT_EQ(std::max_element(hours.begin(), hours.end()) - hours.begin(), peak > 1 ? 14 : 0);
  }
}

// Volumes near each other, near the steps of the comparison's machines, and far apart.
std::vector<Volume> volumes_of(RandomComparison& random, const CostModel& model) {
  std::vector<Volume> out;
  for (int i = 0; i < 40; ++i) {
    const auto start = random.between(1, 3'000'000);
    for (int64_t next = 0; next < 4; ++next) out.push_back((start + next) * one_request);
  }
  for (std::size_t i = 0; i < model.comparison().options.size(); ++i) {
    const auto takes = model.machine_takes(i);
    if (takes <= 0) continue;
    for (int64_t n = 1; n < 4; ++n) {
      const auto step = takes / one_request * n;
      for (int64_t at = std::max<int64_t>(1, step - 2); at < step + 3; ++at) out.push_back(at * one_request);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

TEST(property, a_cost_never_falls_as_volume_grows) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    RandomComparison random(seed);
    const auto comparison = random.make();
    const CostModel model(comparison);
    const auto volumes = volumes_of(random, model);
    for (std::size_t option = 0; option < comparison.options.size(); ++option) {
      Quote before;
      for (const auto volume : volumes) {
        const auto now = model.quote(option, volume);
        ASSERT_GE(now.total(), before.total()) << "seed " << seed << " option " << option << " volume " << volume;
        ASSERT_GE(now.machines, before.machines);
        ASSERT_GE(now.shape, before.shape);
        before = now;
      }
    }
  }
}

TEST(property, a_step_never_splits_a_machine) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    RandomComparison random(seed);
    const auto comparison = random.make();
    const CostModel model(comparison);
    for (const auto volume : volumes_of(random, model)) {
      for (const std::size_t option : {2U, 3U}) {
        const auto& local = std::get<LocalOption>(comparison.options[option].what);
        const auto quote = model.quote(option, volume);
        ASSERT_EQ(quote.of(Item::machines), quote.machines * local.machine.rent_per_hour * 24 * comparison.days)
            << "seed " << seed;
        ASSERT_GE(quote.machines, local.machines);
        if (local.spill) {
          ASSERT_EQ(quote.machines, local.machines);
        }
        // As many as are needed, and not one more.
        const auto takes = model.machine_takes(option);
        if (local.spill || takes == 0) continue;
        ASSERT_GE(Wide{quote.machines} * takes, volume);
        if (quote.machines > local.machines) {
          ASSERT_LT(Wide{quote.machines - 1} * takes, volume);
        }
      }
    }
  }
}

TEST(property, parts_sum_to_the_total_to_the_micro_dollar) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    RandomComparison random(seed);
    const auto comparison = random.make();
    const CostModel model(comparison);
    for (const auto volume : volumes_of(random, model)) {
      MicroDollars sum = 0;
      Volume served = 0;
      for (const auto& part : model.parts(4, volume)) {
        sum += part.quote.total();
        served += part.volume;
      }
      const auto quote = model.quote(4, volume);
      ASSERT_EQ(sum, quote.total()) << "seed " << seed;
      ASSERT_EQ(served, volume) << "seed " << seed;
      ASSERT_EQ(std::accumulate(quote.lines.begin(), quote.lines.end(), MicroDollars{0}), quote.total());
    }
  }
}

TEST(property, raising_a_price_never_lowers_a_total) {
  using Raise = void (*)(Comparison&);
  const std::vector<std::pair<std::string, Raise>> raises = {
      {"input", [](Comparison& s) { std::get<CloudOption>(s.options[0].what).prices.input += 1'000'000; }},
      {"output", [](Comparison& s) { std::get<CloudOption>(s.options[1].what).prices.output += 1; }},
      {"cached", [](Comparison& s) { std::get<CloudOption>(s.options[0].what).prices.cached += 10; }},
      {"request", [](Comparison& s) { std::get<CloudOption>(s.options[0].what).pico_per_request += 12345; }},
      {"fee", [](Comparison& s) { std::get<CloudOption>(s.options[1].what).fee_per_month += 1; }},
      {"rent", [](Comparison& s) { std::get<LocalOption>(s.options[2].what).machine.rent_per_hour += 1; }},
      {"staff", [](Comparison& s) { std::get<LocalOption>(s.options[3].what).staff += 1; }},
      {"electricity",
       [](Comparison& s) {
         auto& owned = std::get<LocalOption>(s.options[2].what).machine.owned;
         if (owned) owned->dollars_per_kwh += 1000;
       }},
      {"hardware", [](Comparison& s) {
         auto& owned = std::get<LocalOption>(s.options[3].what).machine.owned;
         if (owned) owned->price += 1'000'000;
       }}};
  for (uint32_t seed = 0; seed < 60; ++seed) {
    RandomComparison random(seed);
    const auto comparison = random.make();
    const CostModel model(comparison);
    const auto volumes = volumes_of(random, model);
    for (const auto& [what, raise] : raises) {
      auto dearer = comparison;
      raise(dearer);
      const CostModel raised(dearer);
      for (std::size_t option = 0; option < comparison.options.size(); ++option) {
        for (std::size_t i = 0; i < volumes.size(); i += 7)
          ASSERT_GE(raised.quote(option, volumes[i]).total(), model.quote(option, volumes[i]).total())
              << what << " seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace weir::plan
