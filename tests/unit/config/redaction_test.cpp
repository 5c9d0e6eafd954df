// What a config says of redaction and refusals, and what is wrong with it.
#include <gtest/gtest.h>

#include "config/privacy_gaps.h"
#include "loading.h"

namespace weir::test {
namespace {

std::string config(std::string_view rule, std::string_view route = "") {
  return fmt::format(
      "providers:\n  - {{id: p, kind: openai}}\n  - {{id: near, kind: ollama}}\nmodels:\n  - {{id: m, provider: p, "
      "name: "
      "gpt-4o}}\n  - {{id: n, provider: near, name: n}}\nroutes:\n  - name: r{}\n    rules:\n      - {}\n      - "
      "{{use: "
      "[n, m]}}\n",
      route, rule);
}

Loaded loaded(const std::string& text) {
  World world;
  world.variables = {{"OPENAI_API_KEY", "sk-from-environment"}};
  return world.load(text);
}

TEST(redaction_config, is_read) {
  const auto out = loaded(config("{when: {sensitive: any}, redact: [cloud]}", "\n    redact_session: 30m"));
  EXPECT_EQ(problems_of(out), "");
  ASSERT_EQ(out.snapshot.routes.size(), 1U);
  ASSERT_EQ(out.snapshot.routes[0].rules[0].redact.size(), 1U);
  EXPECT_EQ(out.snapshot.routes[0].placeholders_ms, 30 * 60'000);
  const auto blocks = loaded(config("{when: {sensitive: [secret]}, block: true}"));
  EXPECT_EQ(problems_of(blocks), "");
  EXPECT_TRUE(blocks.snapshot.routes[0].rules[0].block);
}

TEST(redaction_config, says_what_is_wrong_and_how_to_mend_it) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"{redact: [cloud]}", "`redact` without `sensitive`"},
      {"{when: {sensitive: any}, redact: [moon]}", "this is no zone"},
      {"{when: {sensitive: any}, redact: []}", "`redact` is empty"},
      {"{when: {sensitive: any}, redact: ['cloud:mars']}", "no model is there"},
      {"{when: {sensitive: any}, redact: [cloud], zones: [local]}", "keeps everything out of cloud"},
      {"{when: {sensitive: any}, block: true, use: [m]}", "`block` together with `use`"},
      {"{when: {sensitive: any}, block: true, redact: [cloud]}", "`block` together with `redact`"},
      {"{when: {sensitive: any}, block: true, zones: [local]}", "`block` together with `zones`"},
  };
  for (const auto& [rule, expected] : cases) {
    const auto problems = problems_of(loaded(config(rule)));
    EXPECT_NE(problems.find(expected), std::string::npos) << rule << "\n" << problems;
  }
}

TEST(redaction_config, counts_as_a_rule_on_sensitive_data) {
  const auto gaps_of = [](std::string_view rule) {
    const auto out =
        loaded(config(rule) + "  - {name: other, rules: [{when: {sensitive: any}, zones: [local]}, {use: [n, m]}]}\n");
    std::string text;
    for (const auto& gap : privacy_gaps(out.snapshot, Keys::none)) text += gap.message + "\n";
    return text;
  };
  EXPECT_EQ(gaps_of("{when: {sensitive: any}, redact: [cloud]}"), "");
  EXPECT_EQ(gaps_of("{when: {sensitive: any}, block: true}"), "");
  EXPECT_NE(gaps_of("{when: {sensitive: any}, redact: ['cloud:eu']}").find("which this `redact` does not name"),
            std::string::npos);
}

}  // namespace
}  // namespace weir::test
