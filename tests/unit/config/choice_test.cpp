// What a config says of the choice of models: several keys, aliases, wildcards, larger contexts, parameters.
#include <gtest/gtest.h>

#include "core/wildcard.h"
#include "loading.h"

namespace weir::test {
namespace {

struct Case {
  const char* name;
  std::string text;
  std::string problems;
};
void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

std::string config(std::string_view provider, std::string_view model = "", std::string_view route = "") {
  return fmt::format(
      "providers:\n  - {{id: p, kind: openai{}}}\nmodels:\n  - {{id: m, provider: p, name: gpt-4o{}}}\nroutes:\n  - "
      "{{name: r, rules: [{{use: [m]}}]{}}}\n",
      provider, model, route);
}
std::string models(std::string_view lines) {
  return "providers:\n  - {id: p, kind: openai}\nmodels:\n" + std::string(lines) +
         "routes:\n  - {name: r, rules: [{use: [p/gpt-4o]}]}\n";
}

class ChoiceProblems : public ::testing::TestWithParam<Case> {};

TEST_P(ChoiceProblems, are_said_with_place_and_mend) {
  World world;
  world.variables = {{"OPENAI_API_KEY", "sk-from-environment"}, {"A", "key-a"}, {"B", "key-b"}, {"EMPTY", ""}};
  EXPECT_EQ(problems_of(world.load(GetParam().text)), GetParam().problems);
}

const std::vector<Case> cases = {
    {"several_keys", config(", api_keys: [{key: '${A}', weight: 3}, {key: '${B}'}]"), ""},
    {"key_beside_keys", config(", api_key: '${A}', api_keys: [{key: '${B}'}]"),
     "2:55 `api_keys` beside `api_key` | keep one of the two\n"},
    {"no_keys", config(", api_keys: []"), "2:37 `api_keys` is empty | name at least one, or remove the key\n"},
    {"weight_of_nothing", config(", api_keys: [{key: '${A}', weight: 0}]"),
     "2:60 `weight` must be a whole number from 1 to 1000, not `0` | write weight: 3\n"},
    {"same_key_twice", config(", api_keys: [{key: '${A}'}, {key: '${A}', weight: 2}]"),
     "2:59 the same credential stands here twice | keep one of them, with a greater weight\n"},
    {"empty_key", config(", api_keys: [{key: '${A}'}, {key: '${EMPTY}'}]"),
     "2:59 an empty credential | remove it, or set its variable\n"},
    {"key_in_the_file", config(", api_keys: [{key: '${A}'}, {key: sk-plain}]"),
     "w 2:59 the credential itself is in the file | write key: ${OPENAI_API_KEY} and set that variable\n"},
    {"alias_of_a_route", config("", ", aliases: [fast, r]"),
     "6:12 `r` already names a route or model, at line 4 | give one of them another name\n"},
    {"alias_of_itself", config("", ", aliases: [m]"),
     "4:50 `m` already names a route or model, at line 4 | give one of them another name\n"},
    {"alias_that_is_no_name", config("", ", aliases: ['a b']"),
     "4:50 this cannot name a route or model | use letters, digits and . _ : / @ + -, a letter or digit first, at most "
     "128\n"},
    {"wildcards", models("  - {provider: p, name: '*'}\n  - {id: 'gpt-*', provider: p, name: 'gpt-*'}\n"), ""},
    {"star_in_id_alone", models("  - {id: 'gpt-*', provider: p, name: gpt-4o}\n"),
     "w 2:5 no model of `p` is listed: it will never be asked | add one under `models`, or set discover: true\n4:38 an "
     "entry that stands for many models has one `*` in its id and one in its name | write {id: 'gpt-*', "
     "provider: openai, name: 'gpt-*'}, or name: '*' alone\n6:30 `use` names a model that does not exist | there are "
     "none: add it under `models`\n"},
    {"aliases_of_many", models("  - {provider: p, name: '*', aliases: [all]}\n"),
     "4:40 an entry that stands for many models has no aliases | give the one model that is meant an entry of its "
     "own\n"},
    {"wildcard_in_a_rule",
     "providers:\n  - {id: p, kind: openai}\nmodels:\n  - {provider: p, name: '*'}\nroutes:\n  - {name: r, rules: "
     "[{use: "
     "['p/*']}]}\n",
     "6:30 `p/*` stands for many models | name the one that is meant: p/NAME\n"},
    {"larger_context_that_does_not_exist", config("", "", ", larger_context: [big]"),
     "6:53 `larger_context` names a model that does not exist | there are: m\n"},
    {"larger_context_twice", config("", "", ", larger_context: [m, m]"),
     "6:56 `m` is named twice in `larger_context` | keep the first\n"},
    {"parameters",
     config("",
            ", parameters: {drop: [logit_bias, a.b], rename: {max_tokens: max_completion_tokens}, clamp: "
            "{temperature: [0, 1.5]}, default: {seed: 7}, set: {store: false}}"),
     ""},
    {"what_may_not_be_touched", config("", ", parameters: {drop: [messages], set: {stream: true}}"),
     "4:60 `messages` cannot be changed: it holds what the caller says, which the guards have read and nobody changes "
     "| "
     "remove it\n4:85 `stream` cannot be changed: how the answer is read depends on it | remove it\n"},
    {"renamed_to_what_may_not_be_touched", config("", ", parameters: {rename: {engine: model}}"),
     "4:70 `model` cannot be changed: the model's `name` says it | remove it\n"},
    {"clamp_without_bounds", config("", ", parameters: {clamp: {temperature: 1}}"),
     "4:74 `temperature` needs its least and its most | write temperature: [0, 1]\n"},
    {"clamp_upside_down", config("", ", parameters: {clamp: {temperature: [2, 1]}}"),
     "4:74 `temperature` needs its least and its most | write temperature: [0, 1]\n"},
    {"clamp_of_words", config("", ", parameters: {clamp: {temperature: [low, 1]}}"),
     "4:74 `temperature` needs its least and its most | write temperature: [0, 1]\n"},
    {"no_name_of_a_field", config(", parameters: {drop: ['a..b']}"),
     "2:47 this is no name of a field | write its name, with dots for what is within: options.num_ctx\n"},
};
INSTANTIATE_TEST_SUITE_P(each, ChoiceProblems, ::testing::ValuesIn(cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(choice, keys_are_resolved_with_their_weights) {
  World world;
  world.variables = {{"A", "key-a"}, {"B", "key-b"}};
  const auto loaded = world.load(config(", api_keys: [{key: '${A}', weight: 3}, {key: '${B}'}]"));
  const auto& provider = loaded.snapshot.providers[0];
  EXPECT_EQ(provider.api_key, "key-a");
  EXPECT_EQ(provider.credentials, (std::vector<Credential>{{"key-a", 3}, {"key-b", 1}}));
}

TEST(choice, a_list_of_one_key_is_that_key) {
  World world;
  world.variables = {{"A", "key-a"}};
  const auto loaded = world.load(config(", api_keys: [{key: '${A}', weight: 3}]"));
  EXPECT_EQ(loaded.snapshot.providers[0].api_key, "key-a");
  EXPECT_TRUE(loaded.snapshot.providers[0].credentials.empty());
}

TEST(choice, an_alias_is_a_name_for_callers_and_for_rules) {
  const auto loaded = World{}.load(
      "providers:\n  - {id: p, kind: openai}\nmodels:\n  - {id: m, provider: p, name: gpt-4o, aliases: "
      "[fast]}\nroutes:\n "
      " - {name: r, rules: [{use: [fast]}], baseline: fast}\n");
  ASSERT_EQ(problems_of(loaded), "");
  EXPECT_EQ(find_model(loaded.snapshot, "fast"), 0U);
  EXPECT_EQ(loaded.snapshot.routes[0].rules[0].use, std::vector<uint32_t>{0});
  EXPECT_EQ(loaded.snapshot.routes[0].baseline, 0U);
}

TEST(choice, a_model_of_a_wildcard_has_what_the_catalog_and_its_name_say) {
  const auto loaded = World{}.load(
      "providers:\n  - {id: p, kind: openai}\n  - {kind: ollama}\nmodels:\n  - {provider: p, name: '*'}\n  - "
      "{provider: "
      "ollama, name: '*'}\n");
  ASSERT_EQ(problems_of(loaded), "");
  const auto& snapshot = loaded.snapshot;
  EXPECT_TRUE(snapshot.routes[0].rules.back().use.empty()) << "no default route goes by a wildcard";
  const auto resolved = [&](std::string_view name) {
    const auto index = find_model(snapshot, name);
    return index ? model_by_wildcard(snapshot, *index, name) : std::nullopt;
  };
  const auto known = resolved("p/gpt-4o-mini");
  ASSERT_TRUE(known);
  EXPECT_EQ(known->name, "gpt-4o-mini");
  EXPECT_EQ(known->id, "p/gpt-4o-mini");
  EXPECT_EQ(known->prices.input, 150'000);
  EXPECT_EQ(known->context_length, 128'000);
  EXPECT_EQ(known->prices_as_of, "2026-08-21");
  EXPECT_TRUE(known->chat);
  EXPECT_FALSE(known->embeddings);
  const auto vectors = resolved("p/text-embedding-3-small");
  EXPECT_TRUE(vectors->embeddings);
  EXPECT_FALSE(vectors->chat);
  EXPECT_FALSE(resolved("p/gpt-9")->prices.known);
  EXPECT_FALSE(resolved("ollama/llama3:8b")->zone) << "its provider's";
  EXPECT_EQ(resolved("ollama/gpt-oss:120b-cloud")->zone->kind, ZoneKind::cloud);
  EXPECT_EQ(resolved("ollama/kimi-k2:cloud")->zone->kind, ZoneKind::cloud);
}

TEST(choice, a_rule_may_name_a_model_that_only_a_wildcard_stands_for) {
  const auto loaded = World{}.load(
      "providers:\n  - {id: p, kind: openai}\nmodels:\n  - {provider: p, name: '*'}\nroutes:\n  - {name: r, rules: "
      "[{use: "
      "[p/gpt-4o, p/gpt-4o-mini]}], baseline: p/gpt-4o}\n");
  ASSERT_EQ(problems_of(loaded), "");
  ASSERT_EQ(loaded.snapshot.models.size(), 3U);
  EXPECT_EQ(loaded.snapshot.models[1].name, "gpt-4o");
  EXPECT_FALSE(loaded.snapshot.models[1].wildcard);
  EXPECT_EQ(loaded.snapshot.models[1].prices.input, 2'500'000);
  EXPECT_EQ(loaded.snapshot.routes[0].rules[0].use, (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(find_model(loaded.snapshot, "p/gpt-4o"), 1U) << "it has an entry of its own now";
}

TEST(choice, parameters_become_rules_in_the_order_in_which_they_hold) {
  const auto loaded = World{}.load(
      config(", parameters: {drop: seed}",
             ", parameters: {set: {store: false, a.b: [1, '1', ~, {c: 1e400}]}, default: {temperature: 0.2}, clamp: "
             "{max_tokens: [1, 4096]}, rename: {max_tokens: max_completion_tokens}, drop: [logit_bias]}"));
  ASSERT_EQ(problems_of(loaded), "");
  EXPECT_EQ(loaded.snapshot.providers[0].parameters, (ParameterRules{{.path = {"seed"}}}));
  using Act = ParameterRule::Act;
  const ParameterRules wanted = {{.act = Act::drop, .path = {"logit_bias"}},
                                 {.act = Act::rename, .path = {"max_tokens"}, .value = "max_completion_tokens"},
                                 {.act = Act::fallback, .path = {"temperature"}, .value = "0.2"},
                                 {.act = Act::clamp, .path = {"max_tokens"}, .least = "1", .most = "4096"},
                                 {.act = Act::set, .path = {"store"}, .value = "false"},
                                 {.act = Act::set, .path = {"a", "b"}, .value = R"([1,"1",null,{"c":1e400}])"}};
  EXPECT_EQ(loaded.snapshot.models[0].parameters, wanted);
}

}  // namespace
}  // namespace weir::test
