#include <gtest/gtest.h>

#include "experiments/scoring.h"

namespace weir::experiments {
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

TEST(Scoring, finds_what_is_wrong_with_an_answer_by_itself) {
  Request request;
  EXPECT_EQ(structural_score(request, said("It is four.")), 1);
  EXPECT_EQ(structural_score(request, {}), 0);
  EXPECT_EQ(structural_score(request, said(" \n\t")), 0);
  EXPECT_LT(*structural_score(request, said("and so on", FinishReason::length)), 0.5);
  EXPECT_LT(*structural_score(request, said("I'm sorry, but I can't help with that.")), 0.5);
  EXPECT_LT(
      *structural_score(request, said("Well. the same words the same words the same words the same words the same "
                                      "words the same words ")),
      0.5);
  request.max_tokens = 5;
  EXPECT_EQ(structural_score(request, said("and so on", FinishReason::length)), 1) << "the caller's own limit";
}

TEST(Scoring, holds_answers_to_the_form_that_was_asked_for) {
  Request request;
  request.response_format = ResponseFormat::json_object;
  EXPECT_EQ(structural_score(request, said(R"({"a": 1})")), 1);
  EXPECT_EQ(structural_score(request, said("Sure: {")), 0);
  Request tools;
  tools.tools.push_back({.name = "weather"});
  EXPECT_EQ(structural_score(tools, called("weather", R"({"city":"Ulm"})")), 1);
  EXPECT_EQ(structural_score(tools, called("weather", R"({"city":)")), 0);
  EXPECT_EQ(structural_score(tools, called("whether", "{}")), 0);
}

TEST(Scoring, agreement_is_one_for_the_same_words_and_calls_and_zero_for_others) {
  EXPECT_EQ(agreement_score(said("It is four."), said("it is FOUR")), 1);
  EXPECT_EQ(agreement_score(said("yes"), said("no")), 0);
  const auto some = agreement_score(said("The river is high"), said("The river is low today"));
  EXPECT_DOUBLE_EQ(*some, 2.0 * 3 / 9);
  EXPECT_EQ(agreement_score(called("f", R"({"a": 1})"), called("f", R"({"a":1})")), 1);
  EXPECT_EQ(agreement_score(called("f", "{}"), said("f")), 0);
}

TEST(Scoring, is_found_by_name) {
  EXPECT_TRUE(find_score("structural"));
  EXPECT_TRUE(find_score("agreement"));
  EXPECT_FALSE(find_score("nobody"));
}

}  // namespace
}  // namespace weir::experiments
