#include "core/wildcard.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(star, stands_for_what_a_name_may_hold) {
  EXPECT_EQ(star_of("openai/*", "openai/gpt-4o"), "gpt-4o");
  EXPECT_EQ(star_of("gpt-*-mini", "gpt-4o-mini"), "4o");
  EXPECT_EQ(star_of("or/*", "or/meta-llama/llama-3.3-70b:free"), "meta-llama/llama-3.3-70b:free");
  EXPECT_EQ(star_of("*", "anything"), "anything");
  for (const std::string_view no : {"openai/", "openai", "other/gpt", "openai/a b", "openai/a?b", "openai/a#b",
                                    "openai/a%2e", "openai/*", "openai/a\nb", "openai/\xc3\xa4"}) {
    EXPECT_EQ(star_of("openai/*", no), std::nullopt) << no;
  }
  EXPECT_EQ(star_of("gpt-*-mini", "gpt-mini"), std::nullopt);
  EXPECT_EQ(star_of("p/*", "p/" + std::string(126, 'x')), std::string(126, 'x'));
  EXPECT_EQ(star_of("p/*", "p/" + std::string(127, 'x')), std::nullopt) << "too long";
}

TEST(star, makes_no_way_upwards_in_a_path) {
  for (const std::string_view no : {"p/..", "p/../admin", "p/a/../b", "p/./a", "p//a", "p/a/", "p/a//b"}) {
    EXPECT_EQ(star_of("p/*", no), std::nullopt) << no;
  }
  EXPECT_TRUE(star_of("p/*", "p/..a")) << "that is a name";
}

struct Wildcards : ::testing::Test {
  Wildcards() {
    snapshot.providers = {{.id = "openai"}, {.id = "laptop"}};
    snapshot.models.push_back({.id = "large", .provider = 0, .name = "gpt-4o", .aliases = {"best"}});
    snapshot.models.push_back({.id = "openai/*", .provider = 0, .name = "*", .wildcard = true});
    snapshot.models.push_back({.id = "gpt-*", .provider = 0, .name = "gpt-*", .wildcard = true});
    snapshot.models.push_back({.id = "mine-*", .provider = 1, .name = "team/*", .wildcard = true});
    snapshot.routes.push_back({.name = "gpt-route"});
    index_names(snapshot);
  }
  std::string asked(std::string_view name) {
    const auto named = with_named_model(snapshot, name);
    if (!named) return "";
    const auto index = find_model(*named, name);
    const auto& model = named->models[*index];
    return named->providers[model.provider].id + " " + model.name + " as " + model.id;
  }
  Snapshot snapshot;
};

TEST_F(Wildcards, give_the_name_to_their_provider) {
  EXPECT_EQ(asked("openai/o3"), "openai o3 as openai/o3");
  EXPECT_EQ(asked("gpt-5"), "openai gpt-5 as gpt-5");
  EXPECT_EQ(asked("mine-x"), "laptop team/x as mine-x");
  EXPECT_EQ(asked("laptop/team/x"), "laptop team/x as mine-x") << "by the way of its provider";
}

TEST_F(Wildcards, come_after_every_name_that_is_configured) {
  for (const std::string_view own : {"large", "best", "openai/gpt-4o", "gpt-route"}) EXPECT_EQ(asked(own), "") << own;
  EXPECT_EQ(find_model(snapshot, "openai/gpt-4o"), 0U);
  EXPECT_EQ(find_model(snapshot, "best"), 0U);
}

TEST_F(Wildcards, cannot_be_asked_for_themselves) {
  for (const std::string_view pattern : {"openai/*", "gpt-*", "*", "mine-*"}) {
    EXPECT_EQ(find_model(snapshot, pattern), std::nullopt) << pattern;
    EXPECT_EQ(with_named_model(snapshot, pattern), nullptr);
  }
}

TEST_F(Wildcards, leave_all_indices_and_all_other_names_as_they_were) {
  const auto named = with_named_model(snapshot, "openai/o3");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->models.size(), snapshot.models.size());
  EXPECT_EQ(find_model(*named, "openai/o3"), 1U);
  EXPECT_FALSE(named->models[1].wildcard);
  EXPECT_EQ(find_model(*named, "large"), 0U);
  EXPECT_EQ(find_model(snapshot, "openai/o3"), 1U) << "in the config's own snapshot it is the wildcard";
}

TEST_F(Wildcards, are_resolved_by_whoever_knows_the_names) {
  snapshot.resolve = [](ModelSettings& model, const ProviderSettings& provider) {
    model.context_length = static_cast<int64_t>(model.name.size() + provider.id.size());
  };
  EXPECT_EQ(model_by_wildcard(snapshot, 1, "openai/o3")->context_length, 8);
}

}  // namespace
}  // namespace weir
