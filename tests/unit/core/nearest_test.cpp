#include "core/nearest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir {
namespace {

const std::vector<std::string_view> names = {"assistant",       "gpt-4o",      "gpt-4o-mini",
                                             "claude-sonnet-4", "llama3.1:8b", ""};

TEST(nearest, is_what_was_meant) {
  EXPECT_EQ(nearest("assistant", names), "assistant");
  EXPECT_EQ(nearest("asistant", names), "assistant");
  EXPECT_EQ(nearest("Assitsant", names), "assistant");
  EXPECT_EQ(nearest("gpt4o", names), "gpt-4o");
  EXPECT_EQ(nearest("gpt-4o-mni", names), "gpt-4o-mini");
  EXPECT_EQ(nearest("GPT-4O", names), "gpt-4o");
  EXPECT_EQ(nearest("llama3.1", names), "llama3.1:8b");
  EXPECT_EQ(nearest("claude-sonnet-4-20250514", names), "claude-sonnet-4");
}

TEST(nearest, is_nothing_when_all_are_far) {
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest("mistral", names), "");
  EXPECT_EQ(nearest("ab", names), "");
  EXPECT_EQ(nearest("anything", {}), "");
}

TEST(nearest, takes_texts_of_any_length) {
  const std::string longer(10'000, 'x');
  const std::string long_name = longer + "y";
  const std::vector<std::string_view> one = {long_name};
  EXPECT_EQ(nearest(longer, one), long_name);
  EXPECT_EQ(nearest(longer, names), "");
}

}  // namespace
}  // namespace weir
