#include "config/values.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(values, durations_have_a_unit) {
  EXPECT_EQ(parse_duration("300ms"), 300);
  EXPECT_EQ(parse_duration("0s"), 0);
  EXPECT_EQ(parse_duration("2s"), 2000);
  EXPECT_EQ(parse_duration("1.5m"), 90'000);
  EXPECT_EQ(parse_duration("30d"), 30LL * 24 * 3'600'000);
  EXPECT_EQ(duration_text(30LL * 24 * 3'600'000), "30d");
  EXPECT_EQ(parse_duration("1 h"), 3'600'000);
  for (const auto* wrong :
       {"", "5", "s", "-1s", "1e3s", "1.2.3s", "2 weeks", "1s ", "99999999h", "nan", "infs", "١s"}) {
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
  }
}

TEST(values, sizes_may_have_a_unit) {
  EXPECT_EQ(parse_size("4096"), 4096);
  EXPECT_EQ(parse_size("64KiB"), 65'536);
  EXPECT_EQ(parse_size("1.5MiB"), 1'572'864);
  EXPECT_EQ(parse_size("1GiB"), 1'073'741'824);
  EXPECT_EQ(parse_size("10 MB"), 10'000'000);
  for (const auto* wrong : {"", "KiB", "-1", "1 kib", "99999999GiB"})
    EXPECT_EQ(parse_size(wrong), std::nullopt) << wrong;
}

TEST(values, dollars_become_micro_dollars_rounded_half_up) {
  EXPECT_EQ(parse_dollars("2.5"), 2'500'000);
  EXPECT_EQ(parse_dollars("$0.075"), 75'000);
  EXPECT_EQ(parse_dollars("0"), 0);
  EXPECT_EQ(parse_dollars("0.0000005"), 1);
  EXPECT_EQ(parse_dollars("0.0000004"), 0);
  for (const auto* wrong : {"", "$", "-1", "2,5", "1 EUR", "1e9", "99999999999999"})
    EXPECT_EQ(parse_dollars(wrong), std::nullopt) << wrong;
}

TEST(values, texts_of_numbers_read_back_as_the_same) {
  for (const int64_t ms : {0LL, 1LL, 999LL, 1000LL, 90'000LL, 600'000LL, 7'200'000LL, 1'234'567LL}) {
    EXPECT_EQ(parse_duration(duration_text(ms)), ms) << duration_text(ms);
  }
  for (const int64_t bytes : {1LL, 1024LL, 33'554'432LL, 1'000'000LL, 2'147'483'648LL}) {
    EXPECT_EQ(parse_size(size_text(bytes)), bytes) << size_text(bytes);
  }
  for (const MicroDollars amount : {0LL, 1LL, 75'000LL, 2'500'000LL, 10'000'000LL, 1'234'567LL}) {
    EXPECT_EQ(parse_dollars(dollars_text(amount)), amount) << dollars_text(amount);
  }
}

TEST(values, flags_are_true_or_false_and_nothing_else) {
  EXPECT_EQ(parse_flag("true"), true);
  EXPECT_EQ(parse_flag("false"), false);
  for (const auto* wrong : {"yes", "no", "on", "off", "True", "1", ""})
    EXPECT_EQ(parse_flag(wrong), std::nullopt) << wrong;
}

struct Expansion {
  std::string_view text;
  std::string_view result;
  std::string_view missing;
  bool fault;
};

TEST(values, variables_are_put_in) {
  const Environment environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "A") return "one";
    if (name == "EMPTY") return "";
    if (name == "NESTED") return "${A}";
    return std::nullopt;
  };
  for (const auto& [text, result, missing, fault] :
       std::vector<Expansion>{{"plain", "plain", "", false},
                              {"${A}", "one", "", false},
                              {"x${A}y${A}", "xoneyone", "", false},
                              {"${B:-two}", "two", "", false},
                              {"${B:-}", "", "", false},
                              {"${A:-two}", "one", "", false},
                              {"${EMPTY}", "", "", false},
                              {"${EMPTY:-full}", "full", "", false},
                              {"${NESTED}", "${A}", "", false},  // what a variable holds is not looked into
                              {"$A $ 5$", "$A $ 5$", "", false},
                              {"$$", "$", "", false},
                              {"$${A}", "${A}", "", false},
                              {"${B}", "", "B", false},
                              {"${A", "", "", true},
                              {"${}", "", "", true},
                              {"${1A}", "", "", true},
                              {"${A-b}", "", "", true}}) {
    const auto expanded = expand(text, environment);
    EXPECT_EQ(expanded.fault.empty(), !fault) << text;
    if (!fault) {
      EXPECT_EQ(expanded.text, result) << text;
      EXPECT_EQ(expanded.missing,
                missing.empty() ? std::vector<std::string>{} : std::vector<std::string>{std::string(missing)})
          << text;
    }
  }
  EXPECT_FALSE(expand("plain", environment).changed);
  EXPECT_TRUE(expand("${A}", environment).changed);
  EXPECT_EQ(expand("${A}", nullptr).missing.size(), 1U);
}

}  // namespace
}  // namespace weir
