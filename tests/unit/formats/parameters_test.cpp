#include "formats/shared/parameters.h"

#include <gtest/gtest.h>

#include "core/json.h"

namespace weir {
namespace {

using Act = ParameterRule::Act;

struct Case {
  const char* name;
  ParameterRules rules;
  std::string body;
  std::string wanted;
  std::string changed;  // joined with `; `
};
void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

class Parameters : public ::testing::TestWithParam<Case> {};

TEST_P(Parameters, change_what_they_name_and_nothing_else) {
  const auto& one = GetParam();
  auto body = one.body;
  std::vector<std::string> changed;
  const bool differs = apply_parameters(body, one.rules, changed);
  EXPECT_EQ(body, one.wanted);
  EXPECT_EQ(differs, one.body != one.wanted);
  EXPECT_EQ(fmt::format("{}", fmt::join(changed, "; ")), one.changed);
  json::Document document;
  EXPECT_TRUE(document.parse_copy(body)) << body;
}

ParameterRules drop(std::vector<std::string> path) { return {{.act = Act::drop, .path = std::move(path)}}; }
ParameterRules set(std::vector<std::string> path, std::string value) {
  return {{.act = Act::set, .path = std::move(path), .value = std::move(value)}};
}
ParameterRules fallback(std::vector<std::string> path, std::string value) {
  return {{.act = Act::fallback, .path = std::move(path), .value = std::move(value)}};
}
ParameterRules rename(std::vector<std::string> path, std::string to) {
  return {{.act = Act::rename, .path = std::move(path), .value = std::move(to)}};
}
ParameterRules clamp(std::vector<std::string> path, std::string least, std::string most) {
  return {{.act = Act::clamp, .path = std::move(path), .least = std::move(least), .most = std::move(most)}};
}

const std::vector<Case> cases = {
    {"nothing_to_do", drop({"seed"}), R"({ "a" : 1.0e+2 , "b":"\u00e4" })", R"({ "a" : 1.0e+2 , "b":"\u00e4" })", ""},
    {"drop_the_first", drop({"a"}), R"({ "a":1, "b":2, "c":3 })", R"({ "b":2, "c":3 })", "a"},
    {"drop_the_middle", drop({"b"}), R"({"a":1 , "b":{"x":[1,2]} ,"c":3})", R"({"a":1 ,"c":3})", "b"},
    {"drop_the_last", drop({"c"}), R"({"a":1,"b":2, "c":"," })", R"({"a":1,"b":2 })", "c"},
    {"drop_the_only", drop({"a"}), R"({"a":1})", "{}", "a"},
    {"drop_every_duplicate", drop({"a"}), R"({"a":1,"b":2,"a":3})", R"({"b":2})", "a"},
    {"drop_a_null_says_nothing", drop({"a"}), R"({"a":null,"b":2})", R"({"b":2})", ""},
    {"drop_an_escaped_name", drop({"seed"}), R"({"se\u0065d":1,"b":2})", R"({"b":2})", "seed"},
    {"drop_within", drop({"options", "num_ctx"}), R"({"options":{"num_ctx":1, "seed":2},"x":1})",
     R"({"options":{ "seed":2},"x":1})", "options.num_ctx"},
    {"within_what_is_no_object", drop({"options", "x"}), R"({"options":[{"x":1}]})", R"({"options":[{"x":1}]})", ""},
    {"huge_numbers_stay_text", drop({"seed"}), R"({"seed":1,"n":123456789012345678901234567890.10})",
     R"({"n":123456789012345678901234567890.10})", "seed"},
    {"rename", rename({"max_tokens"}, "max_completion_tokens"), R"({"max_tokens" : 5,"x":1})",
     R"({"max_completion_tokens" : 5,"x":1})", ""},
    {"rename_to_what_is_there", rename({"max_tokens"}, "max_completion_tokens"),
     R"({"max_tokens":5,"max_completion_tokens":6})", R"({"max_completion_tokens":6})", "max_tokens"},
    {"rename_within", rename({"o", "a"}, "b"), R"({"o":{"a":1}})", R"({"o":{"b":1}})", ""},
    {"clamp_down", clamp({"t"}, "0", "1"), R"({"t":1.7})", R"({"t":1})", "t (clamped to 1)"},
    {"clamp_up", clamp({"t"}, "0.5", "1"), R"({"t": -3e2 })", R"({"t": 0.5 })", "t (clamped to 0.5)"},
    {"clamp_within_bounds", clamp({"t"}, "0", "1"), R"({"t":1.0})", R"({"t":1.0})", ""},
    {"clamp_what_no_double_holds", clamp({"t"}, "0", "1"), R"({"t":1e999})", R"({"t":1})", "t (clamped to 1)"},
    {"clamp_what_is_all_but_nothing", clamp({"t"}, "0", "1"), R"({"t":1e-999})", R"({"t":1e-999})", ""},
    {"clamp_below_all", clamp({"t"}, "0", "1"), R"({"t":-1e999})", R"({"t":0})", "t (clamped to 0)"},
    {"clamp_no_number", clamp({"t"}, "0", "1"), R"({"t":"9"})", R"({"t":"9"})", ""},
    {"default_where_missing", fallback({"t"}, "0.2"), R"({"a":1 })", R"({"a":1,"t":0.2 })", ""},
    {"default_into_nothing", fallback({"t"}, "0.2"), "{}", R"({"t":0.2})", ""},
    {"default_for_null", fallback({"t"}, "0.2"), R"({"t":null})", R"({"t":0.2})", ""},
    {"default_where_said", fallback({"t"}, "0.2"), R"({"t":0})", R"({"t":0})", ""},
    {"default_within", fallback({"o", "p", "q"}, "1"), R"({"o":{}})", R"({"o":{"p":{"q":1}}})", ""},
    {"default_within_what_is_missing", fallback({"o", "p"}, "[1]"), "{}", R"({"o":{"p":[1]}})", ""},
    {"set_what_is_there", set({"s"}, "false"), R"({"s":true,"s":1})", R"({"s":false,"s":false})", "s (set)"},
    {"set_the_same", set({"s"}, "false"), R"({"s":false})", R"({"s":false})", ""},
    {"set_what_is_missing", set({"s"}, "false"), R"({"a":1})", R"({"a":1,"s":false})", ""},
    {"no_object", drop({"a"}), R"([{"a":1}])", R"([{"a":1}])", ""},
    {"blanks_around", drop({"a"}), " {\"a\":1} \n", " {} \n", "a"},
};
INSTANTIATE_TEST_SUITE_P(each, Parameters, ::testing::ValuesIn(cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(parameters, hold_one_after_the_other) {
  ParameterRules rules;
  for (auto part : {rename({"max_tokens"}, "limit"), clamp({"limit"}, "1", "10"), fallback({"t"}, "1"),
                    rename({"t"}, "temperature"), set({"temperature"}, "2"), drop({"x"}), set({"o", "a"}, "1"),
                    set({"o", "b"}, "2"), drop({"o", "a"})}) {
    rules.insert(rules.end(), part.begin(), part.end());
  }
  std::string body = R"({"max_tokens":99,"x":1,"messages":[{"role":"user","content":"max_tokens"}]})";
  std::vector<std::string> changed;
  EXPECT_TRUE(apply_parameters(body, rules, changed));
  EXPECT_EQ(body, R"({"limit":10,"messages":[{"role":"user","content":"max_tokens"}],"temperature":2,"o":{"b":2}})");
  EXPECT_EQ(changed, (std::vector<std::string>{"limit (clamped to 10)", "x"}));
}

}  // namespace
}  // namespace weir
