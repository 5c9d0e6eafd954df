// `experiments:` and `dial:` of a config: what they become, and what is refused with its place.
#include <gtest/gtest.h>

#include "config/load.h"
#include "core/dial_settings.h"
#include "core/experiment_settings.h"

namespace weir {
namespace {

constexpr std::string_view head = R"(
providers:
  - {id: near, kind: openai_compatible, url: 'http://127.0.0.1:9', zone: local, discover: false, health_check: false}
models:
  - {id: small, provider: near, name: small}
  - {id: large, provider: near, name: large}
routes:
  - {name: helper, rules: [{use: [large, small]}]DIAL}
experiments:
)";

Loaded load(std::string experiments, std::string_view dial = "") {
  std::string text(head);
  text.replace(text.find("DIAL"), 4, dial);
  text += experiments.empty() ? "  []\n" : experiments;
  return load_config_text(text, "weir.yaml", Surroundings{});
}

std::string errors(const Loaded& loaded) {
  std::string all;
  for (const auto& one : loaded.problems) {
    if (one.weight == Weight::error) all += std::to_string(one.line) + ": " + one.message + "\n";
  }
  return all;
}

TEST(experiments, are_built_with_their_defaults) {
  const auto loaded = load(
      "  - {name: trial, kind: shadow, route: helper, models: [small]}\n"
      "  - {name: two, kind: ab, route: helper, models: [large, small], share: 30%, sticky: tag, until: 2027-03-31}\n"
      "  - {name: fly, kind: canary, route: helper, models: [small], share: 20%, slower: 2.5}\n");
  ASSERT_EQ(errors(loaded), "");
  ASSERT_EQ(loaded.snapshot.experiments.size(), 3U);
  const auto& shadow = *loaded.snapshot.experiments[0];
  EXPECT_EQ(shadow.kind, ExperimentKind::shadow);
  EXPECT_EQ(shadow.sample, 100'000);
  EXPECT_FALSE(shadow.keep_answers);
  const auto& two = *loaded.snapshot.experiments[1];
  EXPECT_EQ(two.share, 300'000);
  EXPECT_EQ(two.sticky, StickTo::tag);
  EXPECT_EQ(two.until_us, 1'806'451'200'000'000);
  const auto& fly = *loaded.snapshot.experiments[2];
  EXPECT_EQ(fly.steps, (std::vector<int64_t>{200'000, 250'000, 500'000, 1'000'000}));
  EXPECT_EQ(fly.slower, 250);
}

TEST(experiments, a_dial_brings_the_experiment_that_it_learns_from) {
  const auto loaded = load("", ", dial: {keep_quality: 0.9, of: large}");
  ASSERT_EQ(errors(loaded), "");
  ASSERT_TRUE(loaded.snapshot.routes.front().dial);
  EXPECT_EQ(loaded.snapshot.routes.front().dial->keep_quality, 900'000);
  ASSERT_EQ(loaded.snapshot.experiments.size(), 1U);
  const auto& pairs = *loaded.snapshot.experiments.front();
  EXPECT_EQ(pairs.name, "dial:helper");
  EXPECT_EQ(pairs.kind, ExperimentKind::dial);
  EXPECT_EQ(loaded.snapshot.models[pairs.models[0]].id, "small");
  EXPECT_EQ(loaded.snapshot.models[pairs.models[1]].id, "large");
}

TEST(experiments, what_cannot_be_is_refused_with_its_place) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"  - {name: a, kind: shadow, route: nowhere, models: [small]}\n", "`route` names one that does not exist"},
      {"  - {name: a, kind: shadow, route: helper, models: [tiny]}\n", "`models` names a model that does not exist"},
      {"  - {name: a, kind: ab, route: helper, models: [small]}\n", "an A/B experiment has two models"},
      {"  - {name: a, kind: shadow, route: helper, models: [small, large]}\n", "a shadow has one model"},
      {"  - {name: a, kind: mirror, route: helper, models: [small]}\n", "kind"},
      {"  - {name: a, kind: shadow, route: helper}\n", "models"},
      {"  - {name: a, kind: canary, route: helper, models: [small], steps: [20%, 10%]}\n", "`steps` are shares"},
      {"  - {name: a, kind: shadow, route: helper, models: [small], steps: [20%]}\n", "`steps` are for canaries"},
      {"  - {name: a, kind: shadow, route: helper, models: [small], until: tomorrow}\n", "`until` must be a day"},
      {"  - {name: a, kind: shadow, route: helper, models: [small], until: 2027-02-30}\n", "`until` must be a day"},
      {"  - {name: 'dial:x', kind: shadow, route: helper, models: [small]}\n", "one of Weir's own"},
      {"  - {name: a, kind: shadow, route: helper, models: [small], judge: mother}\n", "judge"},
      {"  - {name: a, kind: shadow, route: helper, models: [small], sample: 120%}\n", "sample"},
      {"  - {name: a, kind: shadow, route: helper, models: [small], colour: red}\n", "colour"},
  };
  for (const auto& [text, wanted] : cases) {
    const auto loaded = load(text);
    EXPECT_NE(errors(loaded).find(wanted), std::string::npos) << text << errors(loaded);
  }
  EXPECT_NE(errors(load("", ", dial: {of: large, model: large}")).find("two models"), std::string::npos);
  EXPECT_NE(errors(load("", ", dial: {keep_quality: 0.9}")).find("of"), std::string::npos);
}

TEST(experiments, one_name_is_one_experiment) {
  const auto loaded = load(
      "  - {name: a, kind: shadow, route: helper, models: [small]}\n"
      "  - {name: a, kind: shadow, route: helper, models: [small]}\n");
  EXPECT_NE(errors(loaded).find("already names an experiment"), std::string::npos) << errors(loaded);
}

}  // namespace
}  // namespace weir
