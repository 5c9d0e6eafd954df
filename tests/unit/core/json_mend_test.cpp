#include "core/json_mend.h"

#include <gtest/gtest.h>

#include "core/json.h"
#include "core/text_halves.h"

namespace weir::json {
namespace {

struct Case {
  std::string_view text;
  std::string_view mended;
};

TEST(json_mend, makes_json_of_what_servers_send_for_it) {
  constexpr Case cases[] = {
      {R"({"a":-Infinity,"b":NaN,"c":Infinity,"d":-inf})", R"({"a":-9999.0,"b":null,"c":null,"d":-9999.0})"},
      {R"({'a': None, 'b': True, 'c': 'it\'s "so"'})", R"({"a":null,"b":true,"c":"it's \"so\""})"},
      {R"([1,2,,3,])", R"([1,2,3])"},
      {R"([+1,01,1.5e3,1e999,-1e999])", R"([1,1,1.5e3,null,-9999.0])"},
      {"{\"a\":\"x\ty\nz\\q\\x41\"}", R"({"a":"x\ty\nz\\q\u0041"})"},
      {"\xEF\xBB\xBF{\"a\":1}", R"({"a":1})"},
      {R"({"a":{"b":[1)", R"({"a":{"b":[1]}})"},
      {R"({"a":)", R"({"a":null})"},
      {R"({"a":1} {"b":2})", R"({"a":1})"},
  };
  for (const auto& [text, expected] : cases) {
    const auto mended = mend(text);
    EXPECT_TRUE(mended.usable) << text;
    EXPECT_EQ(mended.text, expected);
    Document document;
    EXPECT_TRUE(document.parse_copy(mended.text)) << mended.text;
  }
}

TEST(json_mend, says_what_was_cut) {
  EXPECT_TRUE(mend(R"({"a":[1)").cut);
  EXPECT_FALSE(mend(R"({"a":[1]})").cut);
  const auto inside = mend(R"({"a":"hel)");
  EXPECT_TRUE(inside.cut);
  EXPECT_FALSE(inside.usable) << "half a string is not the string";
}

TEST(json_mend, guesses_nothing) {
  for (const std::string_view text : {"", "oops", "{oops}", R"({"a":oops})", R"({"a" 1})", "{]}", "[DONE]"}) {
    EXPECT_FALSE(mend(text).usable) << text;
  }
}

TEST(json_mend, finds_the_next_value) {
  const std::string_view text = R"({"a":1}{"b":2})";
  EXPECT_EQ(text.substr(mend(text).consumed), R"({"b":2})");
}

std::string text_of(std::string_view json) {
  const auto mended = mend(json);
  Document document;
  std::string_view text;
  if (!mended.usable || !document.parse_copy(mended.text) || document.root().get(text) != simdjson::SUCCESS) return "?";
  return std::string(text);
}

// All ways to cut a text of characters outside the first plane into three pieces, by surrogate halves and by bytes.
TEST(text_halves, join_wherever_a_text_is_cut) {
  const std::vector<std::string> halves = {"a", "\\ud83d", "\\ude00", "b", "\\ud83d", "\\ude01", "\\ud83d", "\\ude02"};
  const std::string whole =
      "a\xF0\x9F\x98\x80"
      "b\xF0\x9F\x98\x81\xF0\x9F\x98\x82";
  for (std::size_t first = 0; first <= halves.size(); ++first) {
    for (std::size_t second = first; second <= halves.size(); ++second) {
      HalfJoiner joiner;
      std::string joined;
      std::string piece = "\"";
      for (std::size_t i = 0; i <= halves.size(); ++i) {
        if (i == first || i == second || i == halves.size()) {
          joined += joiner.add(text_of(piece + "\""));
          piece = "\"";
        }
        if (i < halves.size()) piece += halves[i];
      }
      EXPECT_EQ(joined + joiner.end(), whole) << first << " " << second;
    }
  }
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    HalfJoiner joiner;
    auto joined = joiner.add(text_of("\"" + whole.substr(0, cut) + "\""));
    joined += joiner.add(text_of("\"" + whole.substr(cut) + "\""));
    EXPECT_EQ(joined + joiner.end(), whole) << cut;
  }
}

TEST(text_halves, what_finds_no_other_half_is_replaced) {
  const std::string gone = "\xEF\xBF\xBD";
  HalfJoiner joiner;
  EXPECT_EQ(joiner.add(text_of(R"("a\ud83d")")), "a");
  EXPECT_TRUE(joiner.open());
  EXPECT_EQ(joiner.add(""), "");
  EXPECT_EQ(joiner.add("b"), gone + "b");
  EXPECT_EQ(joiner.add(text_of(R"("\ude00")")), gone);
  EXPECT_EQ(joiner.add(text_of("\"\xF0\x9F\"")), "");
  EXPECT_EQ(joiner.end(), gone);
  EXPECT_EQ(without_half_marks(text_of("\"x\xFFy\"")), "x" + gone + "y");
}

}  // namespace
}  // namespace weir::json
