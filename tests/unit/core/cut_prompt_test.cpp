#include "core/cut_prompt.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

bool cut(const std::string& text, Usage usage) {
  Request request;
  request.messages.push_back({.parts = {{.text = text}}});
  usage.known = true;
  return was_cut(request, usage);
}

std::string words(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "The river is calm today. ";
  return text;
}

TEST(CutPrompt, is_recognised_where_a_server_read_just_what_a_context_holds) {
  for (const int64_t read : {2'048, 4'096, 4'090, 3'072}) EXPECT_TRUE(cut(words(1'500), {.input = read})) << read;
}

TEST(CutPrompt, texts_to_be_embedded_are_prompts_too) {
  const auto text = words(1'500);
  Request request;
  request.operation = Operation::embedding;
  request.inputs = {text};
  EXPECT_TRUE(was_cut(request, {.input = 2'048, .known = true}));
  EXPECT_FALSE(was_cut(request, {.input = 9'001, .known = true}));
}

TEST(CutPrompt, other_counts_below_the_estimate_have_other_reasons) {
  EXPECT_FALSE(cut(words(1'500), {.input = 9'001})) << "all of it";
  EXPECT_FALSE(cut(words(1'500), {.input = 12})) << "the rest was in a cache that the server does not count";
  EXPECT_FALSE(cut(words(1'500), {.input = 3'000})) << "no context has that length";
  EXPECT_FALSE(cut(words(1'500), {.input = 4'000})) << "nor that, and a template takes less than what is missing";
  EXPECT_FALSE(cut(words(1'500), {.input = 4'097}));
  EXPECT_FALSE(cut(words(1'500), {.input = 1'010})) << "no server runs with so short a context";
  EXPECT_FALSE(cut(words(1'500), {.input = 4'096, .estimated = true})) << "nobody counted";
  EXPECT_FALSE(cut(words(1'500), {.input = 4'096, .cached = 4'000})) << "it says that it had it in its cache";
  EXPECT_FALSE(cut(words(600), {.input = 4'096})) << "a prompt that may well have so many";
  EXPECT_FALSE(cut(std::string(100'000, ' '), {.input = 4'096})) << "blanks are few tokens";
}

TEST(context_to_ask, fits_the_request_in_steps_and_never_beyond_the_model) {
  struct Case {
    int64_t input, most, length, wanted;  // wanted 0: the server's own will do
  };
  for (const auto& [input, most, length, wanted] :
       {Case{30, 100, 32'768, 0}, Case{2'400, 0, 32'768, 0}, Case{2'500, 0, 32'768, 8'192},
        Case{10'000, 0, 32'768, 16'384}, Case{10'000, 10'000, 32'768, 32'768}, Case{10'000, 10'000, 20'000, 20'000},
        Case{10'000, 100, 0, 16'384}, Case{30, 100'000, 131'072, 131'072}, Case{110'000, 100, 32'768, 32'768},
        Case{INT64_MAX, INT64_MAX, 0, 1'048'576}, Case{-5, -5, 0, 0}}) {
    EXPECT_EQ(context_to_ask(input, most, length), wanted) << input << " " << most << " " << length;
  }
}

}  // namespace
}  // namespace weir
