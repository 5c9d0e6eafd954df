#include "loading.h"

namespace weir {
namespace {

constexpr std::string_view models = R"(
providers:
  - {id: here, kind: ollama}
models:
  - {id: small, provider: here}
)";

Loaded load(std::string_view rule, std::string_view guards = "") {
  return test::World{}.load(fmt::format(
      "{}{}\nroutes:\n  - name: r\n    rules:\n      - {}\n      - {{use: [small]}}\n", models, guards, rule));
}

TEST(identity_config, looks_for_names_only_where_a_rule_asks) {
  struct Case {
    std::string_view rule, guards;
    bool asked, in_any;
  };
  const Case cases[] = {
      {"{when: {sensitive: any}, zones: [local]}", "", false, false},
      {"{when: {sensitive: [personal]}, zones: [local]}", "", false, false},
      {"{when: {sensitive: [identity]}, zones: [local]}", "", true, false},
      {"{when: {sensitive: [any, identity]}, zones: [local]}", "", true, false},
      {"{when: {sensitive: any}, zones: [local]}", "guards: {identity: {in_any: true}}", true, true},
  };
  for (const Case& one : cases) {
    const Loaded loaded = load(one.rule, one.guards);
    EXPECT_EQ(loaded.snapshot.guards.identity, one.asked) << one.rule << test::problems_of(loaded);
    EXPECT_EQ(loaded.snapshot.guards.identity_in_any, one.in_any) << one.rule;
    const ClassSet classes = loaded.snapshot.routes.at(0).rules.at(0).when.sensitive;
    EXPECT_EQ((classes & class_identity) != 0, one.asked) << one.rule;
  }
}

}  // namespace
}  // namespace weir
