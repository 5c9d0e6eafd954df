#include "economics/sizing/size_answer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "core/json.h"
#include "economics/sizing/size_text.h"

namespace weir::plan {
namespace {

SizeQuestion asked(std::string_view model, std::string_view quantisation, int64_t context = 8192,
                   int64_t concurrency = 1) {
  return {.request = {.shape = *shape_named(model),
                      .quantisation = *find_quantisation(quantisation),
                      .context = context,
                      .concurrency = concurrency}};
}

TEST(size_answer, json_holds_the_numbers_of_the_report) {
  const auto question = asked("llama-3-8b", "fp16", 8192, 4);
  const auto answer = answer_size(question);
  json::Document document;
  ASSERT_TRUE(document.parse(to_json(answer, question)));
  const auto root = document.root();
  EXPECT_EQ(int64_t{root["model"]["parameters"]}, 8'030'261'248);
  EXPECT_EQ(double{root["memory"]["weights_bytes"]}, 16'060'522'496.0);
  EXPECT_EQ(double{root["memory"]["kv_bytes_per_token"]}, 131'072);
  EXPECT_EQ(double{root["memory"]["kv_bytes"]}, 4.0 * 1'073'741'824);
  json::Array cards = root["placements"];
  ASSERT_EQ(cards.size(), answer.placements.size());
  for (const auto card : cards) {
    EXPECT_GE(int64_t{card["sequences_that_fit"]}, 4);
    EXPECT_GT(double{card["bound"]["tokens_per_s"]}, 0);
  }
  EXPECT_GE(json::Array(root["assumptions"]).size(), 6U);
  const auto text = to_text(to_report(answer, question), 100);
  EXPECT_NE(text.find("16.1 GB"), std::string::npos) << text;
  EXPECT_NE(text.find("upper bound"), std::string::npos) << text;
}

TEST(size_answer, rent_for_a_million_tokens_by_hand) {
  auto question = asked("llama-3-8b", "fp16");
  question.gpu = find_gpu("rtx-4090");
  const auto row = answer_size(question).placements.front();
  EXPECT_DOUBLE_EQ(row.usd_per_million_output, 0.60 * 1e6 / (row.bound.requests_per_hour * 500));
}

TEST(size_answer, a_measurement_is_shown_beside_the_bound_and_raises_it_where_it_is_higher) {
  auto question = asked("llama-3-8b", "fp16");
  question.gpu = find_gpu("rtx-4090");
  question.measured_from = "--measured";
  question.measured_tokens_per_s = 54.34;
  const auto below = answer_size(question);
  ASSERT_TRUE(below.measured);
  EXPECT_DOUBLE_EQ(below.measured->tokens_per_s, 54.34);
  EXPECT_FALSE(below.placements.front().bound.raised);
  EXPECT_NE(to_text(to_report(below, question), 80).find("81 %"), std::string::npos)
      << to_text(to_report(below, question), 80);
  question.measured_tokens_per_s = 500;
  const auto above = answer_size(question);
  EXPECT_TRUE(above.placements.front().bound.raised);
  EXPECT_DOUBLE_EQ(above.placements.front().bound.tokens_per_s, 500);
  EXPECT_NE(to_text(to_report(above, question), 200).find("an assumption is wrong"), std::string::npos);
}

TEST(size_answer, a_model_is_sized_as_it_is_published) {
  struct Row {
    std::string_view name;
    std::string_view format;
    double gb;
  };
  // Files of the publishers.
  const Row rows[] = {{"gpt-oss-120b", "mxfp4", 65},
                      {"openai/gpt-oss-20b", "mxfp4", 13.8},
                      {"deepseek-v3", "fp8", 689},
                      {"kimi-k2", "fp8", 1030},
                      {"kimi-k2-thinking", "int4", 594},
                      {"Qwen/Qwen3.6-27B-FP8", "fp8", 30},
                      {"Qwen/Qwen3.6-27B", "fp16", 54},
                      {"qwen3.5-9b", "fp16", 18},
                      {"Qwen/Qwen3.5-122B-A10B-FP8", "fp8", 125}};
  for (const Row& row : rows) {
    const auto shape = shape_named(row.name);
    ASSERT_TRUE(shape) << row.name;
    EXPECT_EQ(own_format(*shape).name, row.format) << row.name;
    EXPECT_NEAR(weight_bytes(*shape, own_format(*shape)) / 1e9, row.gb, row.gb * 0.1) << row.name;
  }
  const auto question = asked("gpt-oss-120b", "mxfp4", 8192, 16);
  const auto answer = answer_size(question);
  const auto h100 = std::find_if(answer.placements.begin(), answer.placements.end(),
                                 [](const auto& row) { return row.placement.gpu.id == "h100-sxm"; });
  ASSERT_NE(h100, answer.placements.end());
  EXPECT_EQ(h100->placement.cards, 1);
  for (const auto& row : answer.quantisations) EXPECT_LE(row.quantisation.body_bits, 4.25) << row.quantisation.name;
  EXPECT_NE(to_text(to_report(answer, question), 200).find("mxfp4 is how its maker publishes it"), std::string::npos);
}

TEST(size_answer, the_price_of_a_million_tokens_says_at_which_concurrency) {
  for (const int64_t concurrency : {1, 16, 64}) {
    const auto question = asked("llama-3-8b", "q4_k_m", 2048, concurrency);
    const auto answer = answer_size(question);
    const auto text = to_text(to_report(answer, question), 200);
    EXPECT_NE(text.find(fmt::format("$/M out at {}", concurrency)), std::string::npos) << text;
    EXPECT_NE(text.find(fmt::format("{} streams at a time", concurrency)), std::string::npos) << text;
  }
}

// Whatever is listed: a group of cards has its link beside it, and a note about it.
TEST(size_answer, no_group_of_cards_without_a_word_about_its_link) {
  int groups = 0;
  for (const auto& shape : shapes()) {
    for (const std::string_view format : {"fp16", "q4_k_m"}) {
      const auto question = asked(shape.name, format, 4096, 16);
      const auto answer = answer_size(question);
      const auto text = to_text(to_report(answer, question), 400);
      for (const auto& row : answer.placements) {
        const auto& [gpu, cards] = std::pair(row.placement.gpu, row.placement.cards);
        EXPECT_LE(cards, most_cards(gpu)) << gpu.id;
        if (cards == 1) continue;
        ++groups;
        EXPECT_NE(text.find(fmt::format("{} × {} over ", cards, gpu.id)), std::string::npos) << text;
        EXPECT_NE(text.find("Their sums take at least"), std::string::npos);
        EXPECT_GT(row.bound.link_s, 0);
      }
      EXPECT_EQ(text.find("m4-max-128gb over"), std::string::npos) << "computers are no group";
    }
  }
  EXPECT_GT(groups, 100);
}

TEST(size_answer, a_model_that_no_card_holds_says_so) {
  const auto question = asked("kimi-k2", "fp32");
  const auto answer = answer_size(question);
  EXPECT_TRUE(answer.placements.empty());
  EXPECT_NE(to_text(to_report(answer, question), 200).find("No card of the catalog holds it"), std::string::npos);
}

TEST(size_answer, fewer_bits_stand_below_more_and_the_asked_one_is_marked_once) {
  for (const std::string_view name : {"fp32", "fp16", "q4_k_m", "mxfp4", "iq1_s"}) {
    const auto answer = answer_size(asked("llama-3-8b", name));
    int marked = 0;
    double last = 1e3;
    for (const auto& row : answer.quantisations) {
      marked += row.asked ? 1 : 0;
      EXPECT_LE(row.quantisation.body_bits, std::max(last, 8.5)) << name;
      last = row.quantisation.body_bits;
    }
    EXPECT_EQ(marked, 1) << name;
  }
}

// The table of docs/sizing.md, made anew.
std::string example_table() {
  std::string text =
      "| model | bits | weights | KV cache | smallest single card | A100 80 GB | one stream on them, at most |\n"
      "|---|---|---:|---:|---|---|---:|\n";
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"llama-3-8b", "fp16"},     {"llama-3-8b", "int8"},    {"llama-3-8b", "q4_k_m"},  {"llama-3-70b", "fp16"},
      {"llama-3-70b", "int8"},    {"llama-3-70b", "q4_k_m"}, {"llama-3-70b", "iq2_xs"}, {"mixtral-8x7b", "fp16"},
      {"mixtral-8x7b", "q4_k_m"}, {"qwen2.5-7b", "fp16"},    {"qwen2.5-7b", "q4_k_m"},  {"qwen2.5-72b", "fp16"},
      {"qwen2.5-72b", "int8"},    {"qwen2.5-72b", "q4_k_m"}, {"gemma-3-27b", "q4_k_m"}, {"deepseek-v3", "fp8"},
      {"gpt-oss-120b", "mxfp4"},
  };
  for (const auto& [model, quantisation] : rows) {
    auto question = asked(model, quantisation, 8192);
    const auto answer = answer_size(question);
    std::optional<Placement> alone;
    for (const auto& row : answer.quantisations) {
      if (row.asked) alone = row.smallest;
    }
    const auto large = smallest_placement(question.request, *find_gpu("a100-80gb"));
    std::string cards = "more than 8";
    std::string speed = "-";
    if (large) {
      cards = std::to_string(large->cards);
      speed = rate_text(roofline(question.request, large->gpu, large->cards, question.mix).tokens_per_s) + " tok/s";
    }
    text +=
        fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", model, quantisation, bytes_text(answer.memory.weights),
                    bytes_text(answer.memory.kv), alone ? alone->gpu.id : "-", cards, speed);
  }
  return text;
}

TEST(size_answer, the_table_in_the_documentation_is_what_is_computed) {
  std::ifstream in(WEIR_SOURCE "/docs/sizing.md");
  const std::string page((std::istreambuf_iterator<char>(in)), {});
  const auto table = example_table();
  EXPECT_NE(page.find(table), std::string::npos) << "docs/sizing.md should have this table:\n" << table;
}

}  // namespace
}  // namespace weir::plan
