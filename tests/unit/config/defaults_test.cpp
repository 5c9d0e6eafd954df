#include "config/defaults.h"

#include <gtest/gtest.h>

#include "config/render.h"
#include "formats/presets.h"
#include "loading.h"
#include "policies/policy.h"

namespace weir::test {
namespace {

ModelList listed(std::initializer_list<std::string> names) {
  ModelList list;
  for (const auto& name : names) list.models.push_back({.name = name, .owner = {}});
  return list;
}

CatalogLookup priced(std::map<std::string, MicroDollars, std::less<>> outputs) {
  return [outputs = std::move(outputs)](std::string_view, std::string_view model) -> std::optional<CatalogEntry> {
    const auto found = outputs.find(model);
    if (found == outputs.end()) return std::nullopt;
    return CatalogEntry{
        .prices = {.input = found->second / 4, .cached = found->second / 4, .output = found->second, .known = true},
        .as_of = "2026-08-21",
        .deprecated = model.ends_with("-old")};
  };
}

std::vector<std::string> used(const Snapshot& snapshot, std::string_view route) {
  std::vector<std::string> ids;
  for (const auto index : snapshot.routes[snapshot.route_by_name.find(route)->second].rules.back().use)
    ids.push_back(snapshot.models[index].id);
  return ids;
}

class Defaults : public ::testing::Test {
 protected:
  CatalogLookup catalog = priced({{"nano", 400'000},
                                  {"mid", 8'000'000},
                                  {"top", 25'000'000},
                                  {"pro", 600'000'000},
                                  {"gone-old", 7'000'000},
                                  {"other", 5'000'000},
                                  {"tts-1", 1'000}});
  std::vector<Discovered> found = {
      {.kind = "ollama", .url = "http://127.0.0.1:11434", .list = listed({"llama3", "nomic-embed-text"})},
      {.kind = "openai",
       .api_key = "k",
       .list = listed({"top", "tts-1", "mid", "pro", "nano", "gone-old", "text-embedding-3-small"})},
      {.kind = "groq", .api_key = "k", .list = listed({"other", "llama3"})},
  };

  Plan ask(const Snapshot& snapshot, std::string_view name, ClassSet classes = 0,
           Operation operation = Operation::chat) {
    return *decide({.operation = operation, .requested_model = name, .found = classes}, snapshot, {});
  }
};

TEST_F(Defaults, auto_is_local_first_then_one_model_of_each_cloud_from_cheap_to_dear) {
  const auto snapshot = default_snapshot(found, catalog);
  EXPECT_EQ(used(snapshot, "auto"), (std::vector<std::string>{"llama3", "other", "mid"}));
}

TEST_F(Defaults, the_baseline_is_the_dearest_cloud_model_that_is_meant_for_everything) {
  const auto snapshot = default_snapshot(found, catalog);
  EXPECT_EQ(snapshot.models[snapshot.routes[0].baseline.value()].id, "top");
}

TEST_F(Defaults, sensitive_data_stays_local_whatever_is_named) {
  const auto snapshot = default_snapshot(found, catalog);
  for (const ClassSet one : {class_personal, class_financial, class_health, class_secret}) {
    const auto plan = ask(snapshot, "auto", one);
    EXPECT_EQ(plan.kept(), 1U);
    EXPECT_EQ(snapshot.models[plan.candidates[0].model].id, "llama3");
    for (const auto* name : {"mid", "openai/mid", "other"}) {
      EXPECT_EQ(ask(snapshot, name, one).refusal.code, ErrorCode::zone_refused) << name;
    }
    EXPECT_EQ(ask(snapshot, "llama3", one).kept(), 1U);
  }
  EXPECT_EQ(ask(snapshot, "mid").kept(), 1U);
}

TEST_F(Defaults, private_is_local_only_and_refuses_where_there_is_nothing_local) {
  const auto snapshot = default_snapshot(found, catalog);
  EXPECT_EQ(ask(snapshot, "private").kept(), 1U);
  const auto cloud_only = default_snapshot(std::span(found).subspan(1), catalog);
  EXPECT_EQ(ask(cloud_only, "private").refusal.code, ErrorCode::zone_refused);
  EXPECT_EQ(ask(cloud_only, "auto", class_health).refusal.code, ErrorCode::zone_refused);
  EXPECT_EQ(ask(cloud_only, "auto").kept(), 2U);
}

TEST_F(Defaults, embeddings_come_from_one_model_and_a_local_one_first) {
  const auto snapshot = default_snapshot(found, catalog);
  const auto plan = ask(snapshot, "auto", 0, Operation::embedding);
  ASSERT_EQ(plan.candidates.size(), 1U);
  EXPECT_EQ(snapshot.models[plan.candidates[0].model].id, "nomic-embed-text");
  const auto cloud_only = default_snapshot(std::span(found).subspan(1), catalog);
  EXPECT_EQ(cloud_only.models[ask(cloud_only, "auto", 0, Operation::embedding).candidates[0].model].id,
            "text-embedding-3-small");
}

TEST_F(Defaults, names_that_are_taken_get_their_provider_before_them) {
  found.push_back({.kind = "ollama", .url = "http://127.0.0.1:1", .list = listed({"llama3", "auto", "with space"})});
  const auto snapshot = default_snapshot(found, catalog);
  EXPECT_TRUE(snapshot.model_by_id.contains("groq/llama3"));
  EXPECT_TRUE(snapshot.model_by_id.contains("ollama-2/llama3"));
  EXPECT_TRUE(snapshot.model_by_id.contains("ollama-2/auto"));
  EXPECT_EQ(snapshot.model_by_id.count("with space"), 0U);
  EXPECT_EQ(snapshot.model_by_id.size(), snapshot.models.size());
}

TEST_F(Defaults, a_local_kind_at_an_address_of_others_is_cloud) {
  found = {{.kind = "ollama", .url = "https://ollama.example.com", .list = listed({"llama3"})}};
  EXPECT_EQ(default_snapshot(found, catalog).providers[0].zone.kind, ZoneKind::cloud);
  found[0].zone = Zone{.kind = ZoneKind::local};
  EXPECT_EQ(default_snapshot(found, catalog).providers[0].zone.kind, ZoneKind::local);
}

TEST_F(Defaults, nothing_found_is_a_valid_snapshot_that_refuses) {
  const auto snapshot = default_snapshot({}, nullptr);
  EXPECT_EQ(ask(snapshot, "auto").refusal.code, ErrorCode::no_target);
  EXPECT_EQ(snapshot.server.listen, (std::vector<std::string>{"127.0.0.1:4077"}));
}

TEST_F(Defaults, discovered_models_join_and_known_ones_stay) {
  World world;
  auto loaded = world.load(
      "providers: [{kind: ollama}, {kind: openai}]\nmodels: [{id: large, provider: openai, name: gpt-4o}]\n");
  ASSERT_TRUE(loaded.usable());
  auto& snapshot = loaded.snapshot;
  EXPECT_EQ(used(snapshot, "auto"), (std::vector<std::string>{"large"}));
  const std::vector<std::string> names = {"llama3", "qwen3"};
  add_discovered(snapshot, 0, names, catalog);
  add_discovered(snapshot, 0, names, catalog);
  EXPECT_EQ(used(snapshot, "auto"), (std::vector<std::string>{"llama3", "qwen3", "large"}));
  EXPECT_EQ(snapshot.models.size(), 3U);
  EXPECT_EQ(ask(snapshot, "qwen3").kept(), 1U);
}

TEST_F(Defaults, discovery_leaves_routes_of_a_config_alone) {
  auto loaded = World{}.load("providers: [{kind: ollama}]\nroutes: [{name: r, rules: [{use: [ollama/llama3]}]}]\n");
  ASSERT_TRUE(loaded.usable()) << problems_of(loaded);
  add_discovered(loaded.snapshot, 0, std::vector<std::string>{"llama3", "qwen3"}, catalog);
  EXPECT_EQ(used(loaded.snapshot, "r"), (std::vector<std::string>{"ollama/llama3"}));
  EXPECT_EQ(loaded.snapshot.models.size(), 2U);
  EXPECT_EQ(loaded.snapshot.routes.size(), 1U);
}

TEST_F(Defaults, are_shown_as_tables) {
  const auto snapshot = default_snapshot(std::span(found).first(2), catalog);
  EXPECT_TRUE(render_models(snapshot, 80)
                  .starts_with("Model                   Provider  Zone   Context  $ in/1M  $ out/1M  Serves\n"
                               "llama3                  ollama    local        -        -         -  chat\n"
                               "nomic-embed-text        ollama    local        -        -         -  embeddings\n"
                               "top                     openai    cloud        -     6.25        25  chat\n"))
      << render_models(snapshot, 80);
  EXPECT_EQ(render_rules(snapshot.routes[0], snapshot),
            "  1             when any sensitive class: only local\n"
            "  2             when operation embedding: use nomic-embed-text\n"
            "  3             always: use llama3, mid\n");
  EXPECT_EQ(render_plan(ask(snapshot, "auto", class_personal), snapshot, 80),
            "Route     auto\n"
            "Rule 1    holds: when any sensitive class: only local\n"
            "Rule 3    holds: always: use llama3, mid\n"
            "Contains  personal\n"
            "Zones     local\n"
            "\n"
            "#  Model   Zone            Why\n"
            "1  llama3  local  kept     rule 3 names it\n"
            "-  mid     cloud  dropped  rule 1: personal stays in local; this is cloud\n");
  EXPECT_EQ(render_plan(ask(snapshot, "auto", class_personal), snapshot, 40),
            "Route     auto\n"
            "Rule 1    holds: when any sensitive\n"
            "          class: only local\n"
            "Rule 3    holds: always: use llama3, mid\n"
            "Contains  personal\n"
            "Zones     local\n"
            "\n"
            "#  Model   Zone            Why\n"
            "1  llama3  local  kept     rule 3 names\n"
            "                           it\n"
            "-  mid     cloud  dropped  rule 1:\n"
            "                           personal\n"
            "                           stays in\n"
            "                           local; this\n"
            "                           is cloud\n");
}

TEST(default_listen, the_port_is_none_of_those_of_model_servers_and_the_address_stays_on_this_machine) {
  Url url;
  ASSERT_TRUE(parse_url("http://" + std::string(default_listen), url));
  EXPECT_EQ(url.host, "127.0.0.1");
  ASSERT_NE(url.port, 0);
  for (const auto& preset : presets()) EXPECT_NE(url.port, preset.port) << preset.kind;
}

TEST_F(Defaults, what_a_server_tells_of_its_models_counts_where_the_config_does_not_say) {
  auto told = listed({"small", "vectors", "seen"});
  told.models[0].context_length = 8'192;
  told.models[0].tools = false;
  told.models[1].embeds = true;
  told.models[2].images = true;
  const std::vector<Discovered> servers = {{.kind = "llama_server", .list = told}};
  auto snapshot = default_snapshot(servers, {});
  ASSERT_EQ(snapshot.models.size(), 3U);
  EXPECT_EQ(snapshot.models[0].context_length, 8'192);
  EXPECT_FALSE(snapshot.models[0].tools);
  EXPECT_TRUE(snapshot.models[0].images) << "nothing is told of it";
  EXPECT_TRUE(snapshot.models[1].embeddings);
  EXPECT_FALSE(snapshot.models[1].chat);
  EXPECT_TRUE(snapshot.models[2].images);
  snapshot.models[0].context_length = 4'096;
  take_told(snapshot, 0, told);
  EXPECT_EQ(snapshot.models[0].context_length, 4'096) << "what was said before stays";
  told.models[2].context_length = -5;
  take_told(snapshot, 0, told);
  EXPECT_EQ(snapshot.models[2].context_length, 0);
}

}  // namespace
}  // namespace weir::test
