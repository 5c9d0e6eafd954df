// Answers of two models, compared: by what the judges see of each, and by what they have in common.
#include "judges/comparison.h"

#include <gtest/gtest.h>

#include "judges/weights.h"

namespace weir {
namespace {

Response said(std::string_view text, FinishReason finish = FinishReason::stop) {
  Response response;
  auto& choice = response.choices.emplace_back();
  choice.add_text(Part::Kind::text, text);
  choice.finish = finish;
  return response;
}

Response called(std::string name, std::string arguments) {
  Response response;
  response.choices.emplace_back().add_call({.id = "1", .name = std::move(name), .arguments = std::move(arguments)});
  return response;
}

std::string repeated(std::string_view words, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += words;
  return text;
}

double structural(const Request& request, const Response& answer) {
  return compare_by("structural", request, answer, nullptr, nullptr).value_or(-1);
}

double agreement(const Response& answer, const Response& reference) {
  return compare_by("agreement", {}, answer, &reference, nullptr).value_or(-1);
}

TEST(comparison, structural_is_the_judge_of_that_name) {
  EXPECT_EQ(structural({}, said("It is four.")), 1);
  EXPECT_EQ(structural({}, {}), 0);
  for (const auto& bad : {said(" \n\t"), said("and so on", FinishReason::length), said("Das kann ich leider nicht."),
                          said("Je suis désolé, mais je ne peux pas vous aider avec cela."),
                          said("Well. " + repeated("the same words ", 40))}) {
    EXPECT_LT(structural({}, bad), 0.5) << bad.choices.front().text();
  }
  Request json;
  json.response_format = ResponseFormat::json_object;
  EXPECT_EQ(structural(json, said(R"({"a": 1})")), 1);
  EXPECT_LT(structural(json, said("Sure: {")), 0.5);
  Request tools;
  tools.tools.push_back({.name = "weather"});
  EXPECT_EQ(structural(tools, called("weather", R"({"city":"Ulm"})")), 1);
  EXPECT_LT(structural(tools, called("weather", R"({"city":)")), 0.5);
  EXPECT_LT(structural(tools, called("whether", "{}")), 0.5);
}

TEST(comparison, agreement_is_one_for_the_same_words_and_calls_and_zero_for_others) {
  EXPECT_EQ(agreement(said("It is four."), said("it is FOUR")), 1);
  EXPECT_EQ(agreement(said("yes"), said("no")), 0);
  EXPECT_DOUBLE_EQ(agreement(said("The river is high"), said("The river is low today")), 2.0 * 3 / 9);
  EXPECT_EQ(agreement(said("Это правда"), said("это ПРАВДА")), 1);
  EXPECT_EQ(agreement(called("f", R"({"a": 1})"), called("f", R"({"a":1})")), 1);
  EXPECT_EQ(agreement(called("f", "{}"), called("g", "{}")), 0);
  EXPECT_EQ(agreement(called("f", "{}"), said("f")), 0);
  EXPECT_EQ(agreement({}, said("f")), 0);
}

TEST(comparison, an_answer_alone_agrees_with_nothing_and_is_judged_by_itself) {
  EXPECT_EQ(compare_by("agreement", {}, said("It is four."), nullptr, nullptr), 1);
  EXPECT_EQ(compare_by("agreement", {}, said(""), nullptr, nullptr), 0);
}

TEST(comparison, what_was_learned_scores_as_its_judge_does_and_nothing_learned_says_nothing) {
  EXPECT_EQ(compare_by("learned", {}, said("four"), nullptr, nullptr), std::nullopt);
  JudgeWeights weights;
  EXPECT_EQ(compare_by("learned", {}, said("four"), nullptr, &weights), std::nullopt);
  weights.rows = 100;
  const auto scored = compare_by("learned", {}, said("four"), nullptr, &weights);
  EXPECT_EQ(scored, weights.score(features_of({}, said("four"))));
}

TEST(comparison, every_name_is_known_and_no_other) {
  for (const auto name : comparisons()) {
    JudgeWeights weights;
    weights.rows = 1;
    const auto same = said("four");
    EXPECT_TRUE(compare_by(name, {}, same, &same, &weights)) << name;
  }
  for (const auto* name : {"", "confidence", "model", "nobody"}) {
    EXPECT_FALSE(compare_by(name, {}, said("four"), nullptr, nullptr)) << name;
  }
}

}  // namespace
}  // namespace weir
