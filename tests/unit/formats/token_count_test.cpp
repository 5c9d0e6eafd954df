#include "formats/shared/token_count.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(TokenCount, is_read_in_every_form_and_says_what_is_odd) {
  struct Case {
    std::string_view text;
    int64_t value;
    bool doubtful;
  };
  for (const auto& [text, value, doubtful] : {
           Case{"0", 0, false},
           Case{"12", 12, false},
           Case{"12.0", 12, false},
           Case{"\"12\"", 12, false},
           Case{"\"12.0\"", 12, false},
           Case{"null", 0, false},
           Case{"-1", 0, true},
           Case{"\"-1\"", 0, true},
           Case{"12.25", 13, true},
           Case{"\"12.25\"", 13, true},
           Case{"9223372036854775807", INT64_MAX, false},  // for the bounds to judge
           Case{"18446744073709551615", INT64_MAX, true},
           Case{"1e300", INT64_MAX, true},
           Case{"-1e300", 0, true},
           Case{"\"1e999\"", INT64_MAX, true},
           Case{"\"-1e999\"", 0, true},
           Case{"\"nan\"", 0, true},
           Case{"\"\"", 0, true},
           Case{"\"12 tokens\"", 0, true},
           Case{"true", 0, true},
           Case{"[12]", 0, true},
           Case{"{}", 0, true},
       }) {
    json::Document document;
    ASSERT_TRUE(document.parse(fmt::format("{{\"n\": {}}}", text))) << text;
    json::Element element;
    ASSERT_EQ(document.root().at_key("n").get(element), simdjson::SUCCESS);
    const auto count = read_token_count(element);
    EXPECT_EQ(count.value, value) << text;
    EXPECT_EQ(count.doubtful, doubtful) << text;
  }
}

}  // namespace
}  // namespace weir
