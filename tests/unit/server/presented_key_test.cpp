#include "server/presented_key.h"

#include <gtest/gtest.h>

#include "core/base64.h"

namespace weir {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string key_of(const Fields& fields) {
  net::MessageHead head;
  for (const auto& [name, value] : fields) head.headers.push_back({name, value});
  return presented_key(head);
}
std::string basic(std::string_view pair) { return "Basic " + encode_base64(pair); }

TEST(PresentedKey, stands_wherever_a_client_of_any_format_puts_it) {
  for (const char* name : {"Authorization", "X-Api-Key", "api-key", "x-goog-api-key"}) {
    EXPECT_EQ(key_of({{name, "wk-1"}}), "wk-1") << name;
  }
  for (const auto& value : {std::string("Bearer wk-1"), std::string("bearer   wk-1"), basic("user:wk-1"),
                            basic(":wk-1"), basic("wk-1:"), basic("wk-1"), "basic " + encode_base64("x:wk-1")}) {
    EXPECT_EQ(key_of({{"authorization", value}}), "wk-1") << value;
  }
}

TEST(PresentedKey, of_several_is_the_one_that_is_ours) {
  EXPECT_EQ(key_of({{"Authorization", basic("proxy:secret")}, {"x-api-key", "wk-1"}}), "wk-1");
  EXPECT_EQ(key_of({{"Authorization", "Bearer ya29.token"}, {"x-goog-api-key", "wk-1"}}), "wk-1");
  EXPECT_EQ(key_of({{"x-goog-api-key", "wk-2"}, {"Authorization", "Bearer wk-1"}}), "wk-1");
  EXPECT_EQ(key_of({{"x-api-key", "sk-1"}, {"api-key", "sk-2"}}), "sk-1");
}

TEST(PresentedKey, is_nothing_where_nothing_is_shown_and_what_was_shown_otherwise) {
  EXPECT_EQ(key_of({}), "");
  EXPECT_EQ(key_of({{"Authorization", ""}, {"x-api-key", ""}}), "");
  for (const auto& value : {std::string("Bearer sk-1"), basic("user:password"), std::string("Basic !!!"),
                            std::string("Basic"), std::string("Basic "), basic(""), basic("a:b:wk-1")}) {
    EXPECT_EQ(key_of({{"Authorization", value}}), value);
  }
}

}  // namespace
}  // namespace weir
