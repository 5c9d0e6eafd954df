#include "pipeline/continuation.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace weir {
namespace {

using Begins = Continuation::Begins;
using Pieces = std::vector<std::string>;

// What the reader has in the end; nullopt where the texts disagree.
std::optional<std::string> joined(const std::string& said, Begins begins, const Pieces& pieces) {
  Continuation continuation(said, begins);
  std::string text = said;
  for (const auto& piece : pieces) {
    const auto fresh = continuation.take(piece);
    if (!fresh) return std::nullopt;
    text += *fresh;
  }
  const auto rest = continuation.finish();
  if (!rest) return std::nullopt;
  return text + *rest;
}

Pieces cut(const std::string& text, std::mt19937& random) {
  Pieces pieces;
  for (std::size_t at = 0; at < text.size();) {
    const auto length = 1 + random() % 9;
    pieces.push_back(text.substr(at, length));
    at += length;
  }
  return pieces;
}

const std::string whole = "The river is calm today, and the weir holds it back. Nothing is twice.";

TEST(continuation, gives_one_text_wherever_it_was_cut_and_however_it_comes) {
  std::mt19937 random(7);
  for (std::size_t at = 2; at < whole.size(); ++at) {
    const auto said = whole.substr(0, at);
    EXPECT_EQ(joined(said, Begins::at_start, cut(whole, random)), whole) << at;
    EXPECT_EQ(joined(said, Begins::behind, cut(whole, random)), whole) << "started afresh all the same, " << at;
    EXPECT_EQ(joined(said, Begins::behind, cut(whole.substr(at), random)), whole) << "went on, " << at;
  }
}

TEST(continuation, blanks_before_the_first_word_are_nobodys_words) {
  EXPECT_EQ(joined("The river", Begins::at_start, {"\n", " The", " river", " flows"}), "The river flows");
  EXPECT_EQ(joined("\nThe river", Begins::at_start, {"The river", " flows"}), "\nThe river flows");
  EXPECT_EQ(joined("The river", Begins::behind, {"\n\nThe river flows"}), "The river flows");
  EXPECT_EQ(joined("The river", Begins::behind, {"\n", "\nIt flows."}), "The river\n\nIt flows.");
}

TEST(continuation, another_answer_is_not_joined) {
  EXPECT_EQ(joined("The river is calm", Begins::at_start, {"The lake"}), std::nullopt);
  EXPECT_EQ(joined("The river is calm", Begins::at_start, {"It is"}), std::nullopt);
  EXPECT_EQ(joined("The river is calm", Begins::behind, {"The river", " was wild"}), std::nullopt);
  EXPECT_EQ(joined("The river is calm", Begins::behind, {"The lake is calm"}), std::nullopt);
}

TEST(continuation, who_ends_before_it_has_said_what_was_said_disagrees) {
  EXPECT_EQ(joined("The river is calm", Begins::at_start, {"The river"}), std::nullopt);
  EXPECT_EQ(joined("The river is calm", Begins::at_start, {}), std::nullopt);
  EXPECT_EQ(joined("The river is calm", Begins::behind, {"The river"}), std::nullopt);
}

TEST(continuation, who_has_nothing_to_add_is_done) {
  EXPECT_EQ(joined("The river is calm.", Begins::at_start, {"The river is calm."}), "The river is calm.");
  EXPECT_EQ(joined("The river is calm.", Begins::behind, {}), "The river is calm.");
  EXPECT_EQ(joined("The river is calm.\n", Begins::at_start, {"The river is calm."}), "The river is calm.\n");
}

TEST(continuation, a_sign_that_comes_again_may_be_the_next_one) {
  EXPECT_EQ(joined("1", Begins::behind, {"1", "0 boats"}), "110 boats");
  EXPECT_EQ(joined("#", Begins::behind, {"# Title"}), "## Title");
  EXPECT_EQ(joined("I", Begins::behind, {"I am"}), "I am") << "a word does not";
}

TEST(continuation, text_in_other_scripts_is_joined_by_its_bytes) {
  const std::string text = "東京の川は今日も静かです。Käse 🌊!";
  for (std::size_t at = 3; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) continue;
    EXPECT_EQ(joined(text.substr(0, at), Begins::at_start, {text}), text);
    EXPECT_EQ(joined(text.substr(0, at), Begins::behind, {text}), text);
    EXPECT_EQ(joined(text.substr(0, at), Begins::behind, {text.substr(at)}), text);
  }
}

TEST(continuation, knows_whether_the_answer_was_given_from_the_start) {
  Continuation afresh("The river", Begins::behind);
  (void)afresh.take("The river flows");
  EXPECT_TRUE(afresh.from_start());
  Continuation behind("The river", Begins::behind);
  (void)behind.take(" flows");
  EXPECT_FALSE(behind.from_start());
}

}  // namespace
}  // namespace weir
