#include <gtest/gtest.h>

#include <cmath>

#include "routing/shape.h"
#include "routing/task_prompts.h"
#include "routing/text_features.h"

namespace weir::routing {
namespace {

TEST(TextFeatures, are_the_same_on_every_machine) {
  const auto text = text_features("Solve 3x + 4 = 10. Größe?");
  uint32_t sum = 0;
  for (const auto& term : text.terms) sum = sum * 31 + term.hash;
  // Computed once; what was trained elsewhere is of use only as long as this holds.
  EXPECT_EQ(text.terms.size(), 21U);
  EXPECT_EQ(sum, 140'556'429U);
}

TEST(TextFeatures, are_sorted_and_each_once) {
  const auto text = text_features("the the the cat and the other cat");
  for (std::size_t i = 1; i < text.terms.size(); ++i) EXPECT_LT(text.terms[i - 1].hash, text.terms[i].hash);
}

TEST(TextFeatures, do_not_mind_case_also_beyond_ascii) {
  EXPECT_EQ(text_features("ÄRGER Über Café").terms, text_features("ärger über café").terms);
}

TEST(TextFeatures, hold_of_a_long_text_its_beginning_and_its_end) {
  const std::string middle(100'000, 'x');
  const auto text = text_features("begin " + middle + " end");
  const auto other = text_features("begin " + middle + middle + " end");
  EXPECT_EQ(text.terms, other.terms);
  EXPECT_NE(text.shape, other.shape);
}

TEST(TextFeatures, are_finite_for_any_bytes) {
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes += static_cast<char>(i * 7919 % 256);
  for (std::size_t length = 0; length < bytes.size(); length += 7) {
    for (const float value : text_features(std::string_view(bytes).substr(0, length)).shape) {
      EXPECT_TRUE(std::isfinite(value));
      EXPECT_LT(std::abs(value), 1000);
    }
  }
}

TEST(Shape, words_are_letters_digits_and_all_beyond_ascii) {
  const auto words = words_of("don't stop, größe: 3.5");
  EXPECT_EQ(words, (std::vector<std::string_view>{"don't", "stop", ",", "größe", ":", "3", ".", "5"}));
}

TEST(TaskPrompts, fill_phrases_in_and_keep_the_test_apart) {
  constexpr std::string_view file =
      "# c\n=\ten\tx\ttea|coffee\ncreative\ten\tA poem on {x}.\\n{y}\ngreeting\ten\thi\ntest\n=\ten\tx\tmilk\n"
      "creative\ten\tVerses: {x}\n";
  const auto training = task_prompts(file, PromptSet::training, 3);
  ASSERT_TRUE(training);
  ASSERT_EQ(training->size(), 4U);
  EXPECT_TRUE((*training)[0].prompt == "A poem on tea.\n{y}" || (*training)[0].prompt == "A poem on coffee.\n{y}");
  EXPECT_EQ((*training)[3].task, "greeting");
  const auto test = task_prompts(file, PromptSet::test, 2);
  ASSERT_TRUE(test && test->size() == 2);
  EXPECT_EQ((*test)[0].prompt, "Verses: milk");
}

TEST(TaskPrompts, say_which_line_is_wrong) {
  const auto read = task_prompts("greeting\ten\thi\nsinging\ten\tla\n", PromptSet::training, 1);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("line 2"), std::string::npos);
}

}  // namespace
}  // namespace weir::routing
