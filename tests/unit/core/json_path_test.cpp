#include "core/json.h"

namespace weir {
namespace {

TEST(json_path, each_text_of_a_survey_has_its_path) {
  json::Document document;
  ASSERT_TRUE(document.parse(
      R"({"a": "x", "messages": [{"role": "user", "content": [{"text": "a, [b]: \"c\""}, {"n": -1.5e+3}]}, {"content": "z"}],
                               "list": [true, 1, null, "s", [], {}, [2]], "e\"": "q"})"));
  document.survey();
  const std::vector<std::pair<std::string_view, std::string>> wanted = {
      {"a", "a"},
      {"x", "a"},
      {"messages", "messages"},
      {"role", "messages[0].role"},
      {"user", "messages[0].role"},
      {"content", "messages[0].content"},
      {"text", "messages[0].content[0].text"},
      {"a, [b]: \"c\"", "messages[0].content[0].text"},
      {"n", "messages[0].content[1].n"},
      {"-1.5e+3", "messages[0].content[1].n"},
      {"content", "messages[1].content"},
      {"z", "messages[1].content"},
      {"list", "list"},
      {"1", "list[1]"},
      {"s", "list[3]"},
      {"2", "list[6][0]"},
      {"e\"", "e\\\""},
      {"q", "e\\\""}};
  ASSERT_EQ(document.texts().size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(document.texts()[i], wanted[i].first);
    EXPECT_EQ(json::path_of_text(document, i), wanted[i].second) << i;
  }
  EXPECT_EQ(json::path_of_text(document, wanted.size()), "");
}

TEST(json_path, keys_and_numbers_are_known_by_their_place) {
  json::Document document;
  ASSERT_TRUE(document.parse(R"({"k": ["k", {"k": 1}], "m" : {"": "k"}})"));
  document.survey();
  const auto kinds = document.text_kinds();
  std::string seen;
  for (const auto text : document.texts()) seen += kinds.is_key(text) ? 'k' : kinds.is_number(text) ? 'n' : 's';
  EXPECT_EQ(seen,
            "kskn"
            "kks");
  EXPECT_FALSE(json::TextKinds().is_key("k"));
  EXPECT_FALSE(json::TextKinds().is_number("1"));
}

}  // namespace
}  // namespace weir
