// Workflows of ComfyUI, what servers of one service serve, and how many requests they take at once.
#include <gtest/gtest.h>

#include "loading.h"

namespace weir::test {
namespace {

const std::string good = R"({"6":{"class_type":"CLIPTextEncode","inputs":{"text":"{{prompt}}"}}})";

std::string painter(std::string_view provider, std::string_view model) {
  return fmt::format("providers:\n  - {{kind: comfyui{}}}\nmodels:\n  - {{id: m, provider: comfyui, name: x{}}}\n",
                     provider, model);
}

TEST(workflows, are_read_beside_the_config_and_a_models_own_comes_first) {
  World world;
  const auto other = good + "\n";
  world.files["etc/a.json"] = good;
  world.files["etc/b.json"] = other;
  const auto loaded = world.load(painter(", workflow: a.json", ", workflow: b.json"));
  ASSERT_TRUE(loaded.usable()) << problems_of(loaded);
  EXPECT_EQ(*loaded.snapshot.providers.at(0).workflow, good);
  EXPECT_EQ(*loaded.snapshot.models.at(0).workflow, other);
}

TEST(workflows, that_are_wrong_are_said_with_line_and_mend) {
  struct Case {
    std::string config;
    std::string file;
    std::string problem;  // the beginning of the only one
  };
  const Case cases[] = {
      {painter("", ""), "", "4:5 `m` has no `workflow`, and neither has its provider | add workflow: FILE"},
      {painter(", workflow: a.json", ""), "", "2:31 the file of `workflow` cannot be read"},
      {painter(", workflow: a.json", ""), "{", "2:31 `a.json` is no workflow to be filled in: it is no JSON"},
      {painter("", ", workflow: a.json"), R"({"1":{"class_type":"X"}})",
       "4:51 `a.json` is no workflow to be filled in: it has no {{prompt}} | write {{prompt}}"},
      {"providers:\n  - {kind: ollama, workflow: a.json}\n", good,
       "2:30 only providers of the kind `comfyui` run a `workflow` | remove it"},
  };
  for (const auto& one : cases) {
    World world;
    if (!one.file.empty()) world.files["etc/a.json"] = one.file;
    const auto loaded = world.load(one.config);
    EXPECT_FALSE(loaded.usable()) << one.config;
    EXPECT_TRUE(problems_of(loaded).starts_with(one.problem)) << problems_of(loaded);
  }
}

TEST(workflows, models_of_servers_with_one_service_serve_it_without_being_told) {
  World world;
  world.files["etc/a.json"] = good;
  const auto loaded = world.load(
      "providers:\n  - {kind: comfyui, workflow: a.json}\n  - {kind: automatic1111, slots: 2}\n  - {kind: whispercpp}\n"
      "  - {kind: ollama}\n"
      "models:\n  - {id: a, provider: comfyui, name: x}\n  - {id: b, provider: automatic1111, name: default}\n"
      "  - {id: c, provider: whispercpp, name: x}\n  - {id: d, provider: ollama, name: x}\n");
  ASSERT_TRUE(loaded.usable()) << problems_of(loaded);
  const auto& models = loaded.snapshot.models;
  EXPECT_EQ(models.at(0).serves(), set_of(Operation::image));
  EXPECT_EQ(models.at(1).serves(), set_of(Operation::image));
  EXPECT_EQ(models.at(2).serves(), set_of(Operation::transcription));
  EXPECT_TRUE(holds(models.at(3).serves(), Operation::chat));
  const auto& providers = loaded.snapshot.providers;
  EXPECT_EQ(providers.at(0).slots, 1);
  EXPECT_EQ(providers.at(1).slots, 2);
  EXPECT_EQ(providers.at(2).slots, 1);
  EXPECT_EQ(providers.at(3).slots, 0);
}

}  // namespace
}  // namespace weir::test
