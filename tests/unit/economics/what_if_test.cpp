#include "economics/replay/what_if.h"

#include "recorded.h"

namespace weir::plan {
namespace {

using recorded::config;
using recorded::usual_config;

const std::string both = "      - {use: [small, large], spill: {queue: 1s}}\n";

std::optional<CatalogEntry> catalog(std::string_view provider, std::string_view model) {
  if (provider != "openai" || model != "gpt-4o-mini") return std::nullopt;
  return CatalogEntry{.prices = {.input = 150'000, .cached = 75'000, .output = 600'000, .known = true}};
}

TEST(WhatIfOptions, are_read_or_refused_with_the_mend) {
  EXPECT_EQ(parse_gpus("+1")->number, 1);
  EXPECT_EQ(parse_gpus("gpu1=+2")->provider, "gpu1");
  for (const auto* bad : {"", "1", "+", "+0", "-1", "+x", "+1e3", "gpu1=2", "=+1", "+99999999999999999999", "+1.5"}) {
    const auto parsed = parse_gpus(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_NE(parsed.error().message.find("--gpus"), std::string::npos);
  }
  EXPECT_EQ(parse_slots("box=4")->number, 4);
  for (const auto* bad : {"", "4", "box", "box=", "=4", "box=0", "box=-1", "box=4.5", "box=1000001", "box=nan"}) {
    EXPECT_FALSE(parse_slots(bad)) << bad;
  }
  EXPECT_DOUBLE_EQ(*parse_share("80%"), 0.8);
  EXPECT_DOUBLE_EQ(*parse_share("0.8"), 0.8);
  EXPECT_DOUBLE_EQ(*parse_share("100%"), 1);
  for (const auto* bad : {"", "%", "80", "101%", "-1%", "nan", "1e30", "inf%", "-0.1", "eighty"}) {
    EXPECT_FALSE(parse_share(bad)) << bad;
  }
  EXPECT_DOUBLE_EQ(parse_speed("small=45.5")->output_per_s, 45.5);
  for (const auto* bad : {"", "small", "small=", "=4", "small=0", "small=-1", "small=nan", "small=1e30"}) {
    EXPECT_FALSE(parse_speed(bad)) << bad;
  }
}

TEST(WhatIf, a_machine_more_brings_its_slots_its_places_and_its_price) {
  auto base = config(usual_config(both));
  base.providers[0].queue_limit = 10;
  const auto scenario = apply({.gpus = {{.provider = "", .number = 2}}}, base, "candidate", {});
  ASSERT_TRUE(scenario) << scenario.error().message;
  const auto& box = scenario->snapshot.providers[0];
  EXPECT_EQ(box.slots, 6);
  EXPECT_EQ(box.queue_limit, 30);
  EXPECT_EQ(box.cost_per_hour, 3 * base.providers[0].cost_per_hour);
  EXPECT_EQ(scenario->settings.machines, (std::vector<int64_t>{3, 1}));
  EXPECT_EQ(scenario->settings.name, "candidate, box +2");
}

TEST(WhatIf, slots_are_those_of_one_machine) {
  const auto base = config(usual_config(both));
  const auto scenario =
      apply({.gpus = {{.provider = "box", .number = 1}}, .slots = {{.provider = "box", .number = 8}}}, base, "c", {});
  ASSERT_TRUE(scenario);
  EXPECT_EQ(scenario->snapshot.providers[0].slots, 16);
}

TEST(WhatIf, another_cloud_model_takes_the_place_of_those_in_the_rules) {
  const auto base = config(usual_config(both));
  const auto scenario = apply({.cloud_model = "openai/gpt-4o-mini"}, base, "c", catalog);
  ASSERT_TRUE(scenario) << scenario.error().message;
  const auto& snapshot = scenario->snapshot;
  const auto& use = snapshot.routes[0].rules[0].use;
  ASSERT_EQ(use.size(), 2U);
  EXPECT_EQ(snapshot.models[use[0]].id, "small");
  EXPECT_EQ(snapshot.models[use[1]].id, "openai/gpt-4o-mini");
  EXPECT_EQ(snapshot.models[use[1]].prices.output, 600'000);
  EXPECT_EQ(snapshot.providers[snapshot.models[use[1]].provider].zone.kind, ZoneKind::cloud);
  EXPECT_EQ(*snapshot.routes[0].baseline, *base.routes[0].baseline) << "the yardstick stays";
}

TEST(WhatIf, names_that_do_not_exist_are_refused_with_the_nearest) {
  const auto base = config(usual_config(both));
  const auto no_slots = apply({.slots = {{.provider = "bax", .number = 4}}}, base, "c", {});
  ASSERT_FALSE(no_slots);
  EXPECT_NE(no_slots.error().message.find("`box`"), std::string::npos) << no_slots.error().message;
  const auto not_slotted = apply({.slots = {{.provider = "far", .number = 4}}}, base, "c", {});
  EXPECT_FALSE(not_slotted);
  const auto no_model = apply({.cloud_model = "larg"}, base, "c", catalog);
  ASSERT_FALSE(no_model);
  EXPECT_NE(no_model.error().message.find("`large`"), std::string::npos) << no_model.error().message;
  EXPECT_FALSE(apply({.cloud_model = "small"}, base, "c", catalog)) << "it is not in the cloud";
  const auto nothing = config(usual_config("      - {use: [small]}\n"));
  EXPECT_FALSE(apply({.cloud_model = "openai/gpt-4o-mini"}, nothing, "c", catalog)) << "it would change nothing";
}

}  // namespace
}  // namespace weir::plan
