// Ids of tool calls in formats that allow fewer.
#include "formats/shared/call_id.h"

#include <gtest/gtest.h>

#include <set>

namespace weir {
namespace {

constexpr CallIdRule nine{.at_least = 9, .at_most = 9};
constexpr CallIdRule wide{.at_least = 1, .at_most = 64, .besides = "_.:-"};

TEST(call_id, what_fits_stays) {
  EXPECT_EQ(call_id("abcDEF123", nine), "abcDEF123");
  for (const std::string_view id :
       {"a", "call_0.1:2-3", "0123456789012345678901234567890123456789012345678901234567890123"}) {
    EXPECT_EQ(call_id(id, wide), id);
  }
}

TEST(call_id, what_does_not_fit_is_mapped_the_same_each_time) {
  for (const std::string_view id : {"", "call_abc", "abcDEF12", "abcDEF1234", "abcDEF12_", "grüße1234"}) {
    const auto made = call_id(id, nine);
    EXPECT_TRUE(fits(made, nine)) << made;
    EXPECT_EQ(call_id(id, nine), made);
    EXPECT_EQ(call_id(made, nine), made) << "an id that comes back is the same again";
  }
  EXPECT_TRUE(fits(call_id(std::string(65, 'a'), wide), wide));
}

TEST(call_id, ids_that_differ_little_stay_apart) {
  std::set<std::string> made;
  for (int i = 0; i < 100'000; ++i) made.insert(call_id("call_" + std::to_string(i), nine));
  EXPECT_EQ(made.size(), 100'000U);
}

TEST(call_id, results_without_an_id_belong_to_the_first_open_call_of_their_tool) {
  CallIds ids(wide);
  const auto call = [&](std::string_view name, std::string_view id = {}) {
    return ids.of_call({.kind = Part::Kind::tool_call, .id = id, .name = name});
  };
  const auto result = [&](std::string_view name, std::string_view id = {}) {
    return ids.of_result({.role = Role::tool, .name = name, .tool_call_id = id});
  };
  const auto f1 = call("f");
  const auto g = call("g");
  const auto f2 = call("f");
  EXPECT_EQ(call("f", "own"), "own");
  EXPECT_EQ(std::set<std::string>({f1, g, f2}).size(), 3U);
  EXPECT_EQ(result("g"), g);
  EXPECT_EQ(result("f"), f1);
  EXPECT_EQ(result("f", "own"), "own");
  EXPECT_EQ(result(""), f2);
  EXPECT_TRUE(fits(result("h"), wide)) << "one that nobody called has an id all the same";
}

}  // namespace
}  // namespace weir
