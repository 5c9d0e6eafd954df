#include "core/json_bulk.h"

#include <gtest/gtest.h>

#include <random>

#include "core/json.h"

namespace weir::json {
namespace {

std::string ones(std::size_t count, std::string_view separator = ",") {
  std::string text = "1";
  for (std::size_t i = 1; i < count; ++i) text.append(separator).append("1");
  return text;
}

std::string lean(std::string_view text) { return lean_text(text, survey_bulk(text)); }

bool valid(const std::string& text) { return Document().parse(text).has_value(); }

TEST(json_bulk, one_number_stands_for_a_long_list) {
  struct Case {
    std::string text;
    std::string expected;
    std::size_t left_out;
  };
  const Case cases[] = {
      {"[" + ones(64) + "]", "[1]", 63},
      {"[" + ones(63) + "]", "[" + ones(63) + "]", 0},
      {"[" + ones(64, " ,\n\t") + " ]", "[1 ]", 63},
      {"{\"a\":[" + ones(100) + "],\"b\":[[" + ones(200) + "],[2]]}", "{\"a\":[1],\"b\":[[1],[2]]}", 298},
      {"[" + ones(80) + ",2.5," + ones(80) + "]", "[2.5]", 160},
      {"[" + ones(80) + ",1e5," + ones(80) + "]", "[1,1e5,1]", 158},
      {"[\"" + ones(200) + "\"]", "[\"" + ones(200) + "\"]", 0},
      {"[\"\\\"\",\"[" + ones(200) + "\"]", "[\"\\\"\",\"[" + ones(200) + "\"]", 0},
      {"[-7," + ones(100) + ",\"x\"]", "[-7,\"x\"]", 100},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(lean(c.text), c.expected) << c.text;
    EXPECT_EQ(survey_bulk(c.text).left_out, c.left_out) << c.text;
  }
}

TEST(json_bulk, what_is_no_json_stays_none_and_what_is_stays_so) {
  const std::string pieces[] = {"[",
                                "]",
                                "{",
                                "}",
                                ",",
                                ":",
                                "\"a\"",
                                "\"\\\"\"",
                                ones(70),
                                "-1",
                                "0.50",
                                "1e400",
                                "01",
                                "-",
                                "99999999999999999999",
                                "null",
                                " ",
                                "tru",
                                "\"",
                                ones(65, " , "),
                                ones(64) + ",",
                                "\"a\":",
                                "[" + ones(66) + "]"};
  std::minstd_rand random(7);
  std::size_t good = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string text = (random() % 2) != 0 ? "[" : "{\"a\":";
    const auto count = random() % 6;
    for (unsigned i = 0; i < count; ++i) text += pieces[random() % std::size(pieces)];
    text += text[0] == '[' ? "]" : "}";
    const bool whole = valid(text);
    good += whole ? 1 : 0;
    ASSERT_EQ(valid(lean(text)), whole) << text << "\n" << lean(text);
  }
  EXPECT_GT(good, 500U);
}

TEST(json_bulk, values_are_never_counted_too_low) {
  for (const std::string_view unit : {"[],", "{},", "\"\",", "1e1,", "[1],", "{\"a\":[]},"}) {
    std::string text = "[";
    for (int i = 0; i < 1000; ++i) text += unit;
    text += "0]";
    EXPECT_GE(survey_bulk(text).values, 1000U) << unit;
  }
}

std::string request_of(std::string_view unit, std::size_t size) {
  std::string text = R"({"model":"m","x":[)";
  while (text.size() < size) text += unit;
  return text + "0]}";
}

TEST(json_request, many_values_are_refused_before_they_are_parsed) {
  for (const std::string_view unit : {"[],", "{},", "\"\",", "1e1,", "null,", "[1],"}) {
    Document document;
    const auto parsed = document.parse_request(request_of(unit, 6'000'000));
    ASSERT_FALSE(parsed) << unit;
    EXPECT_EQ(parsed.error().code, ErrorCode::body_too_large) << unit;
    EXPECT_TRUE(document.parse_request(R"({"a":1})"));
  }
}

TEST(json_request, a_long_list_of_numbers_stays_in_the_text_and_is_one_text_for_readers) {
  const auto text = R"({"before":"a","x":[)" + ones(100'000) + R"(],"behind":"b"})";
  Document document;
  ASSERT_TRUE(document.parse_request(text));
  EXPECT_EQ(document.left_out(), 99'999U);
  EXPECT_EQ(document.text(), text);
  Object root;
  ASSERT_EQ(document.root().get(root), simdjson::SUCCESS);
  EXPECT_EQ(string_or(root, "behind"), "b");
  document.survey();
  const std::vector<std::string_view> expected = {"before", "a", "x", std::string_view(text).substr(19, 199'999),
                                                  "behind", "b"};
  EXPECT_EQ(document.texts(), expected);
  ASSERT_EQ(document.fields().size(), 3U);
  const auto& field = document.fields()[1];
  EXPECT_EQ(field.key, "x");
  EXPECT_EQ(field.value_end - field.value_begin, 200'001U);
  ASSERT_TRUE(document.parse("{}"));
  EXPECT_EQ(document.left_out(), 0U);
}

TEST(json_request, a_fault_behind_a_long_list_is_shown_where_the_client_wrote_it) {
  const auto list = ones(100'000);
  Document document;
  const auto parsed = document.parse_request("{\"x\":[" + list + ",]}");
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().message.find("column " + std::to_string(list.size() + 8)), std::string::npos)
      << parsed.error().message;
}

}  // namespace
}  // namespace weir::json
