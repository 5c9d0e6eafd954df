// The models that are suggested, and what a team tells instead.
#include "economics/advice/advice_models.h"

#include <gtest/gtest.h>

#include "advice_worlds.h"
#include "config/load.h"
#include "economics/base/money.h"
#include "economics/document/document.h"
#include "economics/models/formats.h"
#include "economics/models/model_shape.h"
#include "economics/sizing/sizing.h"

namespace weir::plan {
namespace {

const Catalog& prices() {
  static const Catalog all{std::string(test::today)};
  return all;
}

Answers answers_of(std::string_view more, const std::vector<GivenAnswer>& options = {}) {
  const std::string text =
      "requests_per_month: 100000\ninput_tokens: 1000\noutput_tokens: 300\nsensitive: none\npeople: part_time\n" +
      std::string(more);
  const AnswersRead read = read_answers(text, "a.yaml", std::nullopt, options);
  EXPECT_TRUE(read.answers) << render_problems(read.problems, text);
  return read.answers.value_or(Answers{});
}

std::string value_of(const Economics& economics, std::string_view what) {
  for (const Assumption& one : economics.assumptions) {
    if (one.what == what) return one.value + " | " + one.from;
  }
  return "";
}

TEST(advice_models, each_suggestion_has_a_shape_a_price_and_a_card_that_runs_it) {
  for (const LocalSuggestion& local : suggested_locals()) {
    const auto shape = shape_named(local.name);
    ASSERT_TRUE(shape) << local.name;
    EXPECT_EQ(shape->name, local.shape);
    ASSERT_NE(find_quantisation(local.quantisation), nullptr);
    const SizingRequest request{
        .shape = *shape, .quantisation = *find_quantisation(local.quantisation), .context = 4096};
    EXPECT_FALSE(placements(request).empty()) << local.name;
  }
  for (const Quality quality : {Quality::basic, Quality::good, Quality::best}) {
    for (const Residency residency : {Residency::anywhere, Residency::eu, Residency::us}) {
      const auto names = suggested_clouds(quality, residency);
      EXPECT_TRUE(std::any_of(names.begin(), names.end(), [](auto name) { return price_of(name, prices()).price; }));
    }
  }
}

TEST(advice_models, a_told_model_is_used_as_it_is_published) {
  const auto economics =
      economics_of(answers_of("local_model: openai/gpt-oss-120b\ncloud_model: openai/gpt-5.4\n"), prices());
  ASSERT_TRUE(economics);
  EXPECT_EQ(economics->cloud_model, "openai/gpt-5.4");
  EXPECT_EQ(economics->local_model, "gpt-oss-120b");
  EXPECT_EQ(economics->quantisation, "mxfp4");
  EXPECT_EQ(economics->local_name, "openai/gpt-oss-120b");
  EXPECT_NE(value_of(*economics, "Local model").find("| told"), std::string::npos);
}

TEST(advice_models, an_option_wins_over_the_file) {
  const auto answers =
      answers_of("local_model: llama-3.1-8b\nquantisation: q8_0\nstaff_per_month: 900\n",
                 {{"local_model", "gpt-oss-20b"}, {"staff_per_month", "0"}, {"owned", "rtx-4090, 2 x l4"}});
  EXPECT_EQ(answers.told.local_model, "gpt-oss-20b");
  EXPECT_EQ(answers.told.quantisation, "");
  EXPECT_EQ(answers.told.staff, 0);
  ASSERT_EQ(answers.told.owned.size(), 2U);
  EXPECT_EQ(answers.told.owned[1].gpu, "l4");
  EXPECT_EQ(answers.told.owned[1].cards, 2);
}

TEST(advice_models, owned_cards_cost_their_power_alone) {
  const auto answers = answers_of("owned: [2 x RTX 5090]\nstaff_per_month: 0\ninfrastructure_per_month: 0\n");
  const auto economics = economics_of(answers, prices());
  ASSERT_TRUE(economics);
  const OptionCost& local = economics->of(Verdict::local);
  ASSERT_TRUE(local.hardware);
  EXPECT_EQ(local.hardware->paid, Paid::owned);
  EXPECT_EQ(local.people_part, 0);
  // Watts of the cards and of the computer, day and night for 30 days, × 1.2 at $0.20 a kWh.
  const int64_t watts = find_gpu("rtx-5090")->watts * local.hardware->cards + 150;
  const double power = static_cast<double>(watts * local.hardware->machines) * 720 / 1000 * 1.2 * 0.20;
  EXPECT_NEAR(static_cast<double>(local.monthly) / 1e6, power, 0.01);
  const auto bought = economics_of(answers_of("staff_per_month: 0\ninfrastructure_per_month: 0\n"), prices());
  ASSERT_TRUE(bought);
  EXPECT_LT(local.monthly, bought->of(Verdict::local).monthly);
}

// A slow machine that is there is used as long as nobody stated that it must be fast.
TEST(advice_models, owned_computers_are_used_though_they_are_slow) {
  const std::string owned = "owned: [m4-pro]\nquantisation: q4_k_m\n";
  const auto slow = economics_of(answers_of(owned), prices());
  ASSERT_TRUE(slow && slow->of(Verdict::local).hardware);
  EXPECT_EQ(slow->of(Verdict::local).hardware->paid, Paid::owned);
  EXPECT_GT(slow->of(Verdict::local).hardware->first_token_s, 2);
  const auto fast = economics_of(answers_of(owned + "latency: realtime\n"), prices());
  ASSERT_TRUE(fast && fast->of(Verdict::local).hardware);
  EXPECT_NE(fast->of(Verdict::local).hardware->paid, Paid::owned);
  ASSERT_FALSE(fast->unused.empty());
  EXPECT_NE(fast->unused.front().find("first token"), std::string::npos) << fast->unused.front();
}

// So many and no more: what they do not take is bought or rented.
TEST(advice_models, owned_cards_run_out) {
  Answers answers = answers_of("owned: [rtx-4090]\nlocal_model: qwen3.5-9b\n");
  test::AnyAnswers::set_volume(answers, 200'000'000, 1000, 300);
  const auto economics = economics_of(answers, prices());
  ASSERT_TRUE(economics);
  ASSERT_TRUE(economics->of(Verdict::local).hardware);
  EXPECT_NE(economics->of(Verdict::local).hardware->paid, Paid::owned);
}

TEST(advice_models, owned_cards_that_cannot_serve_are_told_why) {
  const auto no_bf16 = economics_of(answers_of("owned: [2 x t4]\nquality: basic\n"), prices());
  ASSERT_TRUE(no_bf16);
  EXPECT_NE(value_of(*no_bf16, "2 × t4").find("cannot run bf16"), std::string::npos);
  const auto too_small = economics_of(answers_of("owned: [rtx-3060]\nlocal_model: llama-3.3-70b\n"), prices());
  ASSERT_TRUE(too_small);
  EXPECT_NE(value_of(*too_small, "1 × rtx-3060").find("do not hold"), std::string::npos);
}

TEST(advice_models, cached_prompts_are_cheaper_and_told) {
  const auto plain = economics_of(answers_of("cloud_model: openai/gpt-5.4\n"), prices());
  const auto cached = economics_of(answers_of("cloud_model: openai/gpt-5.4\ncached_share: 50%\n"), prices());
  ASSERT_TRUE(plain && cached);
  // 100,000 × 500 tokens at the difference of $2.50 and $0.25.
  EXPECT_EQ(plain->of(Verdict::cloud).monthly - cached->of(Verdict::cloud).monthly, 112'500'000);
  EXPECT_EQ(value_of(*cached, "Cached share of prompts"), "50.0 % | told");
}

TEST(advice_models, what_is_told_wrongly_is_refused_with_the_mend) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"local_model: gpt-oss-121b\n", "did you mean `gpt-oss-120b`"},
      {"quantisation: q4_k_n\n", "did you mean `q4_k_m`"},
      {"owned: [2 x rtx-4099]\n", "did you mean `rtx-4090`"},
      {"owned: [0 x rtx-4090]\n", "from 1 to 1024"},
      {"owned: [99999999999999999999 x l4]\n", "from 1 to 1024"},
      {"owned: ['']\n", "owned"},
      {"cached_share: 130%\n", "cached_share"},
      {"staff_per_month: -5\n", "staff_per_month"},
  };
  for (const auto& [more, part] : rows) {
    const std::string text =
        "requests_per_month: 5\ninput_tokens: 5\noutput_tokens: 5\nsensitive: none\npeople: none\n" + std::string(more);
    const AnswersRead read = read_answers(text, "a.yaml");
    EXPECT_FALSE(read.answers) << more;
    EXPECT_NE(render_problems(read.problems, text).find(part), std::string::npos)
        << render_problems(read.problems, text);
  }
  const auto no_price = economics_of(answers_of("cloud_model: openai/gpt-9000\n"), prices());
  ASSERT_FALSE(no_price);
  EXPECT_NE(no_price.error().message.find("gpt-9000"), std::string::npos);
  const auto too_large = economics_of(answers_of("local_model: kimi-k2\nquantisation: fp32\n"), prices());
  ASSERT_FALSE(too_large);
  EXPECT_NE(too_large.error().message.find("no machine of the catalog"), std::string::npos)
      << too_large.error().message;
}

TEST(advice_models, whatever_a_model_is_called_the_configuration_loads) {
  for (const std::string name : {"Llama 3.1 8B", "llama-3.1-8b, x: y}", "'llama-3.1-8b", "{llama-3.1:8b}"}) {
    Answers answers = answers_of("sensitive_share: 0%\n");
    answers.told.local_model = name;
    answers.residency = Residency::on_premises;
    const auto economics = economics_of(answers, prices());
    if (!economics) continue;
    const Advice advice = advise(answers, *economics);
    const std::string text = weir_yaml(answers, advice, *economics);
    const Loaded loaded = load_config_text(
        text, "weir.yaml", {.environment = [](std::string_view) { return std::optional<std::string>("k"); }});
    EXPECT_EQ(render_problems(loaded.problems, loaded.text), "") << text;
  }
}

}  // namespace
}  // namespace weir::plan
