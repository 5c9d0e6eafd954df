#include "ledger/pricing.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

constexpr std::string_view small_catalog =
    "# a comment\n"
    "@\tacme\tAcme AI\t2026-08-21\tacme-ai,ac\t-\n"
    "exact\t128000\t1/2/3\t-\t=exact =exact-2025\n"
    "# between models\n"
    "family\t0\t4/5/6\ttiered,deprecated\t^fam *middle $tail @dated-\n"
    "family-mini\t0\t7/8/9\t-\t=family-mini\n"
    "dated\t0\t10/10/10;2026-09-01:20/20/20;2027-01-01:30/30/30\t-\t=dated\n"
    "@\treseller\tRe Seller\t2026-08-22\t-\tacme\n"
    "own\t0\t1/1/1\t-\t^own\n";

Prices known(int64_t input, int64_t cached, int64_t output) {
  return {.input = input, .cached = cached, .output = output, .known = true};
}

TEST(Catalog, finds_a_model_by_exact_name_then_by_rule_in_any_case) {
  const Catalog catalog(small_catalog, "2026-08-21");
  struct Case {
    std::string_view provider;
    std::string_view model;
    std::string_view found;  // "": none
  };
  for (const auto& [provider, model, found] : {
           Case{"acme", "exact", "exact"},
           Case{"acme", "EXACT-2025", "exact"},
           Case{"acme", "exact-2026", ""},
           Case{"acme", "family", "family"},
           Case{"acme", "fam", "family"},
           Case{"acme", "fa", ""},
           Case{"acme", "in the MIDDLE of it", "family"},
           Case{"acme", "with a tail", "family"},
           Case{"acme", "with a tail!", ""},
           Case{"acme", "dated-20260101", "family"},
           Case{"acme", "dated-2026010", ""},
           Case{"acme", "dated-202601011", ""},
           Case{"acme", "family-mini",
                "family-mini"},  // the exact name of a later line before the rule of an earlier one
           Case{"acme", "", ""},
           Case{"ACME-AI", "exact", "exact"},
           Case{"ac", "exact", "exact"},
           Case{"a", "exact", ""},
           Case{"", "exact", ""},
           Case{"reseller", "own-1", "own"},
           Case{"reseller", "exact", "exact"},
           Case{"reseller", "nothing", ""},
       }) {
    const auto price = catalog.find(provider, model);
    EXPECT_EQ(price ? price->model : "", found) << provider << "/" << model;
  }
}

TEST(Catalog, gives_prices_context_date_and_flags) {
  const Catalog catalog(small_catalog, "2026-08-21");
  const auto exact = catalog.find("reseller", "exact");
  ASSERT_TRUE(exact);
  EXPECT_EQ(exact->prices, known(1, 2, 3));
  EXPECT_EQ(exact->context_length, 128'000);
  EXPECT_EQ(exact->as_of, "2026-08-21");
  EXPECT_FALSE(exact->tiered || exact->deprecated);
  const auto family = catalog.find("acme", "family");
  EXPECT_TRUE(family->tiered && family->deprecated);
}

TEST(Catalog, announced_prices_come_into_force_on_their_day) {
  for (const auto& [today, price] :
       {std::pair{"2026-08-31", 10}, {"2026-09-01", 20}, {"2026-12-31", 20}, {"2027-01-01", 30}}) {
    EXPECT_EQ(Catalog(small_catalog, today).find("acme", "dated")->prices, known(price, price, price)) << today;
  }
}

TEST(Catalog, an_empty_or_odd_text_is_a_catalog_without_that_model) {
  for (const std::string_view text :
       {"", "\n\n", "@\t", "@\tacme", "model before any provider\n", "@\tacme\tA\td\t-\t-\n\n\t\t\nx"}) {
    const Catalog catalog(text, "2026-08-21");
    EXPECT_FALSE(catalog.find("acme", "exact"));
    EXPECT_FALSE(catalog.find("other", ""));
  }
}

TEST(EmbeddedCatalog, covers_the_hosted_providers_with_the_prices_of_its_source) {
  const Catalog catalog("2026-11-23");
  EXPECT_EQ(catalog.find("openai", "gpt-4o")->prices, known(2'500'000, 1'250'000, 10'000'000));
  EXPECT_EQ(catalog.find("openai", "gpt-4o-mini-2024-07-18")->prices, known(150'000, 75'000, 600'000));
  EXPECT_EQ(catalog.find("azure", "gpt-4o")->prices.input, 2'500'000);
  EXPECT_EQ(catalog.find("anthropic", "claude-sonnet-5")->prices.input,
            3'000'000);  // 2'000'000 until the end of August
  EXPECT_EQ(catalog.find("openai", "o3")->prices, known(2'000'000, 500'000, 8'000'000));
  EXPECT_EQ(catalog.find("openai", "text-embedding-3-small")->prices, known(20'000, 20'000, 0));
  EXPECT_EQ(catalog.find("deepseek", "deepseek-chat")->prices.input, 270'000);  // the dearer hours
  EXPECT_TRUE(catalog.find("google", "gemini-2.5-pro")->tiered);
  EXPECT_TRUE(catalog.find("xai", "grok-4.3-20260101"));
  EXPECT_FALSE(catalog.find("openai", "llama-3.1-8b"));
  for (const auto& provider : catalog.providers()) EXPECT_GT(provider.models, 0U) << provider.id;
  for (const std::string_view id : {"openai", "anthropic", "google", "azure", "aws", "mistral", "cohere", "groq",
                                    "deepseek", "together", "fireworks", "openrouter", "xai", "perplexity"}) {
    const auto all = catalog.providers();
    EXPECT_TRUE(catalog.find(id, "no such model") == std::nullopt);
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const auto& p) {
      return p.id == id || (id == "xai" && p.id == "x-ai");
    })) << id;
  }
}

TEST(EmbeddedCatalog, no_price_is_absurd) {
  const Catalog catalog("2026-11-23");
  for (const auto& provider : catalog.providers()) {
    for (const std::string_view model :
         {"gpt-4o", "claude-opus-5", "gemini-2.5-pro", "llama-3.1-8b-instant", "command-r"}) {
      const auto price = catalog.find(provider.id, model);
      if (!price) continue;
      EXPECT_LE(price->prices.cached, price->prices.input) << provider.id << "/" << model;
      EXPECT_GT(price->prices.output, 0) << provider.id << "/" << model;
      EXPECT_LT(price->prices.output, 1'000'000'000) << provider.id << "/" << model;
    }
  }
}

class Costs : public ::testing::Test {
 protected:
  Costs() {
    snapshot_.providers = {{.id = "gpu", .slots = 4, .cost_per_hour = 3'600'000}, {.id = "cloud"}};
    snapshot_.models = {
        {.id = "local", .provider = 0},
        {.id = "large", .provider = 1, .prices = known(2'000'000, 1'000'000, 8'000'000), .max_output = 500},
        {.id = "free?", .provider = 1}};
  }
  Snapshot snapshot_;
};

TEST_F(Costs, a_machine_is_paid_by_time_and_a_hosted_model_by_tokens) {
  const Usage usage{.input = 1'000, .cached = 500, .output = 100, .known = true};
  EXPECT_EQ(attempt_cost(snapshot_, 0, usage, 4'000'000).amount, 1'000);
  EXPECT_EQ(attempt_cost(snapshot_, 1, usage, 4'000'000).amount, 1'000 + 500 + 800);
  const auto unknown = attempt_cost(snapshot_, 2, usage, 4'000'000);
  EXPECT_FALSE(unknown.known);
  EXPECT_EQ(unknown.amount, 0);
}

TEST_F(Costs, the_baseline_is_the_same_usage_at_the_baselines_prices) {
  const Usage usage{.input = 1'000, .output = 100, .known = true};
  EXPECT_EQ(baseline_cost(snapshot_, 1, usage).amount, 2'800);
  EXPECT_TRUE(baseline_cost(snapshot_, 1, usage).known);
  EXPECT_FALSE(baseline_cost(snapshot_, 0, usage).known) << "a machine's time for that usage is not known";
}

TEST_F(Costs, a_reservation_covers_the_dearest_candidate) {
  EXPECT_EQ(reservation_cost(snapshot_, {0, 1}, 1'000, 100, 4'000'000), 2'800);
  EXPECT_EQ(reservation_cost(snapshot_, {0}, 1'000, 100, 4'000'000), 1'000);
  EXPECT_EQ(reservation_cost(snapshot_, {1}, 0, 0, 0), 4'000) << "without a limit: max_output";
  EXPECT_EQ(reservation_cost(snapshot_, {1}, 0, 10'000, 0), 4'000) << "never more than max_output";
  EXPECT_EQ(reservation_cost(snapshot_, {}, 1'000, 100, 0), 0);
}

TEST(EstimatedUsage, counts_a_token_per_3_6_bytes_and_says_that_it_is_estimated) {
  for (const auto& [bytes, tokens] :
       {std::pair{0U, 0}, {1U, 1}, {3U, 1}, {4U, 2}, {36U, 10}, {37U, 11}, {3'600'000U, 1'000'000}}) {
    const auto usage = estimated_usage(7, bytes);
    EXPECT_EQ(usage.input, 7);
    EXPECT_EQ(usage.output, tokens) << bytes;
    EXPECT_TRUE(usage.estimated);
    EXPECT_FALSE(usage.known);
  }
}

}  // namespace
}  // namespace weir
