// Numbers with something for the eye between their groups: found as they are without it, in their own place; and names
// with numbers in them, which are none.
#include <map>

#include "guards/guard.h"

namespace weir {
namespace {

std::vector<Finding> findings(std::string_view text) {
  static const GuardSet guards{GuardSettings{}};
  return guards.inspect(text);
}

std::string replaced(std::string_view value, std::string_view gap) {
  std::string out;
  for (const char c : value) {
    if (c == ' ') {
      out += gap;
    } else {
      out += c;
    }
  }
  return out;
}

constexpr std::string_view gaps[] = {
    "_",  "<br>",       "<br/>",        "</b> <b>", "** **",         "*", "`", "·", " • ", "•", ")(", "][", "+",
    "~~", "</i><wbr/>", "&nbsp;&nbsp;", "__",       "<span> </span>"};

struct Value {
  std::string_view what;
  std::string_view text;
};

constexpr Value values[] = {{"payment_card", "4111 1111 1111 1111"},
                            {"payment_card", "5555 5555 5555 4444"},
                            {"payment_card", "3782 822463 10005"},
                            {"iban", "DE89 3704 0044 0532 0130 00"}};

TEST(DecoratedNumbers, are_found_whatever_stands_between_their_groups) {
  for (const auto& [what, value] : values) {
    for (const auto gap : gaps) {
      if (gap == ")(" && !value.ends_with(" 1111") && !value.ends_with(" 4444")) continue;  // of fours
      const std::string written = replaced(value, gap);
      const std::string text = "Please charge it to " + written + " as agreed.";
      const auto found = findings(text);
      const auto it =
          std::find_if(found.begin(), found.end(), [what = what](const Finding& one) { return one.what == what; });
      ASSERT_NE(it, found.end()) << text;
      const std::size_t begin = text.find(written);
      EXPECT_LE(it->begin, begin) << text;
      EXPECT_GE(it->end, begin + written.size()) << text;
      EXPECT_LE(it->end, begin + written.size() + gap.size()) << text;
    }
  }
}

TEST(DecoratedNumbers, named_ones_need_no_form_of_their_own) {
  for (const auto gap : {"_", "<br>", "·", "**"}) {
    const std::string text = "my social security number is 536" + std::string(gap) + "22" + gap + "1987";
    const auto found = findings(text);
    EXPECT_TRUE(std::any_of(found.begin(), found.end(), [](const Finding& one) { return one.what == "us_ssn"; }))
        << text;
  }
}

TEST(DecoratedNumbers, names_with_numbers_in_them_are_none) {
  for (const std::string_view text :
       {"test_2019_12_01_case", "IMG_20221206_140822_1234.jpg", "x[10][20][30] = y[1][2][3]", "f(10)(20)(30)",
        "<b>12</b> <b>34</b> <b>56</b>", "**12** **34** **56**", "1_000_000_000", "v1_2_3_4", "0x_1234_5678",
        "/4111/1111/1111/1111/index.html", "img_4111_1111_1111_1111.png",
        "<td>4111</td><td>1111</td><td>1111</td><td>1111</td>", "2019<br>2020<br>2021<br>2022", "a_1234_5678_9012_3457",
        "3*4*5*6", "2**10", "10+20+30+40", "4+6+5"}) {
    EXPECT_TRUE(findings(text).empty()) << text << ": " << findings(text).front().what;
  }
}

TEST(DecoratedNumbers, work_stays_linear_in_a_text_of_nothing_else) {
  std::string text;
  while (text.size() < 200'000) text += "1234_5678_";
  const GuardSet guards{GuardSettings{}};
  const auto small = guards.measure(std::string_view(text).substr(0, 20'000));
  const auto large = guards.measure(text);
  EXPECT_LE(large.calls, small.calls * 12 + 1'000);
}

}  // namespace
}  // namespace weir
