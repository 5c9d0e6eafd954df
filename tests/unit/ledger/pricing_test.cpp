#include "ledger/pricing.h"

#include <gtest/gtest.h>

#include <array>

namespace weir {
namespace {

constexpr std::string_view small_catalog =
    "# a comment\n"
    "@\tacme\tAcme AI\t2026-08-21\tacme-ai,ac\t-\n"
    "exact\t128000\t1/2/3\t-\t=exact =exact-2025\n"
    "# between models\n"
    "family\t0\t4/5/6\tdeprecated\t^fam *middle $tail ~dated-########\n"
    "family-mini\t0\t7/8/9\t-\t=family-mini\n"
    "dated\t0\t10/10/10;2026-09-01:20/20/20;2027-01-01:30/30/30\t-\t=dated\n"
    "@\treseller\tRe Seller\t2026-08-22\t-\tacme\n"
    "own\t0\t1/1/1\t-\t^own\n"
    "own-large\t0\t2/1/3/4/5;>1000:20/10/30\t-\t^own-large\n"
    "nightly\t0\t10/5/20;@0100-0400:40/20/80;@0600-1000:40/20/80\t-\t=nightly\n"
    "pictures\t0\t3/3/-\t-\t=pictures\n"
    "spoken\t0\t-\t-\t=spoken\n";

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
  EXPECT_FALSE(exact->by_rule || exact->deprecated);
  EXPECT_EQ(exact->age_days, 0);
  const auto family = catalog.find("acme", "family");
  EXPECT_TRUE(family->deprecated && !family->by_rule);
}

TEST(Catalog, marks_what_only_a_rule_found_and_prefers_the_closest_rule) {
  const Catalog catalog(small_catalog, "2026-08-21");
  EXPECT_TRUE(catalog.find("acme", "famous")->by_rule);
  EXPECT_FALSE(catalog.find("acme", "dated-20260101")->by_rule) << "a version by its date is that model";
  EXPECT_EQ(catalog.find("reseller", "own-large-2")->model, "own-large");
  EXPECT_TRUE(catalog.find("reseller", "own-large-2")->by_rule);
}

TEST(Catalog, reads_steps_hours_and_what_is_not_priced_by_tokens) {
  const Catalog catalog(small_catalog, "2026-08-21");
  const auto large = catalog.find("reseller", "own-large")->prices;
  EXPECT_EQ(large.written, 4);
  EXPECT_EQ(large.written_long, 5);
  EXPECT_EQ(large.long_above, 1'000);
  EXPECT_EQ(large.long_prompt.output, 30);
  const auto nightly = catalog.find("reseller", "nightly")->prices;
  EXPECT_EQ(nightly.input, 40) << "the dear hours are the price that is shown";
  for (int minute = 0; minute < 1'440; ++minute) {
    const bool dear = (minute >= 60 && minute < 240) || (minute >= 360 && minute < 600);
    EXPECT_EQ(token_cost(nightly, {.input = 1'000'000}, minute), dear ? 40 : 10) << minute;
  }
  EXPECT_FALSE(catalog.find("reseller", "pictures")->prices.output_known);
  EXPECT_FALSE(catalog.find("reseller", "spoken")->prices.known);
}

TEST(Catalog, prices_that_cannot_be_read_are_none) {
  for (const auto* text :
       {"", "1", "1/2", "1/2/x", "-1/2/3", "1/2/3/4/5/6", "1/2/3;>:4/5/6", "1/2/3;>0:4/5/6", "1/2/3;>9:1/1/1;>99:1/1/1",
        "1/2/3;@2500-0100:1/1/1", "1/2/3;@0100-0100:1/1/1", "1/2/3;@0100-0200:1/1/1;@0300-0400:2/2/2", ":1/2/3"}) {
    EXPECT_FALSE(parse_prices(text, "2026-08-21")) << text;
  }
}

TEST(Catalog, rules_of_names) {
  struct Rule {
    std::string_view rule;
    std::string_view name;
    bool fits;
  };
  for (const auto& [rule, name, fits] :
       {Rule{"~gpt-6-####-##-##", "gpt-6-2026-09-01", true}, Rule{"~gpt-6-####-##-##", "GPT-6-2026-09-01", true},
        Rule{"~gpt-6-####-##-##", "gpt-6-2026-09-0", false}, Rule{"~gpt-6-####-##-##", "gpt-6-2026-09-011", false},
        Rule{"~a-#*", "a-1x", true}, Rule{"~a-#*", "a-x", false}, Rule{"~*a*b", "xxaxxb", true},
        Rule{"~*a*b", "xxaxxbx", false}, Rule{"^gem!-tts", "gem-pro", true}, Rule{"^gem!-tts", "gem-pro-TTS", false},
        Rule{"", "a", false}, Rule{"?a", "a", false}}) {
    EXPECT_EQ(rule_matches(rule, name), fits) << rule << " " << name;
  }
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
  const auto base = [&](std::string_view provider, std::string_view model) {
    const auto found = catalog.find(provider, model);
    if (!found) return std::array<int64_t, 3>{-1, -1, -1};
    return std::array{found->prices.input, found->prices.cached, found->prices.output};
  };
  using Three = std::array<int64_t, 3>;
  EXPECT_EQ(base("openai", "gpt-4o"), (Three{2'500'000, 1'250'000, 10'000'000}));
  EXPECT_EQ(base("openai", "gpt-4o-2024-05-13"), (Three{5'000'000, 5'000'000, 15'000'000}));
  EXPECT_EQ(base("openai", "gpt-4o-mini-2024-07-18"), (Three{150'000, 75'000, 600'000}));
  EXPECT_EQ(base("azure", "gpt-4o")[0], 2'500'000);
  EXPECT_EQ(base("anthropic", "claude-sonnet-5"), (Three{2'000'000, 200'000, 10'000'000}));
  EXPECT_EQ(base("anthropic", "claude-opus-5-5-20261001")[0], 4'000'000) << "not the price of claude-opus-5";
  EXPECT_EQ(catalog.find("anthropic", "claude-sonnet-5")->prices.written, 2'500'000);
  EXPECT_EQ(catalog.find("anthropic", "claude-sonnet-5")->prices.written_long, 4'000'000);
  EXPECT_EQ(base("openai", "o3"), (Three{2'000'000, 500'000, 8'000'000}));
  EXPECT_EQ(base("openai", "text-embedding-3-small")[0], 20'000);
  EXPECT_EQ(base("deepseek", "deepseek-chat")[0], 270'000) << "of the dear hours";
  EXPECT_NE(catalog.find("deepseek", "deepseek-chat")->prices.cheap_hours[0], DayWindow{});
  EXPECT_EQ(base("mistral", "mistral-large-2411"), (Three{2'000'000, 2'000'000, 6'000'000}));
  EXPECT_EQ(base("mistral", "mistral-large-2512"), (Three{500'000, 50'000, 1'500'000}));
  EXPECT_EQ(base("mistral", "mistral-medium-latest"), (Three{1'500'000, 150'000, 7'500'000}));
  EXPECT_GT(catalog.find("google", "gemini-3.1-pro-preview")->prices.long_above, 0);
  for (const auto& [provider, model] : {std::pair{"openai", "gpt-5.6-luna"},
                                        {"openai", "gpt-5.6-terra"},
                                        {"openai", "gpt-6-sol"},
                                        {"openai", "gpt-6-luna-2026-09-10"},
                                        {"google", "gemini-3.7-flash"},
                                        {"xai", "grok-4.6"}}) {
    ASSERT_TRUE(catalog.find(provider, model)) << model;
    EXPECT_TRUE(catalog.find(provider, model)->prices.known) << model;
  }
  EXPECT_FALSE(catalog.find("google", "gemini-3-pro-image-preview")->prices.output_known);
  EXPECT_FALSE(catalog.find("groq", "whisper-large-v3")->prices.known);
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

TEST_F(Costs, say_where_they_come_from_and_what_is_not_known_of_them) {
  const Usage usage{.input = 1'000, .output = 100, .known = true};
  EXPECT_EQ(price_source(attempt_cost(snapshot_, 0, usage, 1).marks), "machine");
  EXPECT_EQ(price_source(attempt_cost(snapshot_, 1, usage, 1).marks), "configured");
  EXPECT_EQ(price_source(attempt_cost(snapshot_, 2, usage, 1).marks), "");
  snapshot_.models[1].prices_as_of = "2026-09-23";
  EXPECT_EQ(price_source(attempt_cost(snapshot_, 1, usage, 1).marks), "catalog");
  snapshot_.models[1].price_by_rule = true;
  EXPECT_EQ(price_source(attempt_cost(snapshot_, 1, usage, 1).marks), "catalog_rule");
  auto stated = usage;
  stated.stated = 77;
  EXPECT_EQ(attempt_cost(snapshot_, 1, stated, 1).amount, 77);
  EXPECT_EQ(price_source(attempt_cost(snapshot_, 1, stated, 1).marks), "stated");
  stated.stated = 0;
  EXPECT_EQ(attempt_cost(snapshot_, 1, stated, 1).amount, 2'800) << "nothing is not believed beside a price";
  EXPECT_TRUE(attempt_cost(snapshot_, 2, stated, 1).known);
  stated.stated = INT64_MAX;
  EXPECT_EQ(attempt_cost(snapshot_, 1, stated, 1).amount, 2'800);
}

TEST_F(Costs, of_service_tiers) {
  Usage usage{.input = 1'000, .output = 100, .tier = ServiceTier::flex, .known = true};
  EXPECT_FALSE(attempt_cost(snapshot_, 1, usage, 1).known);
  EXPECT_EQ(attempt_cost(snapshot_, 1, usage, 1).amount, 2'800) << "budgets hold all the same";
  snapshot_.models[1].prices.tier_percent = {100, 50, 50, -1, -1};
  EXPECT_TRUE(attempt_cost(snapshot_, 1, usage, 1).known);
  EXPECT_EQ(attempt_cost(snapshot_, 1, usage, 1).amount, 1'400);
  snapshot_.models[1].prices.tier_percent[1] = 75;
  const Usage one{.input = 1, .tier = ServiceTier::flex, .known = true};
  EXPECT_EQ(attempt_cost(snapshot_, 1, one, 1).amount, 2) << "1.5, rounded as all money is";
  usage.tier = ServiceTier::priority;
  EXPECT_EQ(attempt_cost(snapshot_, 1, usage, 1).amount, 5'600);
  EXPECT_FALSE(attempt_cost(snapshot_, 1, usage, 1).known);
  EXPECT_EQ(baseline_cost(snapshot_, 1, usage).amount, 2'800) << "the baseline is at the standard tier";
}

TEST_F(Costs, of_caches_long_prompts_hours_and_media) {
  auto& prices = snapshot_.models[1].prices;
  const Usage written{.input = 1'000, .cached = 100, .written = 400, .written_long = 100, .output = 0, .known = true};
  EXPECT_EQ(token_cost(prices, written), 1'900) << "as input, where writing has no price of its own";
  prices.written = 2'500'000;
  EXPECT_EQ(token_cost(prices, written), 1'000 + 100 + 1'000);
  prices.written_long = 4'000'000;
  EXPECT_EQ(token_cost(prices, written), 1'000 + 100 + 750 + 400);
  prices.long_above = 200'000;
  prices.long_prompt = {.input = 4'000'000, .cached = 2'000'000, .output = 12'000'000};
  EXPECT_EQ(token_cost(prices, {.input = 200'000, .output = 1'000}), 400'000 + 8'000);
  EXPECT_EQ(token_cost(prices, {.input = 200'001, .output = 1'000}), 800'004 + 12'000);
  EXPECT_EQ(attempt_cost(snapshot_, 1, {.input = 200'000, .known = true}, 1).marks & price_long_prompt, 0);
  EXPECT_NE(attempt_cost(snapshot_, 1, {.input = 200'001, .known = true}, 1).marks & price_long_prompt, 0);
  prices.cheap_hours[0] = {.from = 990, .until = 30};
  prices.cheap = {.input = 1'000'000, .cached = 500'000, .output = 4'000'000};
  constexpr int64_t minute = 60'000'000;
  const Usage small{.input = 1'000, .known = true};
  EXPECT_EQ(attempt_cost(snapshot_, 1, small, 1, 20'000 * 1'440 * minute + 0).amount, 1'000);
  EXPECT_EQ(attempt_cost(snapshot_, 1, small, 1, 20'000 * 1'440 * minute + 30 * minute).amount, 2'000);
  EXPECT_EQ(attempt_cost(snapshot_, 1, small, 1).amount, 2'000) << "in the dearest hours where none is said";
  Usage spoken{.input = 1'000, .output = 10, .media = 5, .known = true};
  EXPECT_FALSE(attempt_cost(snapshot_, 1, spoken, 1).known);
  spoken.media = 0;
  prices.output_known = false;
  EXPECT_FALSE(attempt_cost(snapshot_, 1, spoken, 1).known);
  spoken.output = 0;
  EXPECT_TRUE(attempt_cost(snapshot_, 1, spoken, 1).known);
}

TEST(BelievedUsage, what_cannot_be_is_estimated_and_marked) {
  const Usage good{.input = 9, .output = 5, .known = true};
  EXPECT_EQ(believed_usage(good, 100, 360), good) << "what the provider counted holds before any estimate";
  const Usage embedding{.input = 9, .known = true};
  EXPECT_EQ(believed_usage(embedding, 100, 0), embedding);
  const auto zero = believed_usage({.known = true}, 100, 360);
  EXPECT_EQ(zero, (Usage{.input = 100, .output = 100, .estimated = true}));
  EXPECT_EQ(believed_usage({}, 100, 360), zero);
  const auto no_output = believed_usage({.input = 9, .known = true}, 100, 360);
  EXPECT_EQ(no_output, (Usage{.input = 9, .output = 100, .estimated = true}));
  const auto total = believed_usage({.output = 150, .total_only = true, .known = true}, 100, 360);
  EXPECT_EQ(total, (Usage{.input = 50, .output = 100, .estimated = true}));
  EXPECT_EQ(believed_usage({.stated = 7}, 1, 4).stated, 7) << "what it says of the cost holds";
}

TEST_F(Costs, the_baseline_is_the_same_usage_at_the_baselines_prices) {
  const Usage usage{.input = 1'000, .output = 100, .known = true};
  EXPECT_EQ(baseline_cost(snapshot_, 1, usage).amount, 2'800);
  EXPECT_TRUE(baseline_cost(snapshot_, 1, usage).known);
  EXPECT_FALSE(baseline_cost(snapshot_, 0, usage).known) << "a machine's time for that usage is not known";
}

TEST_F(Costs, of_pictures_seconds_characters_and_searches) {
  auto& model = snapshot_.models[1];
  model.prices = {.known = true, .unit = 40'000};
  const auto cost = [&](int64_t units) { return attempt_cost(snapshot_, 1, {.input = 100, .units = units}, 0); };
  EXPECT_EQ(cost(2'000).amount, 80'000);
  EXPECT_TRUE(cost(2'000).known);
  EXPECT_EQ(cost(1'500).amount, 60'000);
  EXPECT_EQ(cost(std::numeric_limits<int64_t>::max()).amount, std::numeric_limits<int64_t>::max()) << "no wrap";
  EXPECT_FALSE(cost(-1).known) << "nobody knows how many";
  model.prices.input = 1'000'000;
  EXPECT_EQ(cost(1'000).amount, 40'100) << "and the tokens beside it";
  EXPECT_EQ(reservation_cost(snapshot_, {1}, {.units = 3'000}), 120'000);
}

TEST_F(Costs, what_took_nothing_costs_nothing_whatever_its_price) {
  snapshot_.models[1].prices = {};
  EXPECT_TRUE(attempt_cost(snapshot_, 1, {.known = true}, 0).known);
  EXPECT_FALSE(attempt_cost(snapshot_, 1, {.input = 1, .known = true}, 0).known);
}

TEST_F(Costs, a_reservation_covers_the_dearest_candidate) {
  const MostUsed used{.input_tokens = 1'000, .output_tokens = 100, .busy_us = 4'000'000};
  EXPECT_EQ(reservation_cost(snapshot_, {0, 1}, used), 2'800);
  EXPECT_EQ(reservation_cost(snapshot_, {0}, used), 1'000);
  EXPECT_EQ(reservation_cost(snapshot_, {1}, {}), 4'000) << "without a limit: max_output";
  EXPECT_EQ(reservation_cost(snapshot_, {1}, {.output_tokens = 10'000}), 4'000) << "never more than max_output";
  EXPECT_EQ(reservation_cost(snapshot_, {}, used), 0);
}

TEST_F(Costs, a_reservation_covers_every_answer_and_never_wraps) {
  const auto one = reservation_cost(snapshot_, {1}, {.output_tokens = 100});
  EXPECT_EQ(reservation_cost(snapshot_, {1}, {.output_tokens = 100, .answers = 3}), 3 * one);
  EXPECT_EQ(reservation_cost(snapshot_, {1}, {.answers = 1'000}), 4'000'000) << "each without a limit";
  EXPECT_EQ(reservation_cost(snapshot_, {1}, {.output_tokens = INT64_MAX, .answers = 2}), 8'000);
  EXPECT_EQ(reservation_cost(snapshot_, {1}, {.output_tokens = 100, .answers = INT64_MAX}), INT64_MAX);
  auto& model = snapshot_.models[1];
  model.max_output = 0;
  EXPECT_EQ(reservation_cost(snapshot_, {1}, {.output_tokens = INT64_MAX / 2, .answers = 4}), INT64_MAX);
  model.context_length = 1'000;
  EXPECT_EQ(reservation_cost(snapshot_, {1}, {.output_tokens = INT64_MAX / 2}), 8'000) << "no more than the context";
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
