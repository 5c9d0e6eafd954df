// What a route says of load: a second candidate that is asked in time.
#include <gtest/gtest.h>

#include "core/hedge_rules.h"
#include "loading.h"

namespace weir::test {
namespace {

std::string with_hedge(std::string_view hedge) {
  return fmt::format(
      "providers: [{{kind: ollama}}]\nmodels: [{{id: m, provider: ollama, name: x}}, {{id: n, provider: ollama, name: "
      "y}}]\nroutes:\n  - name: r\n    rules: [{{use: [m, n]}}]\n    hedge: {}\n",
      hedge);
}

struct Written {
  std::string_view hedge;
  HedgeRules rules;
};

TEST(hedge_of_a_route, is_p95_a_time_or_both_with_a_share) {
  for (const auto& [hedge, rules] : std::vector<Written>{
           {"p95", {}},
           {"800ms", {.after_ms = 800}},
           {"1.5s", {.after_ms = 1'500}},
           {"{}", {}},
           {"{after: p95}", {}},
           {"{share: 5%}", {.share = 50'000}},
           {"{after: 2s, share: 100%}", {.after_ms = 2'000, .share = 1'000'000}},
           {"{after: '${PATIENCE}'}", {.after_ms = 300}},
           {"${PATIENCE}", {.after_ms = 300}},
       }) {
    World world;
    world.variables["PATIENCE"] = "300ms";
    const auto loaded = world.load(with_hedge(hedge));
    ASSERT_EQ(problems_of(loaded), "") << hedge;
    ASSERT_TRUE(loaded.snapshot.routes[0].hedge) << hedge;
    EXPECT_EQ(*loaded.snapshot.routes[0].hedge, rules) << hedge;
  }
  EXPECT_FALSE(World{}.load("providers: [{kind: ollama}]\n").snapshot.routes[0].hedge);
}

TEST(hedge_of_a_route, says_what_is_wrong_with_it_and_where) {
  for (const auto& [hedge, problem] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"soon", "6:12 `hedge` is neither a time nor `p95` | write 800ms, 2s or p95\n"},
           {"p99", "6:12 `hedge` is neither a time nor `p95` | write 800ms, 2s or p95\n"},
           {"0s", "6:12 `hedge` is neither a time nor `p95` | write 800ms, 2s or p95\n"},
           {"-1s", "6:12 `hedge` is neither a time nor `p95` | write 800ms, 2s or p95\n"},
           {"{after: 5}", "6:20 `hedge` is neither a time nor `p95` | write 800ms, 2s or p95\n"},
           {"{share: 0%}", "6:12 a `share` of 0 asks nobody | give it one, or remove `hedge`\n"},
       }) {
    EXPECT_EQ(problems_of(World{}.load(with_hedge(hedge))), problem) << hedge;
  }
  for (const auto* hedge : {"[p95]", "{share: 20}", "{after: [1s]}", "{before: 1s}", "{share: -1%}", ""})
    EXPECT_NE(problems_of(World{}.load(with_hedge(hedge))), "") << hedge;
}

TEST(hedge_of_a_route, with_nobody_else_to_ask_is_warned_of) {
  std::string alone = with_hedge("p95");
  alone.replace(alone.find("[m, n]"), 6, "[m]");
  EXPECT_EQ(problems_of(World{}.load(alone)),
            "w 6:12 `hedge` with nobody else to ask: no rule names two models | name another one in `use`, or "
            "remove `hedge`\n");
}

}  // namespace
}  // namespace weir::test
